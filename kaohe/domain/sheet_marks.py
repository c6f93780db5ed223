"""Marks in the head of a meeting's sheets, where a unit wants them: 密级, 份号, 内部资料."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import LABEL_LENGTH

_INTERNAL: Final = "内部资料 注意保存"


@dataclass(frozen=True, slots=True)
class SheetMarks:
    """What stands in the head of every sheet of a meeting."""

    secrecy: str = ""
    """密级 and how long it holds, as the unit writes it: 秘密★1年; '' for none."""
    copy_number: str = ""
    """份号; '' for none."""
    is_internal: bool = False
    """Whether the sheets are 内部资料."""

    @property
    def pieces(self) -> tuple[str, ...]:
        """The marks as they are printed, side by side; none where nothing is to be printed."""
        number = f"份号：{self.copy_number}" if self.copy_number else ""
        internal = _INTERNAL if self.is_internal else ""
        return tuple(piece for piece in (self.secrecy, number, internal) if piece)


def checked_marks(marks: SheetMarks) -> SheetMarks:
    """Marks as they were typed, their white space folded.

    Raises:
        FieldInvalid: one is too long or cannot be printed.
    """
    typed = (("密级", marks.secrecy), ("份号", marks.copy_number))
    folded = [" ".join(text.split()) for _, text in typed]
    for (label, _), text in zip(typed, folded, strict=True):
        if len(text) > LABEL_LENGTH or not (text.isprintable() or not text):
            raise FieldInvalid(f"{label}应为一行，不超过 {LABEL_LENGTH} 个字。")
    return SheetMarks(folded[0], folded[1], marks.is_internal)


def marks_text(marks: SheetMarks) -> str:
    """Marks as they are stored; '' for none."""
    return json.dumps(asdict(marks), ensure_ascii=False) if marks.pieces else ""


def read_marks(text: str) -> SheetMarks:
    """Marks as ``marks_text`` wrote them."""
    return SheetMarks(**json.loads(text)) if text else SheetMarks()
