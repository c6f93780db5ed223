"""The archive bundle: complete, the same each time, verified to the byte and recounted by a program of its own."""

from __future__ import annotations

import csv
import io
import json
import secrets
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from scene import CHAIR, THREE_GROUPS, Scene, cast, hold_meeting
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
from kaohe.domain.errors import BundleBroken, GroupTooSmall, RecordBroken, WrongState
from kaohe.domain.record_chain import sign
from kaohe.operations.archiving import make_bundle, make_bundle_for_console
from kaohe.operations.chairing import close_meeting, publish_result, record_numbers, void_round
from kaohe.operations.opening import count_meeting
from kaohe.operations.recording import record_head
from kaohe.storage.database import transaction

MARKS = ("excellent", "competent", "basically_competent", "incompetent", "abstain")


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
        ({"manifest_json": b'{"format": 1}'}, "清单"),
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
        make_bundle_for_console(scene.meeting_id, 1)


def test_there_is_no_bundle_of_a_round_that_is_not_counted_or_void_or_whose_record_was_changed() -> None:
    scene = hold_meeting()
    with pytest.raises(WrongState):
        make_bundle(scene.meeting_id)
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    with transaction() as session:
        session.execute(text("UPDATE events SET actor = '别人' WHERE act = 'closed'"))
    with pytest.raises(RecordBroken):
        make_bundle(scene.meeting_id)
    void_round(CHAIR, scene.meeting_id, "核对有误")
    with pytest.raises(WrongState):
        make_bundle(scene.meeting_id, 1)
