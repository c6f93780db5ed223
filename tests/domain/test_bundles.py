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
from kaohe.domain.bundles import BundleOrigin, check_bundle, pack_bundle, record_text
from kaohe.domain.envelopes import receipt, receipt_list
from kaohe.domain.errors import BundleBroken
from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup
from kaohe.domain.record_chain import ChainEntry, chain_start, entry_digest, public_half, sign
from kaohe.domain.recorded_digests import (
    ballot_columns,
    ballot_row,
    ballots_digest,
    new_ballots_salt,
    receipts_digest,
    receipts_text,
    text_digest,
)
from kaohe.domain.setup_documents import freeze_setup, thaw_setup
from kaohe.domain.signed_receipts import digests_text
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
RECEIPTS = ["AAAA", "BBBB"]
DIGESTS = [bytes([number]) * 32 for number in (1, 2, 3)]


def small_bundle(
    setup: str = SETUP,
    *,
    changed: Callable[[dict[str, bytes]], None] = lambda _: None,
    says_nothing_of: tuple[str, ...] = (),
    also_says: Mapping[str, dict[str, str]] = MappingProxyType({}),
) -> bytes:
    """A bundle as it is written, ``changed`` before it was signed; ``also_says`` adds to an act, or a whole act."""
    details = {
        "opened": {"round": "1", "setup": text_digest(setup)},
        "stripped": {"round": "1", "box": "b1"},
        "counted": {"round": "1", "ballots": ballots_digest("salt", ROWS), "receipts": receipts_digest(RECEIPTS)},
        "published": {"round": "1", "inputs": text_digest("{}"), "numbers": text_digest("2")},
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
        "numbers.json": b"2",
        "receipts.txt": b"AAAA\nBBBB\n",
        "ballots.csv": ballots.encode(),
        "record.jsonl": record_text(entries),
        "documents/汇总表.csv": b"x",
    }
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


def listed_bundle(listed: str | None, **said: str) -> bytes:
    """A bundle whose three receipts are cut from digests, one of a ballot of the tellers' own."""
    whole = digests_text(DIGESTS)
    counted = receipt_list(DIGESTS[1:])
    own = {"receipts": receipt(DIGESTS[0])}

    def change(files: dict[str, bytes]) -> None:
        files["receipts.txt"] = receipts_text(counted).encode()
        if listed is not None:
            files["envelopes.txt"] = listed.encode()

    return small_bundle(
        changed=change,
        also_says={
            "opened": {"signer": public_half(KEY).hex()},
            "stripped": {"envelopes": text_digest(whole), **said},
            "challenged": own,
            "counted": {"receipts": receipts_digest(counted)},
        },
    )


def test_the_list_of_digests_is_that_of_the_stripping_and_the_receipts_are_cut_from_it() -> None:
    whole = digests_text(DIGESTS)
    assert check_bundle(listed_bundle(whole)).receipts_key == public_half(KEY)
    assert check_bundle(small_bundle()).receipts_key is None
    fewer = digests_text(DIGESTS[:2])
    for listed, said in (
        (None, {}),
        (fewer, {}),
        (fewer, {"envelopes": text_digest(fewer)}),
        ("no digest\n", {"envelopes": text_digest("no digest\n")}),
    ):
        with pytest.raises(BundleBroken, match="信封摘要清单"):
            check_bundle(listed_bundle(listed, **said))


@pytest.mark.parametrize("missing", ["inputs.json", "numbers.json", "receipts.txt", "ballots.csv"])
def test_a_bundle_that_lacks_a_file_is_none(missing: str) -> None:
    with pytest.raises(BundleBroken, match=f"缺少文件 {missing}"):
        check_bundle(small_bundle(changed=lambda files: files.pop(missing)))


KEPT_COUNTS = '{"salt": "s"}'


def purged_bundle(changed: Callable[[dict[str, bytes]], None] = lambda _: None, said: str = KEPT_COUNTS) -> bytes:
    """A bundle whose ballots were destroyed; ``changed`` before it was signed."""

    def without_ballots(files: dict[str, bytes]) -> None:
        del files["ballots.csv"], files["receipts.txt"]
        files["kept.json"] = KEPT_COUNTS.encode()
        changed(files)

    return small_bundle(changed=without_ballots, also_says={"purged": {"counts_1": text_digest(said)}})


def test_once_the_ballots_are_purged_the_counts_of_the_record_stand_in_their_place() -> None:
    assert check_bundle(purged_bundle()).purged_at == "2026-12-18T09:00:00.000000+00:00"
    assert check_bundle(small_bundle()).purged_at is None
    for broken in (
        purged_bundle(lambda files: files.update({"kept.json": b'{"salt": "t"}'})),
        purged_bundle(said="other counts"),
    ):
        with pytest.raises(BundleBroken, match="票数与清除选票时所记的不符"):
            check_bundle(broken)


@pytest.mark.parametrize("name", ["ballots.csv", "receipts.txt", "envelopes.txt"])
def test_a_bundle_of_a_purged_round_holds_nothing_of_a_single_ballot(name: str) -> None:
    with pytest.raises(BundleBroken, match=f"多出文件 {name}"):
        check_bundle(purged_bundle(lambda files: files.update({name: b""})))


def test_counts_stand_for_ballots_only_where_the_record_says_that_these_were_purged() -> None:
    with pytest.raises(BundleBroken, match="多出文件 kept"):
        check_bundle(small_bundle(changed=lambda files: files.update({"kept.json": b"{}"})))
    with pytest.raises(BundleBroken, match="缺少文件 kept"):
        check_bundle(purged_bundle(lambda files: files.pop("kept.json")))


@pytest.mark.parametrize("written", [1, 3])
def test_a_bundle_of_another_format_is_refused(monkeypatch: pytest.MonkeyPatch, written: int) -> None:
    with monkeypatch.context() as other:
        other.setattr(bundles, "FORMAT", written)
        data = small_bundle()
    with pytest.raises(BundleBroken, match="本版本"):
        check_bundle(data)


def test_before_the_publication_inputs_and_numbers_may_still_change() -> None:
    change = _say_otherwise("numbers.json", b"2", b"3")
    assert check_bundle(small_bundle(changed=change, says_nothing_of=("published",)))


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


def test_a_digest_of_a_text_is_its_sha256_so_that_anybody_can_compute_it() -> None:
    assert text_digest("考核") == "bdbf6d05f7bae9abaddf75a80b434088fdda0b51d813e6d8f57b3782407c3201"


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
        (_say_otherwise("manifest.json", b'"round": 1', b'"round": "1"'), "本版本"),
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


@pytest.mark.parametrize("missing", ["opened", "counted"])
def test_a_record_without_the_opening_or_the_count_of_the_round_is_broken(missing: str) -> None:
    with pytest.raises(BundleBroken, match="记录被删改过"):
        check_bundle(small_bundle(says_nothing_of=(missing,)))


@pytest.mark.parametrize(
    ("silent", "says"),
    [
        ("setup", "方案和名单"),
        ("ballots", "选票"),
        ("receipts", "回执清单"),
        ("inputs", "其他成绩"),
        ("numbers", "应到"),
        ("box", "票箱"),
    ],
)
def test_a_record_that_is_silent_on_what_it_should_fix_is_broken(silent: str, says: str) -> None:
    with pytest.raises(BundleBroken, match=says):
        check_bundle(small_bundle(says_nothing_of=(silent,)))


def test_a_round_that_was_voided_has_no_bundle() -> None:
    with pytest.raises(BundleBroken, match="已经作废"):
        check_bundle(small_bundle(also_says={"voided_round": {}}))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("numbers.json", b"1", "应到、实到、发出、收回各数与公布时所记的不符"),
        ("inputs.json", b"[]", "其他成绩、往期和认定与公布时所记的不符"),
        ("receipts.txt", b"AAAA\n", "回执清单与计票时所记的不符"),
        ("receipts.txt", b"AAAA\nCCCC\n", "回执清单与计票时所记的不符"),
    ],
)
def test_numbers_inputs_and_receipts_are_those_of_the_record(name: str, content: bytes, says: str) -> None:
    with pytest.raises(BundleBroken, match=says):
        check_bundle(small_bundle(changed=lambda files: files.update({name: content})))


def test_the_box_that_was_destroyed_is_the_one_that_was_stripped() -> None:
    assert check_bundle(small_bundle(also_says={"destroyed": {"box": "b1"}}))
    with pytest.raises(BundleBroken, match="不是同一个"):
        check_bundle(small_bundle(also_says={"destroyed": {"box": "b2"}}))


def test_a_checked_bundle_is_called_by_the_unit_and_title_that_were_frozen() -> None:
    found = check_bundle(small_bundle())
    assert found.title == "测评"
    unit = json.loads(SETUP) | {"unit": "水务局"}
    assert replace(found, files={"setup.json": json.dumps(unit).encode()}).title == "水务局 测评"
    for unreadable in (b"{", b"{}", b"[]"):
        assert replace(found, files={"setup.json": unreadable}).title == "（未写明）"


def test_a_container_that_is_packed_tighter_or_holds_a_name_twice_is_not_unpacked() -> None:
    files = {"manifest.json": b"{}" * 99}
    with pytest.raises(BundleBroken):
        check_bundle(_zipped(files, ZIP_DEFLATED))
    twice = BytesIO(_zipped(files))
    with pytest.warns(UserWarning, match="Duplicate"), ZipFile(twice, "a") as bundle:
        bundle.writestr("manifest.json", b"{}")
    with pytest.raises(BundleBroken):
        check_bundle(twice.getvalue())


def test_every_version_of_a_corrected_result_is_held_against_the_record() -> None:
    corrected = {
        "corrected": {"version": "2", "reason": "录入有误", "inputs": text_digest("{}"), "numbers": text_digest("2")}
    }
    first = {"published": {"inputs": text_digest("[]")}}

    def with_first(text: bytes, name: str = "versions/1/inputs.json") -> Callable[[dict[str, bytes]], None]:
        return lambda files: files.update({name: text})

    assert check_bundle(small_bundle(changed=with_first(b"[]"), also_says={**first, **corrected}))
    for change in (lambda _: None, with_first(b"{}"), with_first(b"[]", "versions/7/inputs.json")):
        with pytest.raises(BundleBroken, match="不符"):
            check_bundle(small_bundle(changed=change, also_says={**first, **corrected}))
    with pytest.raises(BundleBroken, match="更正不符"):
        check_bundle(small_bundle(changed=with_first(b"[]"), also_says=first))
