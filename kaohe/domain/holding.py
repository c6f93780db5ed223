"""Which schemes a meeting can be held by: those whose every part the phone, the screen and the sheets know."""

from __future__ import annotations

from dataclasses import replace

from kaohe.domain.errors import SchemeNotHeld
from kaohe.tally.scheme import Scheme


def can_be_held(scheme: Scheme) -> bool:
    """Whether a ballot holds grades only, and the score alone is what is announced and filed.

    What the tally knows beyond that (number scales, sections, components, tiers, quotas, questions) is for
    ``kaohe tally`` until phone, screen and sheets have learnt it.
    """
    return scheme == replace(
        Scheme(scheme.key, scheme.title, scheme.grades, scheme.dimensions),
        groups=scheme.groups,
        score_base=scheme.score_base,
        rate_base=scheme.rate_base,
        abstention_allowed=scheme.abstention_allowed,
        abstention=scheme.abstention,
        empty_group=scheme.empty_group,
        tie_rule=scheme.tie_rule,
        invalid_rule=scheme.invalid_rule,
        top_grade_limit=scheme.top_grade_limit,
        decimals=scheme.decimals,
        comments_wanted=scheme.comments_wanted,
        remarks=scheme.remarks,
    ) and all(not (dimension.number or dimension.groups or dimension.within) for dimension in scheme.dimensions)


def require_held(scheme: Scheme) -> Scheme:
    """``scheme``, where a meeting can be held by it.

    Raises:
        SchemeNotHeld: it cannot.
    """
    if not can_be_held(scheme):
        raise SchemeNotHeld
    return scheme
