"""The verification code (校验码): two sheets with the same code were made from the same result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from kaohe.reports.figures import number_spread, text_or_none
from kaohe.reports.summary import is_votes_only
from kaohe.reports.withholding import dimensions_withheld, numbers_withheld
from kaohe.tally.model import GradeCounts, GradeShare, ItemResult, Result, SubjectResult
from kaohe.tally.rounding import unrounded_text

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Thirty-two signs, without I, L, O and U, which are misread or read aloud as others."""
_LENGTH: Final = 12
_PART: Final = 4


def verification_code(result: Result) -> str:
    """Twelve signs in parts of four that stand for everything printed in the sheets of the result.

    Sixty bits of SHA-256 over :func:`canonical_text`. Scores and turnout by voter group are left out on purpose: a
    digest of a group that is too small to be shown would let anyone test a guess at its votes.
    """
    number = int.from_bytes(sha256(canonical_text(result).encode()).digest(), "big") >> (256 - 5 * _LENGTH)
    signs = "".join(_ALPHABET[number >> (5 * position) & 31] for position in reversed(range(_LENGTH)))
    return "-".join(signs[at : at + _PART] for at in range(0, _LENGTH, _PART))


def canonical_text(result: Result) -> str:
    """The result as one line of JSON in a fixed order; ASCII, and no number that is not printed.

    What only some schemes have stands at the end of its list, and is not there where there is none of it.
    """
    turnout = result.turnout
    return json.dumps(
        [
            "kaohe-result-1",
            _scheme(result),
            [turnout.entitled, turnout.present, turnout.issued, turnout.cast, turnout.invalid],
            [] if result.section_results else [_subject(result, subject) for subject in result.subjects],
            *([[label, json.loads(canonical_text(part))]] for key, label, part in result.parts if key),
        ],
        separators=(",", ":"),
    )


def _scheme(result: Result) -> list[object]:
    scheme = result.scheme
    return [
        scheme.title,
        [[grade.label, str(grade.points)] for grade in scheme.grades],
        [[dimension.label, str(dimension.weight)] for dimension in scheme.dimensions],
        [[group.label, str(group.weight)] for group in scheme.groups],
        [scheme.score_base, scheme.rate_base, scheme.abstention, scheme.empty_group],
        [scheme.tie_rule, scheme.invalid_rule, scheme.top_grade_limit, scheme.decimals],
        *([] if scheme.is_plain and is_votes_only(scheme) else [[*result.notes], [*result.findings]]),
    ]


def _subject(result: Result, subject_result: SubjectResult) -> list[object]:
    subject = subject_result.subject
    items = [] if dimensions_withheld(result) else [_item(result, item) for item in subject_result.items]
    return [
        [subject.name, subject.unit, subject.post, subject.class_label],
        subject_result.subject.kind,
        items,
        text_or_none(subject_result.score),
        subject_result.rank,
        *_more(subject_result),
    ]


def _item(result: Result, item: ItemResult) -> list[object]:
    if not item.counts.numbers:
        return [item.label, _counts(item.counts), text_or_none(item.score)]
    if numbers_withheld(result):
        return [item.label, [], text_or_none(item.score)]
    spread = [item.counts.valid, *number_spread(result.scheme, item.counts)]
    return [item.label, _counts(item.counts), text_or_none(item.score), spread, _shares(item.shares)]


def _more(subject_result: SubjectResult) -> list[object]:
    found: dict[str, object] = {
        "components": [[one.label, text_or_none(one.score), one.band_label] for one in subject_result.components],
        "bonus": text_or_none(subject_result.bonus),
        "deduction": text_or_none(subject_result.deduction),
        "tier": subject_result.tier_label,
        "flags": [flag.label for flag in subject_result.flags],
        "answers": [[answer.label, _shares(answer.shares)] for answer in subject_result.answers],
        "periods": [
            [one.label, None if one.score is None else unrounded_text(one.score), one.tier]
            for one in subject_result.periods
        ],
        "decisions": [*subject_result.decisions],
        "rulings": [[one.step, one.tier_label, one.text] for one in subject_result.rulings],
        "recommended": subject_result.recommended_label if subject_result.rulings else "",
    }
    group_values = {name: value for name, value in found.items() if value}
    return [group_values] if group_values else []


def _shares(shares: Sequence[GradeShare]) -> list[object]:
    return [[share.label, share.count, text_or_none(share.rate)] for share in shares]


def _counts(counts: GradeCounts) -> list[int]:
    return [*counts.grades, counts.abstention, counts.skipped, counts.invalid]
