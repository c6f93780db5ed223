"""docs/scheme.schema.json: written from the same description as the parser, and checked with a small reader of it."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from kaohe.schemes import parse_scheme_text
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme_document.document import parse_scheme, scheme_document, scheme_schema

PRESETS = sorted(
    (entry for entry in resources.files("kaohe.schemes").iterdir() if entry.name.endswith(".toml")),
    key=lambda entry: entry.name,
)
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "scheme.schema.json").read_text(encoding="utf-8"))
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


def fits(value, schema):  # noqa: PLR0911 - one way out for each word of the schema
    """Whether a value fits a schema, for just those words of JSON Schema that ours is made of."""
    known = {"type", "properties", "required", "additionalProperties", "items", "maxItems", "anyOf", "enum", "const"}
    assert schema.keys() <= known | {"pattern", "$ref", "$schema", "$defs", "title"}
    if "$ref" in schema:
        return fits(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    if "anyOf" in schema:
        return any(fits(value, each) for each in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if "const" in schema:
        return value == schema["const"] and not isinstance(value, bool)
    kind = schema["type"]
    if not isinstance(value, TYPES[kind]) or (kind != "boolean" and isinstance(value, bool)):
        return False
    if kind == "object":
        properties = schema["properties"]
        return (
            set(schema["required"]) <= value.keys() <= properties.keys()
            and not schema["additionalProperties"]
            and all(fits(each, properties[key]) for key, each in value.items())
        )
    if kind == "array":
        return len(value) <= schema["maxItems"] and all(fits(each, schema["items"]) for each in value)
    return kind != "string" or re.search(schema.get("pattern", ""), value) is not None


def test_the_schema_in_the_documentation_is_the_one_that_the_parser_gives():
    assert scheme_schema() == SCHEMA, "run docs/write_schema.py"


@pytest.mark.parametrize("entry", PRESETS, ids=lambda entry: entry.name)
def test_every_preset_fits_the_schema_as_written_and_as_stored(entry):
    text = entry.read_text(encoding="utf-8")
    assert fits(tomllib.loads(text), SCHEMA)
    assert fits(json.loads(json.dumps(scheme_document(parse_scheme_text(text)))), SCHEMA)


@pytest.mark.parametrize("entry", PRESETS, ids=lambda entry: entry.name)
def test_every_preset_survives_the_way_through_json(entry):
    scheme = parse_scheme_text(entry.read_text(encoding="utf-8"))
    assert parse_scheme(json.loads(json.dumps(scheme_document(scheme)))) == scheme
    assert scheme.key == entry.name.removesuffix(".toml")


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2},
        {"title": 3},
        {"colour": "red"},
        {"grades": "优秀"},
        {"grades": [{"key": "a", "label": "好"}]},
        {"grades": [{"key": "a", "label": "好", "points": True}]},
        {"dimensions": [{"key": "a"}]},
        {"score_base": "everyone"},
        {"decimals": "2"},
        {"remarks": [1]},
        {"number": {"min": 0}},
        {"trim": []},
        {"questions": [{"key": "a", "label": "甲", "kind": "essay", "options": []}]},
        {"components": [{"key": "a", "label": "甲", "weight": 100, "source": "gossip"}]},
        {"bands": [{"key": "a", "label": "甲", "above": 90}]},
        {"quotas": [{"share": "forty"}]},
        {"sections": [{"label": "甲"}]},
    ],
)
def test_what_does_not_fit_the_schema_is_refused_by_the_parser_too(changes):
    document = json.loads(json.dumps(scheme_document(parse_scheme_text(PRESETS[-1].read_text(encoding="utf-8")))))
    assert fits(document, SCHEMA)
    document |= changes
    assert not fits(document, SCHEMA)
    with pytest.raises(SchemeError):
        parse_scheme(document)
