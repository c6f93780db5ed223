"""What a unit wants on a meeting's sheets: marks in their heads (密级, 份号, 内部资料), and who signs below."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from typing import Final

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import LABEL_LENGTH

_MOST_SIGNERS: Final = 7
_LONGEST_SIGNER: Final = 11
"""With （签字）： behind it, it stands in a third of an upright A4 page."""
_BETWEEN: Final = re.compile("[、，,；;\n]")
_PLACE: Final = re.compile("([（(]签[字名章][）)])?[：:]?$")
"""What the sheets print behind who signs, and an office may copy from them."""
_INTERNAL: Final = "内部资料 注意保存"
_IN_EVERY_FONT: Final = "gbk"
"""The characters that a Chinese font has, ★ among them, by the name of their code."""


@dataclass(frozen=True, slots=True)
class SheetMarks:
    """What stands in the head of every sheet of a meeting, and who signs those of its result."""

    secrecy: str = ""
    """密级 and how long it holds, as the unit writes it: 秘密★1年; '' for none."""
    copy_number: str = ""
    """份号; '' for none."""
    is_internal: bool = False
    """Whether the sheets are 内部资料."""
    vote_signers: tuple[str, ...] = ()
    """Who signs what was counted in the hall; as is usual where nobody is named."""
    office_signers: tuple[str, ...] = ()
    """Who signs what the office put together: lists of names, registers, a result that nobody voted on."""

    def signed_like(self, other: SheetMarks) -> SheetMarks:
        """These marks with those who sign another meeting's sheets."""
        return replace(self, vote_signers=other.vote_signers, office_signers=other.office_signers)

    @property
    def pieces(self) -> tuple[str, ...]:
        """The marks as they are printed, side by side; none where nothing is to be printed."""
        number = f"份号：{self.copy_number}" if self.copy_number else ""
        internal = _INTERNAL if self.is_internal else ""
        return tuple(piece for piece in (self.secrecy, number, internal) if piece)


def checked_marks(marks: SheetMarks) -> SheetMarks:
    """Marks as they were typed, their white space folded.

    Raises:
        FieldInvalid: one is too long or cannot be printed, or too many are to sign; the sentence says which.
    """
    typed = (("密级", marks.secrecy), ("份号", marks.copy_number))
    folded = [" ".join(text.split()) for _, text in typed]
    for (label, _), text in zip(typed, folded, strict=True):
        if len(text) > LABEL_LENGTH or not (text.isprintable() or not text):
            raise FieldInvalid(f"{label}应为一行，不超过 {LABEL_LENGTH} 个字。")
        _refuse_the_unprintable(label, text)
    return SheetMarks(
        folded[0],
        folded[1],
        marks.is_internal,
        _checked_signers(marks.vote_signers),
        _checked_signers(marks.office_signers),
    )


def signers_typed(text: str) -> tuple[str, ...]:
    """Who signs, as an office types it in one line: 填表人、审核人、党组书记."""
    return tuple(name for part in _BETWEEN.split(text) if (name := _PLACE.sub("", part.strip()).strip()))


def _checked_signers(signers: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(" ".join(name.split()) for name in signers)
    if len(names) > _MOST_SIGNERS or any(len(name) > _LONGEST_SIGNER or not name.isprintable() for name in names):
        raise FieldInvalid(f"签字人最多 {_MOST_SIGNERS} 个，每个不超过 {_LONGEST_SIGNER} 个字，用顿号分开。")
    _refuse_the_unprintable("签字人", "".join(names))
    return names


def _refuse_the_unprintable(label: str, text: str) -> None:
    """Every file shows these texts, so that a PDF could not be made at all where no font has one of the characters."""
    lacking = next((each for each in text if not each.encode(_IN_EVERY_FONT, "ignore")), "")
    if lacking:
        raise FieldInvalid(f"{label}中的“{lacking}”不能保证在各种表上印出，请只用常用的汉字、字母、数字和标点。")


def marks_text(marks: SheetMarks) -> str:
    """Marks as they are stored; '' for none."""
    return json.dumps(asdict(marks), ensure_ascii=False) if marks != SheetMarks() else ""


def read_marks(text: str) -> SheetMarks:
    """Marks as ``marks_text`` wrote them."""
    if not text:
        return SheetMarks()
    kept = json.loads(text)
    signers = {name: tuple(kept.get(name, ())) for name in ("vote_signers", "office_signers")}
    return SheetMarks(**(kept | signers))
