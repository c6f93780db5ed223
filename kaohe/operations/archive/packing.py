"""Packs the files of counted rounds into one ZIP (打包), apart from the hall where a server has said so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kaohe.domain.errors import KaoheError, PackingBusy
from kaohe.operations.apart import Tell, do_apart, works_apart
from kaohe.operations.archive.documents import Document, all_documents, archive_name
from kaohe.operations.archive.filing import Filing, load_filing, without_ballots
from kaohe.operations.setup.preparing import load_meeting
from kaohe.storage.installation import recently_used, this_memory
from kaohe.storage.read_views import end_read_view

_NOT_FILED: Final = "未归档的会议.txt"
_DONE: Final = "打包完成，文件已交给浏览器保存。"
_STOPPED: Final = "打包没有完成，请看提示后再试一次。"
_MEMORY: Final = "packing"


@dataclass(frozen=True, slots=True)
class PackedRound:
    """A round whose files are packed; the latest one and its latest version where no numbers are given."""

    meeting_id: str
    number: int | None = None
    version: int | None = None
    with_ballots: bool = False
    """Whether whoever takes them may see whole ballots."""

    def load(self) -> Filing:
        """The sheets of the meeting, as far as whoever takes them may see them.

        Raises:
            What ``load_filing`` raises.
        """
        filing = load_filing(self.meeting_id, self.number, self.version)
        return filing if self.with_ballots else without_ballots(filing)


def pack(rounds: Sequence[PackedRound], job: str = "") -> Document:
    """Every file of the rounds in one ZIP file, in a process of its own where the server has said so. Ends the view.

    The same rounds give the same bytes. Of several rounds each has a folder of its own, and one that cannot be filed is
    named with the reason in a text. ``packing_text(job)`` says meanwhile what it is at.

    Raises:
        PackingBusy: this server packs for somebody else.
        WorkStopped: the process that packs has ended before its work.
        What ``load_filing`` raises, where it is one round.
    """
    memory, texts = this_memory(_MEMORY), recently_used(_MEMORY + " texts", 100)
    if memory.get("busy"):
        raise PackingBusy
    memory["busy"] = True
    last = _STOPPED
    try:
        texts.keep(job, "正在准备打包……")
        asked = {"rounds": [asdict(each) for each in rounds]}
        tell: Tell = lambda text: texts.keep(job, text)  # noqa: E731 - typed as what hears it
        made = do_apart("pack", asked, tell) if works_apart() else _packed(rounds, tell)
        last = _DONE
    finally:
        memory["busy"] = False
        texts.keep(job, last)
    name, _, content = made.partition(b"\n")
    return Document(json.loads(name), content)


def packing_text(job: str) -> tuple[str, bool]:
    """What this server's packing is at, and whether it has ended; ('', False) where it has not begun here."""
    text: str = recently_used(_MEMORY + " texts", 100).recall(job) or ""
    return text, text in (_DONE, _STOPPED)


def pack_here(asked: Mapping[str, Any], told: Tell) -> bytes:
    """The packing, in the fresh process."""
    return _packed([PackedRound(**each) for each in asked["rounds"]], told)


def _packed(rounds: Sequence[PackedRound], told: Tell) -> bytes:
    """The name as JSON on a line of its own, and the ZIP."""
    if len(rounds) == 1:
        filing = rounds[0].load()
        # Files are made slowly enough not to keep a view of the database open meanwhile.
        end_read_view()
        content, name = all_in_one(filing, told), archive_name(filing)
    else:
        content, name = _all_of_many(rounds, told), f"归档文件（{len(rounds)}场）"
    return json.dumps(f"{name}.zip").encode() + b"\n" + content


def all_in_one(filing: Filing, told: Tell = lambda _: None) -> bytes:
    """Every file of a round in one ZIP file; the same round gives the same bytes."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as packed:
        _write(packed, "", filing, lambda number: told(f"已生成 {number} 个文件"))
    return target.getvalue()


def _all_of_many(rounds: Sequence[PackedRound], told: Tell) -> bytes:
    target, left_out = BytesIO(), []
    with ZipFile(target, "w", ZIP_DEFLATED) as packed:
        for at, each in enumerate(rounds, start=1):
            told(f"正在打包第 {at} 场，共 {len(rounds)} 场")
            try:
                filing = each.load()
            except KaoheError as error:
                setup, _ = load_meeting(each.meeting_id)
                left_out.append(f"{at:03} {setup.unit}{setup.title}：{error.message}")
                continue
            _write(packed, f"{at:03} {archive_name(filing)}/", filing)
        if left_out:
            _put(packed, _NOT_FILED, "\r\n".join(left_out).encode("utf-8-sig"))
    return target.getvalue()


def _write(packed: ZipFile, folder: str, filing: Filing, written: Callable[[int], object] = lambda _: None) -> None:
    for number, document in enumerate(all_documents(filing), start=1):
        _put(packed, f"{folder}{document.name}", document.content)
        written(number)


def _put(packed: ZipFile, name: str, content: bytes) -> None:
    # Without a time of its own, so that the same files are the same ZIP.
    packed.writestr(ZipInfo(name), content, ZIP_DEFLATED)
