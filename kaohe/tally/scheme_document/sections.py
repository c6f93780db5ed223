"""The sections of a scheme document: each takes over from the whole what it does not say itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme.scheme import EVERYONE, Relation, Scheme, Section, SubjectKind, VoterGroup
from kaohe.tally.scheme_document.fields import TEXT, Json, word_of
from kaohe.tally.scheme_document.reader import DocumentReader

_KIND = word_of(SubjectKind)
_OWN = ("key", "label", "kind")


def sectioned_groups(reader: DocumentReader) -> tuple[VoterGroup, ...]:
    """Read the voter groups of the whole; they need no weight where every section weighs them itself."""
    if not reader.has("groups"):
        return (EVERYONE,)
    found = reader.entries("groups", _read_group)
    return tuple(
        VoterGroup(key, label, Fraction(1, len(found)) if weight is None else weight, relation)
        for key, label, weight, relation in found
    )


def _read_group(reader: DocumentReader) -> tuple[str, str, Fraction | None, Relation]:
    reader.check_keys(("key", "label"), ("weight", "relation"))
    weight = reader.number("weight") / 100 if reader.has("weight") else None
    relation = reader.choice("relation", Relation) if reader.has("relation") else Relation.ALL
    return reader.text("key"), reader.text("label"), weight, relation


def read_sections(
    reader: DocumentReader,
    groups: tuple[VoterGroup, ...],
    settings: tuple[str, ...],
    read: Callable[[DocumentReader], Scheme],
) -> tuple[Section, ...]:
    """Read the sections; ``read`` makes a scheme of one section's own words and what it takes over."""

    def read_one(section: DocumentReader) -> Section:
        section.check_keys(("key", "label"), ("kind", *settings))
        key, label = section.text("key"), section.text("label")
        own_settings = {name: value for name, value in section.table.items() if name not in _OWN}
        taken = {name: reader.table[name] for name in settings if name in reader.table and name not in _ALONE}
        if "groups" in own_settings:
            own_settings["groups"] = list(_labelled(section, groups))
        elif not _all_weighed(reader):
            raise SchemeError(section.path("groups"), "总的票种没有写权重（weight），请在这里写明各票种及其权重。")
        try:
            scheme = read(DocumentReader({"key": key, "title": label, **taken, **own_settings}, section.path("")[:-1]))
        except SchemeError as fault:
            raise _blamed(fault, section, own_settings) from fault
        kind = section.choice("kind", SubjectKind) if section.has("kind") else None
        return Section(key, label, scheme, kind)

    return reader.entries("sections", read_one)


_ALONE = ("remarks", "quorum", "review_days")
"""What is said once for the whole and not over again in each section."""


def _all_weighed(reader: DocumentReader) -> bool:
    return (
        all("weight" in entry for entry in reader.entries("groups", lambda entry: entry.table))
        if reader.has("groups")
        else True
    )


def _labelled(section: DocumentReader, groups: tuple[VoterGroup, ...]) -> Iterator[Mapping[str, object]]:
    labels = {group.key: group.label for group in groups}
    relations = {group.key: group.relation.value for group in groups if group.relation is not Relation.ALL}
    for number, table in enumerate(section.entries("groups", lambda entry: entry.table), start=1):
        if isinstance(table.get("key"), str) and table["key"] not in labels:
            raise SchemeError(
                f"{section.path('groups')}[{number}].key",
                f"「{table['key']}」不是本方案的票种，可用的有 {'、'.join(labels)}。",
            )
        key = str(table.get("key"))
        yield {"label": labels.get(key, ""), **({"relation": relations[key]} if key in relations else {}), **table}


def _blamed(fault: SchemeError, section: DocumentReader, own_settings: Mapping[str, object]) -> SchemeError:
    """Name a fault in what was taken over by its path in the whole."""
    inner = fault.key_path.removeprefix(section.path(""))
    root = re.split(r"[.\[]", inner)[0]
    return fault if root in own_settings or root in _OWN else SchemeError(inner, fault.expected)


def section_table(section: Section, written: Json) -> Json:
    """Write a section whole, so that it takes nothing over."""
    table = {key: value for key, value in written.items() if key not in ("key", "title")}
    table["groups"] = [{"key": group["key"], "weight": group["weight"]} for group in written["groups"]]
    kind = {} if section.kind is None else {"kind": section.kind.value}
    return {"key": section.key, "label": section.label, **kind, **table}


def section_schema(settings: Mapping[str, Json]) -> Json:
    """Describe a section."""
    return {
        "type": "object",
        "properties": {"key": TEXT.schema(), "label": TEXT.schema(), "kind": _KIND.schema(), **settings},
        "required": ["key", "label"],
        "additionalProperties": False,
    }
