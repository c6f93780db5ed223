"""The archive bundle (归档包): one file that another machine can verify byte by byte (docs/bundle-format.md).

A bundle is a ZIP with exactly one way to be written: no compression, no times, names in order. So a change anywhere, in
the content or in the ZIP's own bytes, is found by writing it anew and comparing.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

from kaohe.domain.envelopes import receipt, receipt_list
from kaohe.domain.errors import BundleBroken
from kaohe.domain.record_chain import (
    ChainEntry,
    acts_of_round,
    broken_at,
    is_signed,
    key_fingerprint,
    public_half,
    sign,
)
from kaohe.domain.recorded_digests import ballots_digest, receipts_digest, text_digest
from kaohe.domain.setup_documents import thaw_setup
from kaohe.tally.scheme.refusals import TallyError
from kaohe.tally.scheme_document.document import scheme_document

FORMAT = 2
MANIFEST, SIGNATURE, RECORD, BALLOTS = "manifest.json", "manifest.sig", "record.jsonl", "ballots.csv"
SETUP, SCHEME, SUBJECTS, INPUTS = "setup.json", "scheme.json", "subjects.json", "inputs.json"
NUMBERS, RECEIPTS, ENVELOPES = "numbers.json", "receipts.txt", "envelopes.txt"
RESULT, KEPT = "result.json", "kept.json"
_MUST_HAVE = {SIGNATURE, RECORD, SETUP, SCHEME, SUBJECTS, INPUTS, NUMBERS}
_OF_BALLOTS = {BALLOTS, RECEIPTS}
_OF_A_PURGED_ROUND = {KEPT}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _OWNER_READS = 3, 0o600 << 16


@dataclass(frozen=True, slots=True)
class BundleOrigin:
    """The round that a bundle is of, and the salt of its ballots' digest in the record; '' once they are purged."""

    meeting_id: str
    round_number: int
    ballots_salt: str


@dataclass(frozen=True, slots=True)
class CheckedBundle:
    """A bundle in which every byte is as it was written."""

    origin: BundleOrigin
    key_fingerprint: str
    entries: Sequence[ChainEntry]
    files: Mapping[str, bytes]

    @property
    def receipts_key(self) -> bytes | None:
        """The public half that signed receipts are checked with, as the opening recorded it; None without."""
        signer = acts_of_round(self.entries, self.origin.round_number)["opened"].get("signer")
        return bytes.fromhex(signer) if signer else None

    @property
    def purged_at(self) -> str | None:
        """When the ballots were destroyed, in UTC as the record has it; None where the bundle holds them."""
        return next((entry.at for entry in self.entries if entry.act == "purged"), None)

    @property
    def title(self) -> str:
        """Unit and title of the meeting as they were frozen at the opening, which the head binds."""
        try:
            setup = json.loads(self.files[SETUP])
            return " ".join(part for part in (setup["unit"], setup["title"]) if part)
        except (ValueError, KeyError, TypeError):
            return "（未写明）"


def pack_bundle(origin: BundleOrigin, files: Mapping[str, bytes], signing_key: bytes) -> bytes:
    """The bundle's bytes; the same files and key give the same bytes."""
    manifest = {
        "format": FORMAT,
        "meeting": origin.meeting_id,
        "round": origin.round_number,
        "ballots_salt": origin.ballots_salt,
        "public_key": public_half(signing_key).hex(),
        "files": {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()
        },
    }
    text = (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    return _written({MANIFEST: text, SIGNATURE: sign(signing_key, text), **files})


def check_bundle(data: bytes) -> CheckedBundle:
    """Read a bundle and find it whole: container, signature, every file, the chained record, and the ballots in it.

    Once the record says that the ballots were purged, the counts that were kept stand in their place.

    Raises:
        BundleBroken: at the first thing that is changed, missing, added or out of order.
    """
    files = _read(data)
    manifest = _manifest(files)
    public_key = bytes.fromhex(manifest["public_key"])
    if not is_signed(public_key, files[SIGNATURE], files[MANIFEST]):
        raise BundleBroken("归档包的签名不符：清单被改动过。")
    listed: dict[str, Any] = manifest["files"]
    for name in sorted({*listed, *files} - {MANIFEST, SIGNATURE}):
        if name not in files or name not in listed:
            raise BundleBroken(f"归档包{'缺少' if name in listed else '多出'}文件 {name}。")
        if hashlib.sha256(files[name]).hexdigest() != listed[name]["sha256"]:
            raise BundleBroken(f"归档包中的 {name} 被改动过。")
    if _written(files) != data:
        raise BundleBroken("归档包的外壳被改动过：内容与清单相符，但文件不是原样。")
    origin = BundleOrigin(manifest["meeting"], manifest["round"], manifest["ballots_salt"])
    entries = record_entries(files[RECORD])
    seq = broken_at(origin.meeting_id, entries, public_key)
    if seq is not None:
        raise BundleBroken(f"操作记录的第 {seq} 条被改动过，或前后有缺失。")
    _require_recorded(origin, entries, files)
    return CheckedBundle(origin, key_fingerprint(public_key), entries, files)


def record_text(entries: Iterable[ChainEntry]) -> bytes:
    """The record as the bundle holds it: one entry a line."""
    return "".join(f"{json.dumps(asdict(entry), ensure_ascii=False)}\n" for entry in entries).encode()


def record_entries(text: bytes) -> list[ChainEntry]:
    """What ``record_text`` wrote.

    Raises:
        BundleBroken: the lines are not such a record.
    """
    try:
        return [ChainEntry(**json.loads(line)) for line in text.decode().splitlines()]
    except (ValueError, TypeError) as error:
        raise BundleBroken("归档包中的操作记录无法读取。") from error


def version_file(number: int, name: str) -> str:
    """Where a bundle holds ``inputs.json`` or ``result.json`` of a version that was corrected later."""
    return f"versions/{number}/{name}"


def _require_recorded(origin: BundleOrigin, entries: Sequence[ChainEntry], files: Mapping[str, bytes]) -> None:
    """What the files hold is what the record speaks of; before the publication it does not fix inputs and numbers."""
    recorded = acts_of_round(entries, origin.round_number)
    if "opened" not in recorded or "counted" not in recorded or "voided_round" in recorded:
        raise BundleBroken("操作记录里没有本轮的开始投票或开箱计票，或本轮已经作废：记录被删改过，或归档包不是本轮的。")
    boxes = [recorded[act].get("box") for act in ("stripped", "destroyed") if act in recorded]
    if boxes and (None in boxes or len(set(boxes)) > 1):
        raise BundleBroken("操作记录里拆票时的票箱与计票后销毁的票箱不是同一个。")
    if not _is_drawn_from_setup(files):
        raise BundleBroken("归档包中的方案和名单与操作记录所载的不符。")
    for act, name, digest, what in (
        ("opened", "setup", text_digest(files[SETUP].decode()), "方案和名单与操作记录所载"),
        *(_kept_digests if "purged" in recorded else _ballot_digests)(origin, entries, files),
        ("published", "numbers", text_digest(files[NUMBERS].decode()), "应到、实到、发出、收回各数与公布时所记"),
    ):
        if act in recorded and recorded[act].get(name) != digest:
            raise BundleBroken(f"归档包中的{what}的不符。")
    _require_versions(origin, entries, files)


_Digests = Iterable[tuple[str, str, str, str]]
"""(act, name in its detail, digest that it must have, what it is of)"""


def _ballot_digests(origin: BundleOrigin, entries: Sequence[ChainEntry], files: Mapping[str, bytes]) -> _Digests:
    """What the count must say of the ballots and their receipts."""
    _require_kind(files, _OF_BALLOTS, _OF_A_PURGED_ROUND)
    rows = [line.split(",")[1:] for line in files[BALLOTS].decode().splitlines()[1:]]
    receipts = files[RECEIPTS].decode().splitlines()
    _require_listed(origin, entries, files, receipts)
    yield "counted", "ballots", ballots_digest(origin.ballots_salt, rows), "选票与操作记录所载"
    yield "counted", "receipts", receipts_digest(receipts), "回执清单与计票时所记"


def _kept_digests(origin: BundleOrigin, _: Sequence[ChainEntry], files: Mapping[str, bytes]) -> _Digests:
    """What the purge must say of the counts that were kept; nothing of a single ballot is left beside them."""
    _require_kind(files, _OF_A_PURGED_ROUND, {*_OF_BALLOTS, ENVELOPES})
    kept = text_digest(files[KEPT].decode())
    yield "purged", f"counts_{origin.round_number}", kept, "票数与清除选票时所记"


def _require_kind(files: Mapping[str, bytes], own: set[str], of_the_other: set[str]) -> None:
    """A bundle holds ballots until they are purged, and the counts from then on; never both, and never neither."""
    for wrong, what in ((own - set(files), "缺少"), (of_the_other & set(files), "多出")):
        if wrong:
            raise BundleBroken(f"归档包{what}文件 {min(wrong)}。")


def _require_listed(
    origin: BundleOrigin, entries: Sequence[ChainEntry], files: Mapping[str, bytes], receipts: Sequence[str]
) -> None:
    """The list of digests is that of the stripping, and the receipts are cut from it, but for the tellers' own.

    A box that an earlier version has stripped has no such list, and its record does not speak of one.
    """
    stripped = acts_of_round(entries, origin.round_number).get("stripped", {})
    if ENVELOPES not in files and "envelopes" not in stripped:
        return
    text = files.get(ENVELOPES, b"").decode()
    if stripped.get("envelopes") != text_digest(text):
        raise BundleBroken("归档包中的信封摘要清单与拆票时所记的不符。")
    named = challenged_receipts(origin, entries)
    try:
        digests = [bytes.fromhex(line) for line in text.splitlines()]
    except ValueError:
        digests = []
    if receipt_list(digest for digest in digests if receipt(digest) not in named) != list(receipts):
        raise BundleBroken("归档包中的回执清单与信封摘要清单不是同一批票。")


def challenged_receipts(origin: BundleOrigin, entries: Iterable[ChainEntry]) -> set[str]:
    """The receipts of the tellers' own ballots, which were opened to be compared and are not counted."""
    said = [entry.detail["receipts"] for entry in entries if entry.act == "challenged" and _is_of(entry, origin)]
    return {each for text in said for each in text.split("、")}


def _require_versions(origin: BundleOrigin, entries: Sequence[ChainEntry], files: Mapping[str, bytes]) -> None:
    """Every version of the published result was made from what the record says of it, and none is left out."""
    said = [entry.detail for entry in entries if entry.act in ("published", "corrected") and _is_of(entry, origin)]
    names = [version_file(number, INPUTS) for number in range(1, len(said))]
    strange = [name for name in files if name.startswith("versions/") and name.endswith(INPUTS) and name not in names]
    numbers = [int(detail.get("version", "1")) for detail in said]
    if numbers != list(range(1, len(said) + 1)) or strange:
        raise BundleBroken("归档包中的各版结果与操作记录所载的更正不符。")
    for detail, name in zip(said, [*names, INPUTS], strict=False):
        if name not in files or detail.get("inputs") != text_digest(files[name].decode()):
            raise BundleBroken("归档包中的其他成绩、往期和认定与公布时所记的不符。")


def _is_of(entry: ChainEntry, origin: BundleOrigin) -> bool:
    return entry.detail.get("round") == str(origin.round_number)


def _is_drawn_from_setup(files: Mapping[str, bytes]) -> bool:
    """Whether scheme and subjects, which the recount reads, are those of the frozen set-up."""
    try:
        text = files[SETUP].decode()
        scheme, subjects = json.loads(files[SCHEME]), json.loads(files[SUBJECTS])
        is_same_scheme: bool = scheme == scheme_document(thaw_setup(text).full_scheme)
        is_same_list: bool = subjects == json.loads(text)["subjects"]
    except (ValueError, KeyError, TypeError, TallyError):
        return False
    return is_same_scheme and is_same_list


def _manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(files[MANIFEST])
        bytes.fromhex(manifest["public_key"])
        is_known = manifest["format"] == FORMAT
        is_well_formed = isinstance(manifest["files"], dict) and isinstance(manifest["round"], int)
    except (KeyError, TypeError, ValueError) as error:
        raise BundleBroken("这不是归档包，或清单已损坏。") from error
    if not (is_known and is_well_formed):
        raise BundleBroken("这不是本版本认识的归档包。")
    missing = sorted(_MUST_HAVE - set(files))
    if missing:
        raise BundleBroken(f"归档包缺少文件 {missing[0]}。")
    return manifest


def _read(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(BytesIO(data)) as bundle:
            infos = bundle.infolist()
            # Anything else would be written differently, and might unpack to more than memory holds.
            is_plain = all(info.compress_type == zipfile.ZIP_STORED for info in infos)
            is_small = sum(info.file_size for info in infos) <= len(data)
            files = {info.filename: bundle.read(info) for info in infos} if is_plain and is_small else {}
    # The ZIP reader fails on damaged bytes in many ways; each of them means the same.
    except Exception as error:
        raise BundleBroken from error
    if len(files) != len(infos):
        raise BundleBroken
    return files


def _written(files: Mapping[str, bytes]) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as bundle:
        for name in (MANIFEST, SIGNATURE, *sorted(set(files) - {MANIFEST, SIGNATURE})):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = _UNIX, _OWNER_READS
            bundle.writestr(info, files[name])
    return target.getvalue()
