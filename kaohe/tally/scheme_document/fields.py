"""One description of each table of a scheme document, from which it is read, written, and put into the JSON Schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any

from kaohe.tally.scheme_document.reader import NUMBER_PATTERN, DocumentReader

Json = dict[str, Any]
"""A part of a JSON document or schema; what a table holds is known to its field, not to the type checker."""


@dataclass(frozen=True, slots=True)
class FieldKind:
    """How a value of one kind is read, written, and described."""

    read: Callable[[DocumentReader, str], object]
    write: Callable[[Any], object]
    schema: Callable[[], Json]


@dataclass(frozen=True, slots=True)
class DocumentField:
    """One key of a table, and the attribute of the same meaning."""

    key: str
    kind: FieldKind
    attribute: str = ""
    is_required: bool = False
    is_always_written: bool = False

    @property
    def name(self) -> str:
        """The attribute's name; the key's own where nothing else is said."""
        return self.attribute or self.key


@dataclass(frozen=True, slots=True)
class DocumentTable:
    """The table of one class."""

    made: type[Any]
    fields: tuple[DocumentField, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """The keys that must be there."""
        return tuple(field.key for field in self.fields if field.is_required)

    @property
    def optional(self) -> tuple[str, ...]:
        """The keys that may be left out."""
        return tuple(field.key for field in self.fields if not field.is_required)

    def read(self, reader: DocumentReader) -> Any:  # noqa: ANN401 - whatever class the table is of
        """Read the table strictly; what is left out, or null, has the default of the class."""
        reader.check_keys(self.required, self.optional)
        return self.made(**self.read_values(reader))

    def read_values(self, reader: DocumentReader) -> dict[str, Any]:
        """Read what the table says, by attribute."""
        return {
            field.name: field.kind.read(reader, field.key)
            for field in self.fields
            if field.is_required or reader.has(field.key)
        }

    def write(self, value: object) -> Json:
        """Write all that is not a default."""
        defaults = {field.name: field.default if field.default is not MISSING else None for field in fields(self.made)}
        written: Json = {}
        for field in self.fields:
            field_value = getattr(value, field.name)
            if field.is_required or field.is_always_written or field_value != defaults[field.name]:
                written[field.key] = field.kind.write(field_value)
        return written

    @property
    def definition(self) -> str:
        """The table's name in the JSON Schema."""
        return self.made.__name__

    @property
    def reference(self) -> Json:
        """Point to the table in the JSON Schema."""
        return {"$ref": f"#/$defs/{self.definition}"}

    def schema(self) -> Json:
        """Describe the table in JSON Schema."""
        return {
            "type": "object",
            "properties": {field.key: field.kind.schema() for field in self.fields},
            "required": list(self.required),
            "additionalProperties": False,
        }


def _same(value: object) -> object:
    return value


TEXT = FieldKind(lambda reader, key: reader.text(key), _same, lambda: {"type": "string"})
TEXTS = FieldKind(
    lambda reader, key: reader.texts(key), list, lambda: {"type": "array", "items": {"type": "string"}, "maxItems": 30}
)
INTEGER = FieldKind(lambda reader, key: reader.integer(key), _same, lambda: {"type": "integer"})
YES_OR_NO = FieldKind(lambda reader, key: reader.flag(key), _same, lambda: {"type": "boolean"})
NUMBER_SCHEMA: Json = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": NUMBER_PATTERN}]}
NUMBER = FieldKind(lambda reader, key: reader.number(key), str, lambda: NUMBER_SCHEMA)


def _percent(share: Fraction) -> str:
    return str(share * 100)


PERCENT = FieldKind(lambda reader, key: reader.number(key) / 100, _percent, lambda: NUMBER_SCHEMA)


def word_of(kind: type[StrEnum]) -> FieldKind:
    """One of the words of an enumeration."""
    return FieldKind(
        lambda reader, key: reader.choice(key, kind),
        lambda value: value.value,
        lambda: {"enum": [member.value for member in kind]},
    )


def one_of(table: DocumentTable) -> FieldKind:
    """A table within the table."""
    return FieldKind(lambda reader, key: reader.one(key, table.read), table.write, lambda: table.reference)


def many_of(table: DocumentTable) -> FieldKind:
    """A list of tables."""
    return FieldKind(
        lambda reader, key: reader.entries(key, table.read),
        lambda values: [table.write(value) for value in values],
        lambda: {"type": "array", "items": table.reference, "maxItems": 30},
    )
