"""The line of a fault in a scheme file."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from kaohe.schemes import parse_scheme_text
from kaohe.schemes.locating import line_of
from kaohe.tally.scheme.refusals import SchemeError

TEXT = """\
format = 1
key = "mine"            # from = 1
grades = [
  { key = "a", label = "甲", points = 1 },
  # { key = "x" },
  { key = "b", label = "乙, [2]", points = 0 },
]

[[dimensions]]
key = "one"
weight = 50

[[dimensions]]
key = "two"
dimensions = [
  { key = "three", weight = 70 },
  { key = "four", label = 'x', weight = 30 },
]
[dimensions.number]
max = 10

[[sections]]
key = "s1"
[[sections.flags]]
key = "f1"

[[sections]]
key = "s2"
[[sections.flags]]
key = "f2"
[[sections.flags]]
key = "f3"
count = 2
"""


@pytest.mark.parametrize(
    ("key_path", "line"),
    [
        ("format", 1),
        ("key", 2),
        ("title", 1),
        ("grades", 3),
        ("grades[1].points", 4),
        ("grades[2].label", 6),
        ("grades[3]", 3),
        ("dimensions", 9),
        ("dimensions[1].weight", 11),
        ("dimensions[2]", 13),
        ("dimensions[2].label", 13),
        ("dimensions[2].dimensions[2].weight", 17),
        ("dimensions[2].number.max", 20),
        ("sections[1].flags[1].key", 25),
        ("sections[2].flags[2].count", 33),
        ("sections[2].flags[1].count", 29),
        ("", 1),
    ],
)
def test_a_key_is_found_on_its_line(key_path, line):
    assert tomllib.loads(TEXT)
    assert line_of(TEXT, key_path) == line


def test_a_refused_file_is_told_the_line_the_key_and_what_is_expected():
    text = (resources.files("kaohe.schemes") / "ganbu-zonghe.toml").read_text(encoding="utf-8")
    place = text.index('key = "last_two_townships_twice"')
    broken = text[:place] + text[place:].replace("count = 2", "count = 0", 1)
    with pytest.raises(SchemeError) as refusal:
        parse_scheme_text(broken)
    line = broken[: broken.index("count = 0")].count("\n") + 1
    assert refusal.value.message.startswith(f"考核方案第 {line} 行的 sections[1].flags[7].count 有误：取前几名")
    assert refusal.value.key_path == "sections[1].flags[7].count"
    assert str(refusal.value) == refusal.value.message
