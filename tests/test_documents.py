"""What the documents name is there, what they count is counted, and the two languages of one say the same."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kaohe.cli.commands import kaohe as command_line

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("kaohe/data/*.md"), *ROOT.glob(".github/**/*.md")]
)
DECISIONS = sorted(ROOT.glob("docs/adr/*.md"))
IN_TWO_LANGUAGES = [("README.md", "README.zh-CN.md"), ("docs/holding-a-meeting.md", "docs/holding-a-meeting.zh-CN.md")]
GUIDES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.zh-CN.md"))
SAID_BY_OTHERS = {
    *("保持连接", "打开", "用浏览器打开"),  # by phones and by macOS
    *("启动", "启动.command"),  # files of the offline folder
    *("2026年第一季度平时考核", "2026年度考核", "青山区/统计局"),  # examples of what to type
    *("北京时间", "不"),
}
"""What guides quote or stress and no screen of this program says by itself."""
FOLDERS = ("kaohe", "templates", "static", "tests", "docs", "bench", "migrations", "deploy")


def read(name: str | Path) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code_in(text: str) -> Iterator[str]:
    """Every piece of code: spans, and the lines of blocks."""
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()
    rest = re.sub(r"^```\w*\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from indented_lines(rest)
    yield from re.findall(r"`([^`\n]+)`", rest)


def indented_lines(text: str) -> list[str]:
    """The lines of indented blocks, which begin after an empty line; an item of a list that goes on is none."""
    blocks = re.findall(r"(?<=\n\n)((?: {4}.*\n)+)", text)
    return [line.strip() for block in blocks for line in block.splitlines()]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", [*DOCUMENTS, *DECISIONS], ids=named)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        head, *rows = ([row, len(re.findall(r"(?<!\\)\|", row))] for row in table.splitlines())
        assert [row for row, cells in rows if cells != head[1]] == []


@pytest.mark.parametrize("path", [*DOCUMENTS, *DECISIONS], ids=named)
def test_every_link_leads_to_a_file_of_the_repository(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not link.startswith(("http://", "https://", "#")):
            assert (path.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_path_that_a_document_names_exists(path: Path) -> None:
    for code in code_in(path.read_text(encoding="utf-8")):
        for name in re.findall(rf"(?<![\w/.~-])(?:{'|'.join(FOLDERS)})/[\w./*-]*\w", code):
            assert list(ROOT.glob(name)) or list(ROOT.glob(f"{name}-*.md")), name


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_target_of_make_that_a_document_names_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    for code in code_in(path.read_text(encoding="utf-8")):
        for target in re.findall(r"(?:^|[;&|(] ?)make ([a-z-]+)", code):
            assert target in targets, code


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_command_and_option_that_a_document_names_exists(path: Path) -> None:
    for code in code_in(path.read_text(encoding="utf-8")):
        for words in re.findall(r"(?:^|[;&|(/] ?)kaohe ((?:[a-z-]+(?:\|[a-z-]+)*)(?: .*)?)$", code):
            for command, said in commands_in(words):
                known = {"--help", *(option for each in command.params for option in each.opts)}
                assert set(re.findall(r"(?<![\w-])--[a-z-]+", said)) <= known, code


def commands_in(words: str) -> list[tuple[click.Command, str]]:
    """The commands that ``meeting open|close ID`` or ``schemes list [--json]`` means, each with what is said after it.

    Raises:
        AssertionError: there is no such command.
    """
    said = words.replace("\\|", "|").split("#", 1)[0].split("&&", 1)[0].split("|| ", 1)[0]
    found: list[tuple[click.Command, str]] = [(command_line, said)]
    result = []
    while found:
        command, rest = found.pop()
        if isinstance(command, click.Group):
            if any(isinstance(each, click.Argument) for each in command.params):
                rest = re.sub(r"^[A-Z$]\S* ?", "", rest)
            first, _, rest_after = rest.partition(" ")
            if re.match(r"[a-z]", first):
                for name in first.rstrip(",").split("|"):
                    below = command.get_command(click.Context(command), name)
                    assert below is not None, words
                    found.append((below, rest_after))
                continue
        result.append((command, rest))
    return result


@pytest.mark.parametrize(("english", "chinese"), IN_TWO_LANGUAGES)
def test_a_document_says_the_same_in_both_languages(english: str, chinese: str) -> None:
    one, other = read(english), read(chinese)

    def headings(text: str) -> list[int]:
        return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]

    def blocks(text: str) -> list[str]:
        return [line.partition("#")[0].strip() for line in indented_lines(text)]

    def numbers(text: str) -> Counter[str]:
        bare = re.sub(r"\]\([^)]*\)|^ {4}\S.*$", "", text, flags=re.MULTILINE)
        return Counter(re.findall(r"\d+(?:[.,]\d+)*", bare))

    def rows(text: str) -> list[int]:
        return [line.count("|") for line in text.splitlines() if line.startswith("|")]

    def links(text: str) -> Counter[str]:
        return Counter(link.replace(".zh-CN", "") for link in re.findall(r"\]\(([^)]+)\)", text))

    def code(text: str) -> Counter[str]:
        return Counter(re.findall(r"`([^`\n]+)`", text))

    for what in (headings, blocks, numbers, rows, links, code):
        assert what(one) == what(other), what.__name__


@pytest.mark.parametrize("name", [name for pair in IN_TWO_LANGUAGES for name in pair])
def test_what_a_guide_calls_a_page_or_a_button_stands_on_one(name: str) -> None:
    screens = "".join(
        path.read_text(encoding="utf-8")
        for folder, kind in (("templates", "html"), ("kaohe/web", "py"), ("kaohe/operations/archive", "py"))
        for path in (ROOT / folder).rglob(f"*.{kind}")
    )
    guide = read(name).split("\n## ", 1)[0] if "holding" in name else ""
    for label in re.findall(r"\*\*([\u4e00-\u9fff]+)\*\*", guide):
        assert label in screens, label


@pytest.mark.parametrize("name", GUIDES)
def test_what_a_guide_tells_people_to_press_or_to_look_for_stands_by_itself_on_a_screen(name: str) -> None:
    """A label is an element's whole text, or a string of the code that makes the page, not a word in a sentence."""
    screens = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("templates", "kaohe/web", "kaohe/domain", "kaohe/live", "kaohe/operations", "static/js")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in (".html", ".py", ".js")
    )
    guide = read(name)
    labels = [label.strip() for label in re.findall(r"\*\*([\u4e00-\u9fff（） ]+)\*\*(?!：)", guide)]
    quoted = re.findall(r"“([^”\n]+)”", guide)
    headings = re.findall(r"^#+ (.*)$", guide, re.MULTILINE)
    elsewhere = {*SAID_BY_OTHERS, *(label for label in quoted if label in headings)}
    assert [
        label
        for label in [*labels, *quoted]
        if label not in elsewhere and not re.search(rf"[>\"'“] *{re.escape(label)} *[<\"'，：…”]", screens)
    ] == []


def test_the_numbers_of_the_readme_are_those_that_were_counted_or_measured() -> None:
    readme = read("README.md")
    (bold,) = [re.findall(r"\*\*([\d,]+)\*\*", readme)]
    per_second, lost, linked, sums = bold
    performance, security = read("docs/performance.md"), read("docs/security.md")
    assert f"| durable ballots per second, 30 subjects, 64 connections | | {per_second} | |" in performance
    (naive,) = re.findall(r"same machine: (\d+) ", readme)
    assert re.search(rf"^\| the naive baseline .*\| {naive} \| \|$", performance, re.MULTILINE)
    assert f"| the same: errors / lost / double | 0 | {lost} / {lost} / {lost} in each run | met |" in performance
    in_a_meeting = re.findall(r"^\| (?:SQLite|PostgreSQL) \| 200 \| \d+ \| \d+ \| (\d+) \|", security, re.MULTILINE)
    assert int(linked) == max(map(int, in_a_meeting))
    (bound,) = re.findall(r"as often finds up to (\d+)", readme)
    assert f"at most {bound} links in a meeting" in security
    assert int(sums) == len(list(ROOT.glob("tests/tally/cases/*.toml")))
    (systems,) = re.findall(r"for (\d+) systems", readme)
    assert int(systems) == len(re.findall(r"^\| [PS]\d\d \|", read("docs/systems.md"), re.MULTILINE))


def test_the_map_of_the_architecture_has_every_room() -> None:
    architecture = read("docs/architecture.md")
    rooms = [
        path.relative_to(ROOT).as_posix()
        for folder in ("kaohe", "kaohe/operations", "kaohe/web", "kaohe/web/organizer", "kaohe/tally")
        for path in sorted((ROOT / folder).iterdir())
        if (path.is_dir() and (path / "__init__.py").exists())
        or (folder == "kaohe" and path.suffix == ".py" and not path.name.startswith("__"))
    ]
    assert len(rooms) > 30
    assert [room for room in rooms if f"`{room}`" not in architecture] == []


def test_each_heading_of_the_tally_rules_names_its_files() -> None:
    named_files = re.findall(r"^## .*\((`.*`)\)$", read("docs/tally-rules.md"), re.MULTILINE)
    files = [name for each in named_files for name in re.findall(r"`([^`]+)`", each)]
    assert len(files) > 10
    for name in files:
        assert (ROOT / name).exists() or (ROOT / "kaohe" / "tally" / name).exists(), name


def test_the_changes_begin_with_this_version() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert re.findall(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)[0] == version


def test_the_code_refers_to_decisions_that_were_made_and_to_no_section_of_a_paper_elsewhere() -> None:
    for path in [*DOCUMENTS, *DECISIONS, *ROOT.glob("kaohe/**/*.py"), *ROOT.glob("tests/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        for decision in re.findall(r"docs/adr/(\d{4})", text):
            assert list(ROOT.glob(f"docs/adr/{decision}-*.md")), (path, decision)
        if path != Path(__file__):
            assert not re.search(r"§ ?\d", text), path
