"""The same person keeps the same key, and no key is ever given to another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kaohe.domain.rosters import SubjectEntry, keyed_subjects


def keys(names: str, before: str = "", used: tuple[str, ...] = ()) -> str:
    first = keyed_subjects([SubjectEntry(name) for name in before], ())
    return " ".join(s.key for s in keyed_subjects([SubjectEntry(name) for name in names], first, used))


def test_a_first_list_is_numbered_in_its_order() -> None:
    assert keys("甲乙丙") == "s1 s2 s3"


def test_keys_move_with_their_subjects() -> None:
    assert keys("丙甲乙", before="甲乙丙") == "s3 s1 s2"
    assert keys("甲丙", before="甲乙丙") == "s1 s3"


def test_a_correction_in_place_keeps_the_key() -> None:
    assert keys("甲丁丙", before="甲乙丙") == "s1 s2 s3"


def test_a_newcomer_gets_a_key_that_nobody_has_had() -> None:
    assert keys("甲乙丁", before="甲乙", used=("s7",)) == "s1 s2 s8"
    assert keys("丁甲", before="甲乙丙") == "s4 s1"


@given(st.lists(st.sampled_from("甲乙丙丁戊"), unique=True), st.lists(st.sampled_from("甲乙丙丁戊"), unique=True))
def test_keys_are_always_different(before: list[str], after: list[str]) -> None:
    found = keys("".join(after), before="".join(before)).split()
    assert len(set(found)) == len(after)
