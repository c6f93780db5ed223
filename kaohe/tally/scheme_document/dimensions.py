"""The weighted tree of dimensions: a list of leaves in the scheme, nested tables in the document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import prod

from kaohe.tally.scheme.dimension_tree import TreeNode, dimension_tree
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme.scheme import Branch, Combine, Dimension
from kaohe.tally.scheme_document.fields import NUMBER_SCHEMA, PERCENT, TEXT, TEXTS, FieldKind, Json, one_of
from kaohe.tally.scheme_document.reader import DocumentReader
from kaohe.tally.scheme_document.tables import NUMBER_SCALE

_DEEPEST = 3
_NUMBER = one_of(NUMBER_SCALE)


def _read(reader: DocumentReader, key: str) -> tuple[Dimension, ...]:
    is_summed = reader.table.get("combine") == Combine.SUM.value
    return _flattened(reader.entries(key, lambda node: _read_node(node, (), is_summed=is_summed)))


def _flattened(found: Iterable[Sequence[Dimension]]) -> tuple[Dimension, ...]:
    return tuple(leaf for leaves in found for leaf in leaves)


def _read_node(reader: DocumentReader, within: tuple[Branch, ...], *, is_summed: bool) -> Sequence[Dimension]:
    is_branch = reader.has("dimensions")
    named, free = (("key", "label"), ("weight",)) if is_summed else (("key", "label", "weight"), ())
    reader.check_keys(named, (*free, "dimensions") if is_branch else (*free, "number", "groups"))
    share = reader.number("weight") / 100 if reader.has("weight") else Fraction(1)
    if is_summed and share != 1:
        raise SchemeError(reader.path("weight"), '各维度得分相加（combine = "sum"）时不设权重，请删去这一项。')
    if not is_branch:
        return [
            Dimension(
                key=reader.text("key"),
                label=reader.text("label"),
                weight=share * prod((branch.weight for branch in within), start=Fraction(1)),
                number=reader.one("number", NUMBER_SCALE.read) if reader.has("number") else None,
                groups=reader.texts("groups") if reader.has("groups") else (),
                within=within,
            )
        ]
    if share <= 0:
        raise SchemeError(reader.path("weight"), "权重应大于 0。")
    if len(within) == _DEEPEST:
        raise SchemeError(reader.path("dimensions"), f"维度最多分 {_DEEPEST + 1} 层。")
    path = (*within, Branch(reader.text("key"), reader.text("label"), share))
    leaves = _flattened(reader.entries("dimensions", lambda node: _read_node(node, path, is_summed=is_summed)))
    if not leaves:
        raise SchemeError(reader.path("dimensions"), "至少要有一项。")
    total = sum((node.share for node in dimension_tree(leaves, len(path))), start=Fraction(0))
    if not is_summed and total != 1:
        raise SchemeError(reader.path("dimensions"), "下级各项权重之和应为 100%。")
    return leaves


def _write(dimensions: tuple[Dimension, ...]) -> list[Json]:
    is_summed = all(dimension.weight == 1 for dimension in dimensions) and len(dimensions) > 1
    return [_write_node(node, is_summed=is_summed) for node in dimension_tree(dimensions)]


def _write_node(node: TreeNode, *, is_summed: bool) -> Json:
    written: Json = {"key": node.key, "label": node.label}
    if not is_summed:
        written["weight"] = PERCENT.write(node.share)
    if node.children:
        return written | {"dimensions": [_write_node(child, is_summed=is_summed) for child in node.children]}
    leaf = node.leaves[0]
    if leaf.number is not None:
        written["number"] = _NUMBER.write(leaf.number)
    if leaf.groups:
        written["groups"] = list(leaf.groups)
    return written


def _schema() -> Json:
    return {"type": "array", "items": {"$ref": "#/$defs/Dimension"}, "maxItems": 30}


def dimension_schema() -> Json:
    """Describe one node of the tree, which may hold nodes of its own."""
    return {
        "type": "object",
        "properties": {
            "key": TEXT.schema(),
            "label": TEXT.schema(),
            "weight": NUMBER_SCHEMA,
            "number": _NUMBER.schema(),
            "groups": TEXTS.schema(),
            "dimensions": _schema(),
        },
        "required": ["key", "label"],
        "additionalProperties": False,
    }


DIMENSIONS = FieldKind(_read, _write, _schema)
