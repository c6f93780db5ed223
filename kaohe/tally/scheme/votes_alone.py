"""The part of a scheme that this meeting's votes decide by themselves."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from kaohe.tally.scheme.scheme import Scheme


def votes_alone(scheme: Scheme) -> Scheme:
    """Return the scheme without all that is known only later: imports, periods, decisions, tiers.

    A screen in the hall can be tallied with it while imported scores are still missing. The ballot is the same.
    A section without votes keeps its components, as nothing would be left of it.
    """
    if scheme.declared_sections:
        parts = tuple(replace(section, scheme=votes_alone(section.scheme)) for section in scheme.declared_sections)
        return replace(scheme, declared_sections=parts)
    if not scheme.has_votes:
        return scheme
    return replace(
        scheme,
        components=(),
        bonus_limit=Fraction(0),
        deduction_limit=Fraction(0),
        tier_by="",
        bands=(),
        band_decimals=None,
        quotas=(),
        clauses=(),
        period_rules=(),
        flags=(),
    )
