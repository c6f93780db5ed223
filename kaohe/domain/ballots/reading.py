"""Parses a posted form into a ballot, or refuses it and says what to correct."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from kaohe.domain.ballots.cells import Cell
from kaohe.domain.ballots.fields import ABSTAIN, LEFT_OUT, comment_field, item_field, left_out_field
from kaohe.domain.ballots.styles import COMMENTS_BYTES, Ballot, BallotStyle, StyleSection
from kaohe.domain.errors import (
    AnswerUnknown,
    BallotIncomplete,
    CommentTooLong,
    ItemUnknown,
    LeftOutButMarked,
    MarkDoubled,
    MarkUnknown,
    NonceInvalid,
    NumberOffScale,
    OverLimit,
    UnderLimit,
)
from kaohe.domain.limits import COMMENT_LENGTH
from kaohe.tally.model import Subject
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scores.numbers import read_number

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_NAMES_SHOWN = 5
"""How many names fit a line on a phone."""
_AS_TYPED = {0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF0E: ".", 0x3002: ".", 0xFF0D: "-"}
"""What a Chinese keyboard writes for digits, for the point (two ways) and for a minus."""


def read_ballot(style: BallotStyle, fields: Iterable[tuple[str, str]]) -> Ballot:
    """The ballot in a posted form, every cell checked.

    ``fields`` are all pairs that were posted under names with one of ``BALLOT_PREFIXES``, repeats included.

    Raises:
        MarkDoubled, ItemUnknown, MarkUnknown, NumberOffScale, AnswerUnknown, LeftOutButMarked, BallotIncomplete,
        OverLimit, UnderLimit, CommentTooLong.
    """
    given = list(fields)
    if any(times > 1 for times in Counter(name for name, _ in given).values()):
        raise MarkDoubled
    posted = dict(given)
    marks, missing = _read_marks(style, posted)
    comments = _read_comments(style, posted)
    if posted:
        raise ItemUnknown
    if missing:
        left = list(dict.fromkeys(missing))
        shown = "、".join(left[:_NAMES_SHOWN]) + ("等" if len(left) > _NAMES_SHOWN else "")
        raise BallotIncomplete(f"还有 {len(left)} 个考核对象没有评完：{shown}。请补齐后再提交。")
    for section in style.sections:
        _require_within_limits(section, marks, is_alone=len(style.sections) == 1)
    return Ballot(marks, comments)


def fields_of(style: BallotStyle, ballot: Ballot) -> Iterator[tuple[str, str]]:
    """The pairs from which ``read_ballot`` reads this ballot."""
    left_out: set[str] = set()
    for cell in style.cells:
        mark = ballot.marks.get((cell.subject, cell.item), "")
        if mark == LEFT_OUT:
            left_out.add(cell.subject)
        elif mark:
            yield cell.field, mark
    yield from ((left_out_field(key), LEFT_OUT) for key in sorted(left_out))
    yield from ((comment_field(key), text) for key, text in ballot.comments.items())


def judge_opened(style: BallotStyle, ballot: Ballot) -> Ballot:
    """A ballot that a phone has sealed unseen, judged like a posted one, with its comments cleaned.

    Raises:
        The refusals of ``read_ballot``; and ItemUnknown where the marks are none that a form could have posted.
    """
    judged = read_ballot(style, fields_of(style, ballot))
    if judged.marks != ballot.marks:
        raise ItemUnknown
    return judged


def read_typed_number(scale: NumberScale, typed: str) -> Fraction | None:
    """The number of the scale that a voter typed, full-width digits read as digits; None where it is none."""
    return read_number(scale, typed.strip().translate(_AS_TYPED))


def read_nonce(nonce: str) -> str:
    """Validate the phone's retry nonce and return it.

    Raises:
        NonceInvalid: shorter than 16 or longer than 64 characters, or with others than letters, digits, ``-``, ``_``.
    """
    if not _NONCE.fullmatch(nonce):
        raise NonceInvalid
    return nonce


def _read_marks(style: BallotStyle, posted: dict[str, str]) -> tuple[dict[tuple[str, str], str], list[str]]:
    """The marks, taken out of ``posted``, and the name of a subject for every cell that is still to be filled."""
    left_out = _read_left_out(style, posted)
    fallbacks = _fallbacks(style)
    names = {subject.key: subject.full_name for subject in style.subjects}
    marks: dict[tuple[str, str], str] = {}
    missing: list[str] = []
    for cell in style.cells:
        typed = posted.pop(cell.field, "") or fallbacks.get(cell.field, "")
        if cell.subject in left_out:
            if typed:
                raise LeftOutButMarked(f"“{names[cell.subject]}”已选“不评”，又填了评价，请只保留一样后再提交。")
            if not cell.is_answer:
                marks[cell.subject, cell.item] = LEFT_OUT
        elif typed:
            marks[cell.subject, cell.item] = _read_mark(style, cell, typed, names[cell.subject])
        elif not cell.is_answer:
            missing.append(names[cell.subject])
    return marks, missing


def _read_left_out(style: BallotStyle, posted: dict[str, str]) -> set[str]:
    found = set()
    for section in style.sections:
        for subject in section.subjects if section.may_leave_out else ():
            left_out = posted.pop(left_out_field(subject.key), "")
            if left_out == LEFT_OUT:
                found.add(subject.key)
            elif left_out:
                raise MarkUnknown
    return found


def _fallbacks(style: BallotStyle) -> dict[str, str]:
    """What a field that was not posted means: where some are picked, whoever is not picked has the last grade."""
    return {
        item_field(subject.key, dimension.key): section.scheme.grades[-1].key
        for section in style.sections
        if section.choose is not None
        for subject in section.subjects
        for dimension in section.dimensions
    }


def _read_mark(style: BallotStyle, cell: Cell, typed: str, name: str) -> str:
    if cell.may_abstain and typed == ABSTAIN:
        return ABSTAIN
    if cell.scale is None:
        if typed in cell.marks:
            return typed
        raise AnswerUnknown if cell.is_answer else MarkUnknown
    number = read_typed_number(cell.scale, typed)
    if number is None:
        raise NumberOffScale(f"“{name}”的“{_label_of(style, cell)}”{_scale_text(cell.scale)}。请改正后再提交。")
    return unrounded_text(number)


def _label_of(style: BallotStyle, cell: Cell) -> str:
    return next(d.label for section in style.sections for d in section.dimensions if d.key == cell.item)


def _scale_text(scale: NumberScale) -> str:
    low, high = unrounded_text(scale.low), unrounded_text(scale.high)
    if scale.step == 1 and scale.low.denominator == 1:
        return f"应填 {low} 到 {high} 之间的整数"
    return f"应填 {low} 到 {high} 之间的数，从 {low} 起每 {unrounded_text(scale.step)} 分一档"


def _read_comments(style: BallotStyle, posted: dict[str, str]) -> dict[str, str]:
    comments = {}
    for subject in _commented(style):
        text = _clean_comment(posted.pop(comment_field(subject.key), ""))
        if len(text) > COMMENT_LENGTH:
            raise CommentTooLong
        if text:
            comments[subject.key] = text
    if len(json.dumps(comments, ensure_ascii=False, separators=(",", ":")).encode()) > COMMENTS_BYTES:
        raise CommentTooLong
    return comments


def _commented(style: BallotStyle) -> list[Subject]:
    return [subject for section in style.sections if section.scheme.comments_wanted for subject in section.subjects]


def _clean_comment(text: str) -> str:
    """Fold white space and drop invisible characters (controls, bidi marks, zero width)."""
    folded = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(
        character for character in folded if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )


def _require_within_limits(section: StyleSection, marks: Mapping[tuple[str, str], str], *, is_alone: bool) -> None:
    if section.most is None:
        return
    top, fewest = section.scheme.grades[0], 0 if section.choose is None else section.choose.fewest
    for dimension in section.dimensions:
        if section.scale_of(dimension) is not None:
            continue
        given = sum(1 for subject in section.subjects if marks[subject.key, dimension.key] == top.key)
        if fewest <= given <= section.most:
            continue
        where = "" if len(section.dimensions) == 1 else f"“{dimension.label}”一项中，"
        where = where if is_alone else f"“{section.label}”{where or '中，'}"
        if given > section.most:
            raise OverLimit(f"{where}“{top.label}”最多选 {section.most} 个，现在选了 {given} 个。请调整后再提交。")
        raise UnderLimit(f"{where}“{top.label}”至少选 {fewest} 个，现在选了 {given} 个。请补选后再提交。")
