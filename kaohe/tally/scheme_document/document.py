"""A scheme as a plain document (TOML, JSON) and back. The format: docs/scheme-format.md."""

from __future__ import annotations

from collections.abc import Mapping

from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme.scheme import (
    AbstentionRule,
    Combine,
    EmptyGroupRule,
    InvalidRule,
    PercentBase,
    Quorum,
    Scheme,
    ScoreRule,
    TieRule,
)
from kaohe.tally.scheme_checks.whole import check_scheme
from kaohe.tally.scheme_document.dimensions import DIMENSIONS, dimension_schema
from kaohe.tally.scheme_document.fields import (
    INTEGER,
    NUMBER,
    TEXT,
    TEXTS,
    YES_OR_NO,
    DocumentTable,
    Json,
    many_of,
    one_of,
    word_of,
)
from kaohe.tally.scheme_document.fields import DocumentField as Key
from kaohe.tally.scheme_document.reader import DocumentReader
from kaohe.tally.scheme_document.sections import read_sections, section_schema, section_table, sectioned_groups
from kaohe.tally.scheme_document.tables import (
    BAND,
    CHOOSE,
    CLAUSE,
    COMPONENT,
    FLAG_RULE,
    GRADE,
    GROUP,
    NUMBER_SCALE,
    PERIOD_RULE,
    QUESTION,
    QUOTA,
    TABLE_ROW,
    TABLES,
    TRIM,
)

FORMAT = 1

_SETTINGS = (
    Key("grades", many_of(GRADE), is_always_written=True),
    Key("dimensions", DIMENSIONS, is_always_written=True),
    Key("groups", many_of(GROUP), is_always_written=True),
    Key("score_base", word_of(PercentBase), is_always_written=True),
    Key("rate_base", word_of(PercentBase), is_always_written=True),
    Key("abstention_allowed", YES_OR_NO, is_always_written=True),
    Key("abstention", word_of(AbstentionRule), is_always_written=True),
    Key("empty_group", word_of(EmptyGroupRule), is_always_written=True),
    Key("tie_rule", word_of(TieRule), is_always_written=True),
    Key("invalid_rule", word_of(InvalidRule), is_always_written=True),
    Key("top_grade_limit", INTEGER),
    Key("decimals", INTEGER, is_always_written=True),
    Key("comments_wanted", YES_OR_NO, is_always_written=True),
    Key("may_leave_out", YES_OR_NO),
    Key("may_fill_rest", YES_OR_NO),
    Key("number", one_of(NUMBER_SCALE)),
    Key("combine", word_of(Combine)),
    Key("score_by", word_of(ScoreRule)),
    Key("rate_grades", INTEGER),
    Key("score_table", many_of(TABLE_ROW)),
    Key("trim", one_of(TRIM)),
    Key("questions", many_of(QUESTION)),
    Key("choose", one_of(CHOOSE)),
    Key("candidates_over", INTEGER),
    Key("components", many_of(COMPONENT)),
    Key("bonus_limit", NUMBER),
    Key("deduction_limit", NUMBER),
    Key("tier_by", TEXT),
    Key("bands", many_of(BAND)),
    Key("band_decimals", INTEGER),
    Key("quotas", many_of(QUOTA)),
    Key("clauses", many_of(CLAUSE)),
    Key("period_rules", many_of(PERIOD_RULE)),
    Key("flags", many_of(FLAG_RULE)),
    Key("ruling_steps", TEXTS),
    Key("quorum", word_of(Quorum)),
    Key("review_days", INTEGER),
    Key("remarks", TEXTS),
)
_NAMED = (Key("key", TEXT, is_required=True), Key("title", TEXT, is_required=True))
SCHEME = DocumentTable(Scheme, (*_NAMED, *_SETTINGS))


def parse_scheme(document: Mapping[str, object]) -> Scheme:
    """Read a scheme document strictly: nothing unknown, nothing guessed, every number exact.

    Weights are in per cent and sum to 100. Settings that are left out have the defaults of :class:`Scheme`.

    Raises:
        SchemeError: at the first fault, with its path and what is expected there.
    """
    reader = DocumentReader(document, "")
    is_sectioned = reader.has("sections")
    reader.check_keys(("format", "key", "title"), (*(setting.key for setting in _SETTINGS), "sections"))
    if reader.integer("format") != FORMAT:
        raise SchemeError("format", f"只认识格式 {FORMAT}，请写 format = {FORMAT}。")
    scheme = _read_sectioned(reader) if is_sectioned else Scheme(**(_BARE | SCHEME.read_values(reader)))
    check_scheme(scheme)
    return scheme


def scheme_document(scheme: Scheme) -> Json:
    """Write a scheme as a document that JSON and TOML can hold; :func:`parse_scheme` reads the same scheme back.

    Points and weights are strings, as fractions where no decimal says the same. A limit of None is left out.
    """
    document: Json = {"format": FORMAT, **SCHEME.write(scheme)}
    if scheme.declared_sections:
        del document["grades"], document["dimensions"]
        document["sections"] = [
            section_table(section, SCHEME.write(section.scheme)) for section in scheme.declared_sections
        ]
    return document


def scheme_schema() -> Json:
    """Describe the format in JSON Schema: docs/scheme.schema.json."""
    described = SCHEME.schema()
    described["properties"]["format"] = {"const": FORMAT}
    described["properties"]["sections"] = {"type": "array", "items": {"$ref": "#/$defs/Section"}, "maxItems": 30}
    described["required"].insert(0, "format")
    tables = {table.definition: table.schema() for table in TABLES}
    # Where every section weighs the groups itself, the whole need not; a section need not name them again.
    tables[GROUP.definition]["required"] = ["key"]
    settings = {setting.key: described["properties"][setting.key] for setting in _SETTINGS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kaohe scheme, format 1",
        **described,
        "$defs": {**tables, "Dimension": dimension_schema(), "Section": section_schema(settings)},
    }


_BARE: Json = {"grades": (), "dimensions": ()}
"""What a scheme without votes of its own leaves out."""


def _read_sectioned(reader: DocumentReader) -> Scheme:
    groups = sectioned_groups(reader)
    parts = read_sections(reader, groups, tuple(setting.key for setting in _SETTINGS), _read_section)
    if not parts:
        raise SchemeError("sections", "至少要有一项；只有一张表的方案请不写 sections。")
    settings = {
        field.name: field.kind.read(reader, field.key)
        for field in SCHEME.fields
        if field.key in _KEPT and reader.has(field.key)
    }
    return Scheme(**(_BARE | settings | {"groups": groups, "declared_sections": parts}))


_KEPT = ("key", "title", "decimals", "comments_wanted", "quorum", "review_days", "remarks")
"""What a scheme of several sections says for itself; all else is for its sections to take over."""


def _read_section(reader: DocumentReader) -> Scheme:
    return Scheme(**(_BARE | SCHEME.read_values(reader)))
