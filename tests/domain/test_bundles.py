"""Every byte of a bundle counts."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from kaohe.domain import bundles
from kaohe.domain.bundles import (
    BundleOrigin,
    ballot_columns,
    ballot_row,
    ballots_digest,
    check_bundle,
    inputs_digest,
    pack_bundle,
    record_text,
    setup_digest,
)
from kaohe.domain.errors import BundleBroken
from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup
from kaohe.domain.record_chain import ChainEntry, chain_start, entry_digest, sign
from kaohe.domain.setup_documents import freeze_setup, thaw_setup
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject, SubjectKind
from kaohe.tally.scheme_document import scheme_document

KEY = bytes(range(32))
SCHEME = load_preset("si-deng")
SETUP = freeze_setup(
    MeetingSetup(
        id="m",
        title="测评",
        unit="",
        held_on=None,
        scheme=SCHEME,
        subjects=(Subject("s1", "张伟"),),
        groups=(Group("all", "全体", Fraction(1), 2),),
        hall_view=HallView.TURNOUT,
        custody=Custody.SERVER,
        shared_group=None,
        ballot_list_wanted=False,
        version=1,
    )
)
ROWS = [["all", "excellent"], ["all", "competent"]]


def small_bundle(setup: str = SETUP, *, left_out: str = "", published: dict[str, str] | None = None) -> bytes:
    details = [
        ("opened", {"round": "1", "setup": setup_digest(setup)}),
        ("counted", {"round": "1", "ballots": ballots_digest("salt", ROWS)}),
        ("published", {"round": "1", **({"inputs": inputs_digest("{}")} if published is None else published)}),
    ]
    entries, prev = [], chain_start("m")
    for seq, (act, detail) in enumerate(details, start=1):
        digest = entry_digest(seq, "2026-12-18T09:00:00.000000+00:00", "王主持", act, detail, prev)
        entries.append(
            ChainEntry(
                seq,
                "2026-12-18T09:00:00.000000+00:00",
                "王主持",
                act,
                detail,
                prev,
                digest,
                sign(KEY, digest.encode()).hex(),
            )
        )
        prev = digest
    ballots = "ballot,group,s1|d1\n" + "".join(f"{n},{','.join(row)}\n" for n, row in enumerate(ROWS, start=1))
    files = {
        "setup.json": setup.encode(),
        "scheme.json": json.dumps(scheme_document(thaw_setup(setup).full_scheme), ensure_ascii=False).encode(),
        "subjects.json": json.dumps(json.loads(SETUP)["subjects"], ensure_ascii=False).encode(),
        "inputs.json": b"{}",
        "ballots.csv": ballots.encode(),
        "record.jsonl": record_text(entries),
        "documents/汇总表.csv": b"x",
    }
    files.pop(left_out, None)
    return pack_bundle(BundleOrigin("m", 1, "salt"), files, KEY)


def test_a_change_of_any_single_byte_is_found() -> None:
    data = small_bundle()
    assert check_bundle(data).origin == BundleOrigin("m", 1, "salt")
    for place in range(len(data)):
        for change in (1, 0x20, 0xFF):
            changed = bytes([*data[:place], data[place] ^ change, *data[place + 1 :]])
            with pytest.raises(BundleBroken):
                check_bundle(changed)


def test_a_bundle_of_format_1_which_has_no_inputs_is_still_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BundleBroken, match="缺少文件"):
        check_bundle(small_bundle(left_out="inputs.json"))
    monkeypatch.setattr(bundles, "FORMAT", 1)
    assert check_bundle(small_bundle(left_out="inputs.json", published={}))
    with pytest.raises(BundleBroken, match="公布时所记"):
        check_bundle(small_bundle(left_out="inputs.json"))
    monkeypatch.setattr(bundles, "FORMAT", 3)
    with pytest.raises(BundleBroken, match="本版本"):
        check_bundle(small_bundle())


def test_a_set_up_that_was_frozen_before_there_were_sections_names_none() -> None:
    frozen = json.loads(SETUP)
    for subject in frozen["subjects"]:
        del subject["section"]
    assert check_bundle(small_bundle(json.dumps(frozen, ensure_ascii=False)))


def test_the_columns_of_the_ballots_are_dimensions_then_questions_of_each_subject() -> None:
    whole = load_preset("ganbu-zonghe")
    subjects = (Subject("bureau", "水务局", kind=SubjectKind.TEAM), Subject("head", "张局长", section="head"))
    columns = ballot_columns(whole, subjects)

    assert columns[:2] == (("bureau", "politics"), ("bureau", "achievement"))
    assert columns[5] == ("bureau", "reverse.solidarity")
    assert columns[-1] == ("head", "intent")
    assert ballot_row(columns[:2], "all", {("bureau", "achievement"): "good"}) == ("all", "", "good")


def test_every_truncation_and_every_addition_is_found() -> None:
    data = small_bundle()
    for length in range(0, len(data), 7):
        with pytest.raises(BundleBroken):
            check_bundle(data[:length])
    for longer in (data + b"\0", b"\0" + data, data + data):
        with pytest.raises(BundleBroken):
            check_bundle(longer)


def test_two_bytes_that_have_changed_places_are_found() -> None:
    data = small_bundle()
    for place in range(len(data) - 1):
        if data[place] != data[place + 1]:
            with pytest.raises(BundleBroken):
                check_bundle(data[:place] + data[place + 1 : place + 2] + data[place : place + 1] + data[place + 2 :])


def test_the_digest_of_the_ballots_hangs_on_every_ballot_and_on_no_order() -> None:
    assert ballots_digest("salt", ROWS) == ballots_digest("salt", ROWS[::-1])
    assert ballots_digest("salt", ROWS) != ballots_digest("other", ROWS)
    assert ballots_digest("salt", ROWS) != ballots_digest("salt", ROWS[:1])
