"""The verification code (校验码): two sheets with the same code were made from the same result."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Final

from kaohe.tally.model import GradeCounts, Result

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Thirty-two signs, without I, L, O and U, which are misread or read aloud as others."""
_LENGTH: Final = 12
_PART: Final = 4


def verification_code(result: Result) -> str:
    """Twelve signs in parts of four that stand for everything printed in the summary sheet.

    Sixty bits of SHA-256 over :func:`canonical_text`. Scores and turnout by voter group are left out on purpose: a
    digest of a group that is too small to be shown would let anyone test a guess at its votes.
    """
    number = int.from_bytes(sha256(canonical_text(result).encode()).digest(), "big") >> (256 - 5 * _LENGTH)
    signs = "".join(_ALPHABET[number >> (5 * place) & 31] for place in reversed(range(_LENGTH)))
    return "-".join(signs[at : at + _PART] for at in range(0, _LENGTH, _PART))


def canonical_text(result: Result) -> str:
    """The result as one line of JSON in a fixed order; ASCII, and no number that is not printed."""
    scheme, turnout = result.scheme, result.turnout
    return json.dumps(
        [
            "kaohe-result-1",
            [
                scheme.title,
                [[grade.label, str(grade.points)] for grade in scheme.grades],
                [[dimension.label, str(dimension.weight)] for dimension in scheme.dimensions],
                [[group.label, str(group.weight)] for group in scheme.groups],
                [scheme.score_base, scheme.rate_base, scheme.abstention, scheme.empty_group],
                [scheme.tie_rule, scheme.invalid_rule, scheme.top_grade_limit, scheme.decimals],
            ],
            [turnout.entitled, turnout.present, turnout.issued, turnout.cast, turnout.invalid],
            [
                [
                    [each.subject.name, each.subject.unit, each.subject.post, each.subject.class_label],
                    each.subject.kind,
                    [
                        [item.label, _counts(item.counts), item.score.text if item.score else None]
                        for item in each.items
                    ],
                    each.score.text if each.score else None,
                    each.rank,
                ]
                for each in result.subjects
            ],
        ],
        separators=(",", ":"),
    )


def _counts(counts: GradeCounts) -> list[int]:
    return [*counts.grades, counts.abstention, counts.skipped, counts.invalid]
