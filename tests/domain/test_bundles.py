"""Every byte of a bundle counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest

from kaohe.domain import bundles
from kaohe.domain.bundles import (
    BundleOrigin,
    ballot_columns,
    ballot_row,
    ballots_digest,
    ballots_salt,
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
from kaohe.tally.scheme_document.document import scheme_document

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


def small_bundle(
    setup: str = SETUP,
    *,
    left_out: str = "",
    changed: Callable[[dict[str, bytes]], None] = lambda _: None,
    says_nothing_of: tuple[str, ...] = (),
    published: dict[str, str] | None = None,
) -> bytes:
    """A bundle as it is written, ``changed`` before it was signed."""
    details = [
        ("opened", {"round": "1", "setup": setup_digest(setup)}),
        ("counted", {"round": "1", "ballots": ballots_digest("salt", ROWS)}),
        ("published", {"round": "1", **({"inputs": inputs_digest("{}")} if published is None else published)}),
    ]
    details = [(act, {n: value for n, value in detail.items() if n not in says_nothing_of}) for act, detail in details]
    entries, prev = [], chain_start("m")
    for seq, (act, detail) in enumerate((each for each in details if each[0] not in says_nothing_of), start=1):
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
    changed(files)
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


def test_each_round_has_a_salt_of_its_own_that_hangs_on_the_signing_key() -> None:
    assert ballots_salt(KEY, "r1") == ballots_salt(KEY, "r1")
    assert len({ballots_salt(KEY, "r1"), ballots_salt(KEY, "r2"), ballots_salt(bytes(32), "r1")}) == 3


def _packed_anew(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A bundle put together again by somebody who has no key to sign with."""
    with ZipFile(BytesIO(data)) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    change(files)
    return _zipped(files)


def _zipped(files: dict[str, bytes], how: int = ZIP_STORED) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", how) as bundle:
        for name, content in files.items():
            bundle.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, how)
    return target.getvalue()


def _say_otherwise(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new)

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_say_otherwise("manifest.json", b'"round": 1', b'"round": 2'), "归档包的签名不符"),
        (_say_otherwise("manifest.json", b'"round": 1', b'"round": "1"'), "缺少文件"),
        (_say_otherwise("manifest.json", b"{", b"["), "这不是归档包"),
        (_say_otherwise("ballots.csv", b"excellent", b"competent"), "ballots.csv 被改动过"),
        (lambda files: files.update({"z.txt": b""}), "多出文件 z.txt"),
        (lambda files: files.pop("documents/汇总表.csv"), "缺少文件 documents/汇总表.csv"),
        (lambda files: files.update({"manifest.json": files.pop("manifest.json")}), "外壳被改动过"),
    ],
)
def test_what_somebody_without_the_key_changes_is_named(change, says: str) -> None:
    with pytest.raises(BundleBroken, match=says):
        check_bundle(_packed_anew(small_bundle(), change))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_say_otherwise("setup.json", "张伟".encode(), "王伟".encode()), "方案和名单与操作记录所载的不符"),
        (_say_otherwise("subjects.json", "张伟".encode(), "王伟".encode()), "方案和名单与操作记录所载的不符"),
        (_say_otherwise("scheme.json", b'"title"', b'"titel"'), "方案和名单与操作记录所载的不符"),
        (_say_otherwise("scheme.json", b"{", b"["), "方案和名单与操作记录所载的不符"),
        (_say_otherwise("ballots.csv", b"excellent", b"competent"), "选票与操作记录所载的不符"),
        (_say_otherwise("record.jsonl", "王主持".encode(), "李主持".encode()), "操作记录的第 1 条被改动过"),
        (_say_otherwise("record.jsonl", b"{", b"["), "操作记录无法读取"),
        (_say_otherwise("record.jsonl", b'"seq"', b'"sequence"'), "操作记录无法读取"),
    ],
)
def test_not_even_who_has_the_key_can_pack_what_the_record_does_not_say(change, says: str) -> None:
    with pytest.raises(BundleBroken, match=says):
        check_bundle(small_bundle(changed=change))


def test_a_record_from_before_it_spoke_of_ballots_is_taken_as_it_is() -> None:
    change = _say_otherwise("ballots.csv", b"excellent", b"competent")
    assert check_bundle(small_bundle(changed=change, says_nothing_of=("setup", "ballots", "round")))


@pytest.mark.parametrize("missing", ["opened", "counted", "ballots"])
def test_a_record_that_should_speak_of_ballots_and_does_not_is_broken(missing: str) -> None:
    with pytest.raises(BundleBroken, match="记录被删改过"):
        check_bundle(small_bundle(says_nothing_of=(missing,)))


def test_a_container_that_is_packed_tighter_or_holds_a_name_twice_is_not_unpacked() -> None:
    files = {"manifest.json": b"{}" * 99}
    with pytest.raises(BundleBroken):
        check_bundle(_zipped(files, ZIP_DEFLATED))
    twice = BytesIO(_zipped(files))
    with pytest.warns(UserWarning, match="Duplicate"), ZipFile(twice, "a") as bundle:
        bundle.writestr("manifest.json", b"{}")
    with pytest.raises(BundleBroken):
        check_bundle(twice.getvalue())
