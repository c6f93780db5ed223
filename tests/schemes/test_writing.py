"""Every scheme written as a file reads back as the same scheme."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kaohe.schemes import list_presets, load_preset, parse_scheme_text
from kaohe.schemes.catalogue import GENERAL, STATUTORY, SYSTEMS
from kaohe.schemes.writing import scheme_toml
from kaohe.tally.scheme.scheme import Section


@pytest.mark.parametrize("preset", list_presets(), ids=lambda preset: preset.key)
def test_a_preset_written_out_reads_back_the_same(preset) -> None:
    assert parse_scheme_text(scheme_toml(preset)) == preset


def test_odd_texts_are_written_so_that_they_come_back() -> None:
    odd = replace(load_preset("si-deng"), remarks=('他说"好"\\', "#不是注释", "一，二"))
    assert parse_scheme_text(scheme_toml(odd)) == odd


def test_what_all_sections_say_alike_is_written_once() -> None:
    text = scheme_toml(load_preset("jiguan-kaoping"))
    assert text.count("学习型组织创建") == 1
    assert text.count("[[sections]]") == 3
    assert "weight = 12.5" in text
    assert 'weight = "100/3"' in text


def test_every_share_is_written_as_a_number() -> None:
    assert "over = 50," in scheme_toml(load_preset("renda-ceping"))


def test_every_preset_stands_in_the_catalogue_once() -> None:
    listed = [preset for system in (GENERAL, *STATUTORY, *SYSTEMS) for preset in system.presets]
    assert sorted(listed) == sorted(preset.key for preset in list_presets())
    assert [system.number for system in SYSTEMS] == [f"P{number:02d}" for number in range(1, 18)]


def test_a_section_of_numbers_beside_one_of_grades_reads_back_the_same() -> None:
    graded, numbered = load_preset("si-deng"), load_preset("zhen-pingshi")
    parts = tuple(
        Section(key, label, replace(scheme, key=key, title=label, groups=graded.groups, remarks=()))
        for key, label, scheme in (("graded", "科室", graded), ("numbered", "个人", numbered))
    )
    mixed = replace(graded, grades=(), dimensions=(), declared_sections=parts)
    assert parse_scheme_text(scheme_toml(mixed)) == mixed
