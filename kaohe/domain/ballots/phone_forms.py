"""What a phone has to know of a form to encode and judge a ballot by itself, as one text that can be digested."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass

from kaohe.domain.ballots.cells import Cell, codes_of
from kaohe.domain.ballots.fields import comment_field, left_out_field
from kaohe.domain.ballots.styles import COMMENTS_BYTES, BallotStyle, StyleSection
from kaohe.domain.limits import COMMENT_LENGTH
from kaohe.tally.scheme.scales import NumberScale

_MILLION = 1_000_000
"""Voters write up to six decimals."""


@dataclass(frozen=True, slots=True)
class PhoneForm:
    """A form as ``static/js/phone-seal/encoding.js`` reads it; equal for equal ballot styles."""

    key: str
    text: str
    """JSON in ASCII."""

    @property
    def digest(self) -> str:
        """SHA-256 of the text in hexadecimal digits: what an envelope is bound to."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def phone_form(style: BallotStyle) -> PhoneForm:
    """Describe a form, cell by cell in the order in which ``BallotCodec`` encodes it.

    A cell is its field, the number of its kind, and its subject's number; a kind says what may stand in a cell and how
    wide its code is. Numbers stand in units of which ``per`` make a millionth, so that each is whole.
    """
    subjects = {subject.key: number for number, subject in enumerate(style.asked_subjects)}
    picked = {subject.key for section in style.sections if section.choose for subject in section.subjects}
    kinds: list[dict[str, object]] = []
    cells = []
    for cell in style.cells:
        kind = _kind(cell, is_picked=cell.subject in picked and not cell.is_answer)
        if kind not in kinds:
            kinds.append(kind)
        cells.append([cell.field, kinds.index(kind), subjects[cell.subject]])
    numbers = {(cell.subject, cell.item): number for number, cell in enumerate(style.cells)}
    document = {
        "length": style.plain_length,
        "kinds": kinds,
        "cells": cells,
        "out": [
            [left_out_field(subject.key), subjects[subject.key]]
            for section in style.sections
            if section.may_leave_out
            for subject in section.subjects
        ],
        "comments": [
            [comment_field(subject.key), subject.key]
            for section in style.sections
            if section.scheme.comments_wanted
            for subject in section.subjects
        ],
        "commentLength": COMMENT_LENGTH,
        "commentBytes": COMMENTS_BYTES,
        "limits": [_limit(section, numbers) for section in style.sections if section.most is not None],
    }
    return PhoneForm(style.key, json.dumps(document, ensure_ascii=True, separators=(",", ":")))


def _kind(cell: Cell, *, is_picked: bool) -> dict[str, object]:
    kind: dict[str, object] = {"width": codes_of(cell).width, "marks": list(cell.marks)}
    if cell.scale is not None:
        kind["scale"] = _scale(cell.scale)
    flags = {"abstain": cell.may_abstain, "answer": cell.is_answer, "picked": is_picked}
    return kind | {name: 1 for name, is_set in flags.items() if is_set}


def _scale(scale: NumberScale) -> dict[str, int]:
    ends = [end * _MILLION for end in (scale.low, scale.high, scale.step)]
    per = math.lcm(*(end.denominator for end in ends))
    low, high, step = (int(end * per) for end in ends)
    return {"low": low, "high": high, "step": step, "per": per}


def _limit(section: StyleSection, numbers: dict[tuple[str, str], int]) -> dict[str, object]:
    graded = [dimension for dimension in section.dimensions if section.scale_of(dimension) is None]
    return {
        "most": section.most,
        "fewest": 0 if section.choose is None else section.choose.fewest,
        "cells": [[numbers[subject.key, d.key] for subject in section.subjects] for d in graded],
    }
