"""Every byte of a bundle counts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from types import MappingProxyType
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
    kept_counts_digest,
    new_ballots_salt,
    numbers_digest,
    pack_bundle,
    receipts_digest,
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
    also_says: Mapping[str, dict[str, str]] = MappingProxyType({}),
) -> bytes:
    """A bundle as it is written, ``changed`` before it was signed; ``also_says`` adds to an act, or a whole act."""
    details = {
        "opened": {"round": "1", "setup": setup_digest(setup)},
        "counted": {"round": "1", "ballots": ballots_digest("salt", ROWS)},
        "published": {"round": "1", **({"inputs": inputs_digest("{}")} if published is None else published)},
    }
    for act, more in also_says.items():
        details[act] = {"round": "1", **details.get(act, {}), **more}
    said = [
        (act, {n: value for n, value in detail.items() if n not in says_nothing_of})
        for act, detail in details.items()
        if act not in says_nothing_of
    ]
    entries, prev = [], chain_start("m")
    for seq, (act, detail) in enumerate(said, start=1):
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


def test_a_new_salt_is_too_long_to_guess_and_never_the_same() -> None:
    salts = {new_ballots_salt() for _ in range(100)}
    assert len(salts) == 100
    assert all(re.fullmatch(r"[0-9a-f]{64}", salt) for salt in salts)


@pytest.mark.parametrize("digest", [setup_digest, inputs_digest, numbers_digest, kept_counts_digest])
def test_a_digest_of_a_text_is_its_sha256_so_that_anybody_can_compute_it(digest: Callable[[str], str]) -> None:
    assert digest("考核") == "bdbf6d05f7bae9abaddf75a80b434088fdda0b51d813e6d8f57b3782407c3201"


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


def test_a_round_that_was_voided_has_no_bundle() -> None:
    with pytest.raises(BundleBroken, match="已经作废"):
        check_bundle(small_bundle(also_says={"voided_round": {}}))


@pytest.mark.parametrize("written", [b"1", None])
def test_the_numbers_are_those_that_were_published(written: bytes | None) -> None:
    says = {"published": {"numbers": numbers_digest("2")}}
    assert check_bundle(small_bundle(also_says=says, changed=lambda files: files.update({"numbers.json": b"2"})))
    with pytest.raises(BundleBroken, match="应到、实到、发出、收回各数与公布时所记的不符"):
        check_bundle(
            small_bundle(
                also_says=says, changed=lambda files: files.update({"numbers.json": written} if written else {})
            )
        )


def test_the_receipts_are_those_of_the_ballots_that_were_counted() -> None:
    says = {"counted": {"receipts": receipts_digest(["AAAA", "BBBB"])}}
    whole = _say_receipts(b"AAAA\nBBBB\n")
    assert check_bundle(small_bundle(also_says=says, changed=whole))
    for fewer_or_other in (_say_receipts(b"AAAA\n"), _say_receipts(b"AAAA\nCCCC\n"), lambda _: None):
        with pytest.raises(BundleBroken, match="回执清单与计票时所记的不符"):
            check_bundle(small_bundle(also_says=says, changed=fewer_or_other))


def test_the_box_that_was_destroyed_is_the_one_that_was_stripped() -> None:
    assert check_bundle(small_bundle(also_says={"stripped": {"box": "b1"}}))
    assert check_bundle(small_bundle(also_says={"stripped": {"box": "b1"}, "destroyed": {"box": "b1"}}))
    with pytest.raises(BundleBroken, match="不是同一个"):
        check_bundle(small_bundle(also_says={"stripped": {"box": "b1"}, "destroyed": {"box": "b2"}}))


def test_a_checked_bundle_is_called_by_the_unit_and_title_that_were_frozen() -> None:
    found = check_bundle(small_bundle())
    assert found.title == "测评"
    unit = json.loads(SETUP) | {"unit": "水务局"}
    assert replace(found, files={"setup.json": json.dumps(unit).encode()}).title == "水务局 测评"
    for unreadable in (b"{", b"{}", b"[]"):
        assert replace(found, files={"setup.json": unreadable}).title == "（未写明）"


def _say_receipts(text: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({"receipts.txt": text})


def test_a_container_that_is_packed_tighter_or_holds_a_name_twice_is_not_unpacked() -> None:
    files = {"manifest.json": b"{}" * 99}
    with pytest.raises(BundleBroken):
        check_bundle(_zipped(files, ZIP_DEFLATED))
    twice = BytesIO(_zipped(files))
    with pytest.warns(UserWarning, match="Duplicate"), ZipFile(twice, "a") as bundle:
        bundle.writestr("manifest.json", b"{}")
    with pytest.raises(BundleBroken):
        check_bundle(twice.getvalue())
