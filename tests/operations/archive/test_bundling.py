"""The archive bundle: complete, the same each time, verified to the byte and recounted by a program of its own."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from scene import CHAIR, THREE_GROUPS, Scene, cast, hold_meeting, prepare_meeting, put_scheme
from sqlalchemy import text

from kaohe import recount
from kaohe.domain.bundles import (
    MANIFEST,
    SIGNATURE,
    BundleOrigin,
    check_bundle,
    pack_bundle,
    record_entries,
    record_text,
)
from kaohe.domain.errors import BundleBroken, CountAltered, GroupTooSmall, RecordBroken, WrongState
from kaohe.domain.record_chain import ChainEntry, chain_start, entry_digest, head_text, sign
from kaohe.operations.archive.bundling import load_bundle_for_console, make_bundle
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.importing_scores import import_scores
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.recording import record_head
from kaohe.operations.hall.boards import record_numbers
from kaohe.operations.setup.deciding import decide
from kaohe.schemes import parse_scheme_text
from kaohe.storage.database import transaction
from kaohe.storage.installation import these_secrets
from kaohe.tally.model import Decision

MARKS = ("excellent", "competent", "basically_competent", "incompetent", "abstain")

HALF_FROM_ELSEWHERE = """
format = 1
key = "half"
title = "一半来自日常检查"
grades = [{ key = "excellent", label = "优秀", points = 100 }, { key = "competent", label = "称职", points = 80 }]
dimensions = [{ key = "overall", label = "总体评价", weight = 100 }]
bonus_limit = 5
clauses = [{ key = "bonus", label = "加分", effect = "bonus" }]
components = [
  { key = "checks", label = "日常检查", weight = 50, source = "imported" },
  { key = "votes", label = "民主测评", weight = 50, source = "votes" },
]
"""


def counted(*, ballots: int = 7, **settings: object) -> Scene:
    scene = hold_meeting(**settings)
    for number, code in enumerate(scene.all_codes[:ballots]):
        cast(scene.meeting_id, code, *(MARKS[(number + place) % 5] for place in range(3)))
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id, scene.key_text)
    return scene


def rewritten(data: bytes, **changes: bytes | None) -> bytes:
    """The same bundle with other content in some files, or without them, written as the product writes it."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            content = changes.get(info.filename.replace(".", "_"), old.read(info))
            if content is not None:
                new.writestr(info, content)
    return target.getvalue()


def test_a_bundle_verifies_and_its_recount_is_the_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene = counted(ballot_list_wanted=True, comments_wanted=True)
    data = make_bundle(scene.meeting_id).content
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)

    checked = check_bundle(data)

    assert recount.main([str(path)]) == 0
    assert "完全一致：7 张票，3 个考核对象" in capsys.readouterr().out
    assert sum(name.startswith("documents/") for name in checked.files) >= 4
    assert len(checked.files["receipts.txt"].decode().split()) == 7
    assert [entry.act for entry in checked.entries][-3:] == ["stripped", "counted", "destroyed"]
    assert record_head(scene.meeting_id) is not None


def test_a_change_of_a_byte_of_a_real_bundle_is_found_wherever_it_is() -> None:
    """Every byte of a small bundle is tried with the pure parts; here some of every part of a whole one."""
    data = make_bundle(counted(comments_wanted=True).meeting_id).content
    places = [*range(0, len(data), len(data) // 150), *range(len(data) - 40, len(data))]
    for place in places:
        with pytest.raises(BundleBroken):
            check_bundle(bytes([*data[:place], data[place] ^ 1, *data[place + 1 :]]))


def test_the_same_state_gives_the_same_bytes() -> None:
    scene = counted()
    first = make_bundle(scene.meeting_id).content

    assert make_bundle(scene.meeting_id).content == first
    publish_result(CHAIR, scene.meeting_id)
    assert make_bundle(scene.meeting_id).content != first


def test_weighted_groups_and_typed_numbers_are_recounted_too(tmp_path: Path) -> None:
    scene = counted(groups=THREE_GROUPS, ballots=40)
    record_numbers(CHAIR, scene.meeting_id, "a", present=6, left_over=0)
    path = tmp_path / "bundle.zip"
    path.write_bytes(make_bundle(scene.meeting_id).content)

    assert recount.main([str(path)]) == 0


def test_nothing_in_a_bundle_tells_when_or_by_which_ticket_a_ballot_was_cast() -> None:
    scene = counted()
    files = check_bundle(make_bundle(scene.meeting_id).content).files
    header = next(csv.reader(io.StringIO(files["ballots.csv"].decode())))

    assert header[:2] == ["ballot", "group"]
    assert all("|" in column for column in header[2:])
    for code in scene.all_codes:
        assert not any(code.encode() in data for data in files.values())


def test_a_file_changed_removed_or_added_is_named() -> None:
    data = make_bundle(counted().meeting_id).content

    for changes, word in (
        ({"result_json": b"{}"}, "result.json"),
        ({"receipts_txt": None}, "receipts.txt"),
        ({"manifest_json": b'{"format": 2}'}, "清单"),
    ):
        with pytest.raises(BundleBroken, match=word):
            check_bundle(rewritten(data, **changes))
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        files = {name: old.read(name) for name in old.namelist()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as new:
        for name, content in {**files, "more.txt": b"x"}.items():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    with pytest.raises(BundleBroken, match="多出"):
        check_bundle(target.getvalue())


def test_whoever_signs_anew_with_a_key_of_his_own_still_cannot_change_ballots_or_setup() -> None:
    """The digests of both stand in the record, whose head was printed and photographed."""
    data = make_bundle(counted().meeting_id).content
    checked = check_bundle(data)
    files = {name: content for name, content in checked.files.items() if name not in (MANIFEST, SIGNATURE)}
    own_key = secrets.token_bytes(32)
    lines = files["ballots.csv"].decode().splitlines(keepends=True)
    fewer = {**files, "ballots.csv": "".join(lines[:-1]).encode()}
    other = {**files, "setup.json": files["setup.json"].replace("张伟".encode(), "张三".encode())}

    points = {**files, "scheme.json": files["scheme.json"].replace(b'"100"', b'"99"', 1)}
    assert points != files
    for forged in (fewer, other, points):
        with pytest.raises(BundleBroken):
            check_bundle(pack_bundle(checked.origin, _resigned(forged, own_key), own_key))
    with pytest.raises(BundleBroken, match="操作记录"):
        check_bundle(pack_bundle(checked.origin, files, own_key))
    with pytest.raises(BundleBroken, match="操作记录"):
        check_bundle(pack_bundle(BundleOrigin("other", 1, ""), _resigned(files, own_key), own_key))


def _resigned(files: dict[str, bytes], key: bytes) -> dict[str, bytes]:
    entries = record_entries(files["record.jsonl"])
    anew = [replace(entry, signature=sign(key, entry.digest.encode()).hex()) for entry in entries]
    return {**files, "record.jsonl": record_text(anew)}


def test_a_difference_between_ballots_and_result_is_told_line_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_bundle(counted().meeting_id).content
    result = json.loads(check_bundle(data).files["result.json"])
    result["subjects"][0]["score"], result["subjects"][1]["rank"] = "99.99", "9"
    path = tmp_path / "bundle.zip"
    path.write_bytes(rewritten(data, result_json=json.dumps(result).encode()))

    assert recount.main([str(path)]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert [line[:4] for line in printed] == ["不一致：", "不一致：", "重新计票"]
    assert "记载 99.99" in printed[0]


def test_the_console_gives_no_bundle_that_shows_a_small_group() -> None:
    scene = counted(groups=THREE_GROUPS, ballots=10)

    assert check_bundle(make_bundle(scene.meeting_id).content)
    with pytest.raises(GroupTooSmall):
        load_bundle_for_console(scene.meeting_id, 1)


def test_there_is_no_bundle_of_a_round_that_is_not_counted_or_void_or_whose_record_was_changed() -> None:
    scene = hold_meeting()
    with pytest.raises(WrongState):
        make_bundle(scene.meeting_id)
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    with transaction() as session:
        session.execute(text("UPDATE record_entries SET actor = '别人' WHERE act = 'closed'"))
    with pytest.raises(RecordBroken):
        make_bundle(scene.meeting_id)
    void_round(CHAIR, scene.meeting_id, "核对有误")
    with pytest.raises(WrongState):
        make_bundle(scene.meeting_id, 1)


def with_scores_from_elsewhere() -> str:
    """A published meeting in which half of the score was imported and one decision made."""
    scene = prepare_meeting()
    put_scheme(scene.meeting_id, parse_scheme_text(HALF_FROM_ELSEWHERE))
    open_meeting(CHAIR, scene.meeting_id)
    for code in scene.all_codes[:6]:
        cast(scene.meeting_id, code, "excellent", "competent", "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    import_scores(CHAIR, scene.meeting_id, "checks", {"s1": Fraction(90), "s2": Fraction("85.5"), "s3": Fraction(60)})
    decide(CHAIR, scene.meeting_id, Decision("s1", "bonus", "获市级表彰", Fraction(3)))
    publish_result(CHAIR, scene.meeting_id)
    return scene.meeting_id


def test_what_was_brought_beside_the_votes_is_fixed_when_the_hall_is_told(tmp_path: Path) -> None:
    """Even whoever holds the installation's own signing key cannot exchange a score that came from elsewhere."""
    meeting_id = with_scores_from_elsewhere()
    data = make_bundle(meeting_id).content
    (tmp_path / "bundle.zip").write_bytes(data)
    assert recount.main([str(tmp_path / "bundle.zip")]) == 0
    checked = check_bundle(data)
    key = these_secrets().signing_key
    files = {name: content for name, content in checked.files.items() if name not in (MANIFEST, SIGNATURE)}
    kinder = files["inputs.json"].replace(b'"60"', b'"95"')
    more = files["inputs.json"].replace(b'"3"', b'"5"')
    assert len({files["inputs.json"], kinder, more}) == 3

    for forged in ({**files, "inputs.json": kinder}, {**files, "inputs.json": more}):
        with pytest.raises(BundleBroken, match="公布时所记"):
            check_bundle(pack_bundle(checked.origin, forged, key))

    photographed = next(head_text(entry.digest) for entry in checked.entries if entry.act == "published")
    rewritten_record = _rechained(meeting_id, checked.entries, key, inputs=hashlib.sha256(kinder).hexdigest())
    again = check_bundle(
        pack_bundle(checked.origin, {**files, "inputs.json": kinder, "record.jsonl": rewritten_record}, key)
    )
    assert photographed not in {head_text(entry.digest) for entry in again.entries}


def test_a_score_that_was_changed_in_the_database_after_the_publication_gets_into_no_bundle() -> None:
    meeting_id = with_scores_from_elsewhere()
    with transaction() as session:
        session.execute(text("UPDATE imported_scores SET score = '95' WHERE subject_key = 's3'"))

    with pytest.raises(CountAltered, match="其他成绩"):
        make_bundle(meeting_id)


def _rechained(meeting_id: str, entries: Sequence[ChainEntry], key: bytes, **published: str) -> bytes:
    """The record as somebody with the key would write it anew, with another publication in it."""
    anew, prev = [], chain_start(meeting_id)
    for entry in entries:
        detail = {**entry.detail, **published} if entry.act == "published" else entry.detail
        digest = entry_digest(entry.seq, entry.at, entry.actor, entry.act, detail, prev)
        signature = sign(key, digest.encode()).hex()
        anew.append(replace(entry, detail=detail, prev=prev, digest=digest, signature=signature))
        prev = digest
    return record_text(anew)
