"""The tables of a scheme document, all but the scheme's own, the dimensions and the sections."""

from __future__ import annotations

from kaohe.tally.scheme.components import Component, ComponentSource, PeriodMeasure, TierPoints
from kaohe.tally.scheme.questions import Choose, Option, Question, QuestionKind
from kaohe.tally.scheme.scales import NamedRange, NumberScale, TableRow, Trim
from kaohe.tally.scheme.scheme import Grade, Relation, VoterGroup
from kaohe.tally.scheme.tiers import (
    Band,
    Clause,
    EdgeTie,
    Effect,
    FlagKind,
    FlagRule,
    PeriodRule,
    Quota,
    QuotaRounding,
    QuotaScope,
)
from kaohe.tally.scheme_document.fields import (
    INTEGER,
    NUMBER,
    PERCENT,
    TEXT,
    TEXTS,
    YES_OR_NO,
    DocumentTable,
    many_of,
    word_of,
)
from kaohe.tally.scheme_document.fields import DocumentField as Key

_NAMED = (Key("key", TEXT, is_required=True), Key("label", TEXT, is_required=True))

GRADE = DocumentTable(Grade, (*_NAMED, Key("points", NUMBER, is_required=True)))
GROUP = DocumentTable(
    VoterGroup, (*_NAMED, Key("weight", PERCENT, is_required=True), Key("relation", word_of(Relation)))
)
RANGE = DocumentTable(
    NamedRange, (*_NAMED, Key("from", NUMBER, "low", is_required=True), Key("to", NUMBER, "high", is_required=True))
)
NUMBER_SCALE = DocumentTable(
    NumberScale,
    (
        Key("max", NUMBER, "high", is_required=True),
        Key("min", NUMBER, "low"),
        Key("step", NUMBER),
        Key("ranges", many_of(RANGE)),
    ),
)
TRIM = DocumentTable(Trim, (Key("high", INTEGER), Key("low", INTEGER), Key("fewest", INTEGER)))
TABLE_ROW = DocumentTable(
    TableRow,
    (
        Key("from", NUMBER, "at_least", is_required=True),
        Key("score", NUMBER, is_required=True),
        Key("lower_under", NUMBER),
    ),
)
OPTION = DocumentTable(Option, _NAMED)
QUESTION = DocumentTable(
    Question,
    (
        *_NAMED,
        Key("kind", word_of(QuestionKind), is_required=True),
        Key("options", many_of(OPTION), is_required=True),
    ),
)
CHOOSE = DocumentTable(
    Choose,
    (
        Key("seats", INTEGER),
        Key("seats_share", PERCENT),
        Key("most", INTEGER),
        Key("fewest", INTEGER),
        Key("over", PERCENT),
        Key("elected", TEXT),
        Key("others", TEXT),
    ),
)
BAND = DocumentTable(
    Band,
    (
        *_NAMED,
        Key("from", NUMBER, "start"),
        Key("below", NUMBER),
        Key("to", NUMBER),
        Key("over", PERCENT),
        Key("grades", INTEGER),
        Key("ruled", YES_OR_NO),
    ),
)
TIER_POINTS = DocumentTable(TierPoints, (Key("tier", TEXT, is_required=True), Key("points", NUMBER, is_required=True)))
COMPONENT = DocumentTable(
    Component,
    (
        *_NAMED,
        Key("weight", PERCENT, is_required=True),
        Key("source", word_of(ComponentSource), is_required=True),
        Key("meeting", TEXT),
        Key("full", NUMBER),
        Key("measure", word_of(PeriodMeasure)),
        Key("periods", INTEGER),
        Key("tier", TEXT),
        Key("points", many_of(TIER_POINTS)),
        Key("bands", many_of(BAND)),
    ),
)
QUOTA = DocumentTable(
    Quota,
    (
        Key("share", PERCENT),
        Key("count", INTEGER),
        Key("scope", word_of(QuotaScope)),
        Key("rounding", word_of(QuotaRounding)),
        Key("tie", word_of(EdgeTie)),
        Key("ceiling", PERCENT),
        Key("fewest_share", PERCENT),
        Key("watched", YES_OR_NO),
    ),
)
CLAUSE = DocumentTable(
    Clause, (*_NAMED, Key("effect", word_of(Effect), is_required=True), Key("tier", TEXT), Key("points", NUMBER))
)
PERIOD_RULE = DocumentTable(
    PeriodRule,
    (
        *_NAMED,
        Key("effect", word_of(Effect), is_required=True),
        Key("tier", TEXT),
        Key("tiers", TEXTS),
        Key("times", INTEGER),
        Key("from_share", PERCENT),
        Key("over_share", PERCENT),
        Key("under_share", PERCENT),
        Key("running", INTEGER),
        Key("component", TEXT),
        Key("below", NUMBER),
    ),
)
FLAG_RULE = DocumentTable(
    FlagRule,
    (
        *_NAMED,
        Key("kind", word_of(FlagKind), is_required=True),
        Key("count", INTEGER),
        Key("classes", TEXTS),
        Key("tiers", TEXTS),
        Key("from", NUMBER, "start"),
        Key("below", NUMBER),
        Key("component", TEXT),
        Key("running", INTEGER),
    ),
)

TABLES = (
    GRADE,
    GROUP,
    RANGE,
    NUMBER_SCALE,
    TRIM,
    TABLE_ROW,
    OPTION,
    QUESTION,
    CHOOSE,
    BAND,
    TIER_POINTS,
    COMPONENT,
    QUOTA,
    CLAUSE,
    PERIOD_RULE,
    FLAG_RULE,
)
"""All of them, each of which the JSON Schema describes once."""
