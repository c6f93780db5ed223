"""``kaohe schemes``: list, show, check."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from processes import Kaohe
from systems import COMPUTED, VOTED

from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.operations.setup.own_schemes import save_own_scheme
from kaohe.schemes import list_presets, load_preset, parse_scheme_text
from kaohe.storage.starting import bring_up_to_date, close_database
from kaohe.tally.scheme_document.document import parse_scheme

HOUSE = Path(__file__).parents[2]
CATALOGUE = {
    "P01": "guji-xiaoneng", "P02": "jiguan-xiaoneng", "P03": "jingzheng-shanggang", "P04": "jiguan-kaoping",
    "P05": "guji-kaohe", "P06": "xiang-pingshi", "P07": "sifaju-pingshi", "P08": "tiyuju-pingshi",
    "P09": "beian-pingshi", "P10": "shengji-abcd", "P11": "jiandu-pingshi", "P12": "zhen-pingshi",
    "P13": "jixiao-pingshi", "P14": "diwei-pingshi", "P15": "tongjiju-jixiao", "P16": "ganbu-zonghe",
    "P17": "zeren-kaohe",
    "S01": "yibaogao-liangpingyi", "S02": "shuzhi-pingyi", "S03": "dangyuan-pingyi", "S04": "shiye-niandu",
    "S05": "guoqi-banzi", "S06": "renda-ceping",
}  # fmt: skip


NOWHERE = Kaohe(Path("no-data-is-needed"), 0)


@contextmanager
def installed(kaohe: Kaohe) -> Iterator[None]:
    """Inside the installation, as its console is."""
    url = kaohe.database_url or sqlite_url(kaohe.data)
    with create_app(Config(data=kaohe.data, database_url=url, port=kaohe.port)).app_context():
        bring_up_to_date()
        yield
        close_database()


def run(*arguments):
    return NOWHERE.run("schemes", *arguments)


def test_all_systems_are_listed():
    listed = [line.split("\t")[0] for line in run("list").out.splitlines()]
    assert set(CATALOGUE.values()) < set(listed)
    assert listed == [preset.key for preset in list_presets()]
    assert [each["key"] for each in json.loads(run("list", "--json").out)] == listed


def test_a_preset_is_shown_as_its_file_as_json_and_as_notes():
    assert parse_scheme_text(run("show", "ganbu-zonghe").out) == load_preset("ganbu-zonghe")
    assert parse_scheme(json.loads(run("show", "ganbu-zonghe", "--json").out)) == load_preset("ganbu-zonghe")
    notes = run("show", "ganbu-zonghe", "--notes").out
    assert "【领导班子】" in notes
    assert "自定：分值 100/80/60/0" in notes


def test_an_unknown_preset_is_refused():
    done = run("show", "no-such")
    assert done.code == 2
    assert done.err.startswith("错误：没有名为「no-such」的预设方案")


OWN = """
format = 1
key = "nian-du"
title = "本局年度测评"
grades = [{ key = "good", label = "好", points = 90.5 }, { key = "poor", label = "差", points = 0 }]
dimensions = [{ key = "overall", label = "总体", weight = 100 }]
"""


def test_the_schemes_of_the_unit_s_own_stand_below_the_presets(kaohe, tmp_path):
    with installed(kaohe):
        scheme_id = save_own_scheme("王主持", OWN)
    assert kaohe.does("schemes", "list").splitlines()[-1] == f"{scheme_id}\t本局年度测评\t自有"
    listed = json.loads(kaohe.does("schemes", "list", "--json"))
    assert [each["key"] for each in listed if each["own"]] == [scheme_id]
    assert listed[-1] == {"key": scheme_id, "title": "本局年度测评", "own": True}

    assert kaohe.does("schemes", "show", scheme_id) == OWN
    assert parse_scheme(json.loads(kaohe.does("schemes", "show", scheme_id, "--json"))) == parse_scheme_text(OWN)
    assert "好 90.5" in kaohe.does("schemes", "show", scheme_id, "--notes")
    assert kaohe.does("schemes", "check", scheme_id).startswith("方案可以使用：本局年度测评（nian-du）\n  ")

    assert "没有名为「0123456789ab」的预设方案" in kaohe.refuses("schemes", "show", "0123456789ab")
    assert "打不开文件" in kaohe.refuses("schemes", "check", "0123456789ab")


def test_a_file_comes_before_a_scheme_of_the_same_name(kaohe, tmp_path, monkeypatch):
    with installed(kaohe):
        scheme_id = save_own_scheme("王主持", OWN)
    monkeypatch.chdir(tmp_path)
    (tmp_path / scheme_id).write_text(OWN.replace("本局年度测评", "另一个方案"), encoding="utf-8")
    assert "另一个方案" in kaohe.does("schemes", "check", scheme_id)


def test_without_a_database_there_are_no_own_schemes_and_none_is_made(kaohe):
    assert "自有" not in kaohe.does("schemes", "list")
    assert not any(each["own"] for each in json.loads(kaohe.does("schemes", "list", "--json")))
    assert "没有名为「no-such」" in kaohe.refuses("schemes", "show", "no-such")
    assert not kaohe.data.exists()


def test_a_database_elsewhere_is_asked(kaohe, tmp_path):
    elsewhere = replace(kaohe, database_url=f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    with installed(elsewhere):
        save_own_scheme("王主持", OWN)
    assert "本局年度测评\t自有" in elsewhere.does("schemes", "list")
    assert "自有" not in kaohe.does("schemes", "list")


def test_a_file_is_checked(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text((HOUSE / "kaohe" / "schemes" / "xiang-pingshi.toml").read_text(encoding="utf-8"), encoding="utf-8")
    done = run("check", str(path))
    assert done.code == 0
    assert done.out.startswith("方案可以使用：乡机关平时考核（xiang-pingshi）\n  分值：")


def test_a_fault_in_a_file_is_named_with_its_place(tmp_path):
    path = tmp_path / "mine.toml"
    text = (HOUSE / "kaohe" / "schemes" / "xiang-pingshi.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("from = 70", "from = 95"), encoding="utf-8")
    done = run("check", str(path))
    assert (done.code, done.out) == (2, "")
    assert done.err == "错误：考核方案第 23 行的 bands[2].from 有误：与上一档重叠；档次应从高到低排列。\n"
    assert "打不开文件" in run("check", str(tmp_path / "absent.toml")).err


def test_the_table_of_systems_links_every_preset_and_every_case():
    table = (HOUSE / "docs" / "systems.md").read_text(encoding="utf-8")
    for number, key in CATALOGUE.items():
        assert re.search(rf"^\| {number} \| \[`{key}`\]\(\.\./kaohe/schemes/{key}\.toml\)", table, re.MULTILINE)
        (row,) = [line for line in table.splitlines() if line.startswith(f"| {number} |")]
        presets = set(re.findall(r"schemes/([a-z-]+)\.toml", row))
        held = re.findall(r"\[([a-z-]+)\]\(\.\./tests/web/voter/test_seventeen_systems\.py\)", row)
        assert set(held) == presets - set(COMPUTED)
        assert set(held) <= set(VOTED)
    linked = re.findall(r"\]\(\.\./([^)]+)\)", table)
    for path in linked:
        assert (HOUSE / path).exists(), path
    cases = {path.name for path in (HOUSE / "tests" / "tally" / "cases").glob("[ps][0-9][0-9]-*.toml")}
    assert cases == {Path(path).name for path in linked if re.search(r"cases/[ps]\d\d-", path)}
    assert {preset.key for preset in list_presets()[2:]} <= {Path(path).stem for path in linked if "schemes/" in path}
