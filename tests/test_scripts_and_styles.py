"""The scripts and style sheets, read by real parsers: docs/adr/0002 says why no linter of theirs is in the lock."""

from __future__ import annotations

import gzip
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import tree_sitter_css
import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from kaohe.web.voter.phone_files import _FILES, _read

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = Parser(Language(tree_sitter_javascript.language()))
STYLE = Parser(Language(tree_sitter_css.language()))
ES5 = set(
    """
    program comment expression_statement variable_declaration variable_declarator function_declaration
    function_expression formal_parameters statement_block return_statement if_statement else_clause for_statement
    for_in_statement while_statement do_statement break_statement continue_statement switch_statement switch_body
    switch_case switch_default throw_statement try_statement catch_clause finally_clause empty_statement
    assignment_expression augmented_assignment_expression binary_expression unary_expression update_expression
    ternary_expression sequence_expression parenthesized_expression call_expression new_expression member_expression
    subscript_expression arguments array object pair identifier property_identifier this true false null undefined
    number string string_fragment escape_sequence regex regex_pattern regex_flags
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a list of quoted ones
)
"""Every kind of node that a script of 2009 may hold, in the words of the parser."""
NEWER_SIGNS = {
    "=>",
    "**",
    "**=",
    "??",
    "??=",
    "?.",
    "&&=",
    "||=",
    "...",
    "of",
    "let",
    "const",
    "async",
    "await",
    "class",
}
SLOPPY_SIGNS = {"==", "!=", "with", "debugger"}
GIVEN = set(
    """
    window document location history JSON Math Date Number String Object Array Boolean Uint8Array DOMParser
    Event XMLHttpRequest encodeURIComponent decodeURIComponent escape unescape parseInt parseFloat htmx undefined
    arguments EventSource navigator
    """.split()  # noqa: SIM905 - as above
)
"""What a browser of those years has, and the one library beside our scripts."""
TRUSTING = {"eval", "Function", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "console", "alert"}


def _files(pattern: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", pattern], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


SCRIPTS, STYLES = _files("static/js/**.js"), _files("static/css/**.css")


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _faults_of_script(source: str) -> list[str]:
    """What an old engine would not read, and what a careful reader would not write."""
    faults: list[str] = []
    declared: set[str] = set()
    parameters: set[str] = set()
    used: Counter[str] = Counter()
    for node in _nodes(SCRIPT.parse(source.encode()).root_node):
        place = f"line {node.start_point[0] + 1}: {_text(node)[:40]}"
        is_bare_catch = node.type == "catch_clause" and node.child_by_field_name("parameter") is None
        if node.is_error or node.is_missing or (node.is_named and node.type not in ES5) or is_bare_catch:
            faults.append(f"{node.type}, {place}")
        if not node.is_named and node.type in NEWER_SIGNS | SLOPPY_SIGNS:
            faults.append(f"{node.type}, {place}")
        if node.type in ("identifier", "property_identifier", "member_expression") and _text(node) in TRUSTING:
            faults.append(f"{_text(node)}, {place}")
        if node.type == "identifier":
            used[_text(node)] += 1
            if _names_parameter(node):
                parameters.add(_text(node))
            elif _declares(node):
                declared.add(_text(node))
    faults += [f"{name} is nowhere declared" for name in sorted(set(used) - declared - parameters - GIVEN)]
    faults += [f"{name} is never used" for name in sorted(declared - parameters) if used[name] == 1]
    if "'use strict'" not in source and '"use strict"' not in source:
        faults.append("not in strict mode")
    return faults


def _declares(node: Node) -> bool:
    parent = node.parent
    assert parent is not None
    is_named = parent.type in ("variable_declarator", "function_declaration", "function_expression")
    return is_named and parent.child_by_field_name("name") == node


def _names_parameter(node: Node) -> bool:
    """Also one that stands there for those that come after it, or for a fault that needs no look."""
    parent = node.parent
    assert parent is not None
    is_caught = parent.type == "catch_clause" and parent.child_by_field_name("parameter") == node
    return parent.type == "formal_parameters" or is_caught


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_script_is_plain_es5_that_declares_what_it_uses(path: Path) -> None:
    assert _faults_of_script(path.read_text(encoding="utf-8")) == []


def _words_of_script(source: str) -> list[tuple[bool, str]]:
    """Every word, and whether it is a name that the script may call as it likes."""
    leaves = (node for node in _nodes(SCRIPT.parse(source.encode()).root_node) if not node.children)
    return [(node.type == "identifier", _text(node)) for node in leaves if node.type != "comment" and _text(node)]


@pytest.mark.parametrize("folder", ["phone", "phone-at-once", "phone-material", "phone-more", "phone-seal"])
def test_a_phone_gets_every_word_of_its_scripts_and_no_other(folder: str) -> None:
    sent = _words_of_script(gzip.decompress(_read(str(ROOT / "static"), f"js/{folder}.js").zipped).decode())
    parts = [ROOT / "static" / part for part in _FILES[f"js/{folder}.js"]]
    assert {path for path in SCRIPTS if path.parent.name == folder} == {path for path in parts if path in SCRIPTS}
    written = [word for part in parts for word in _words_of_script(part.read_text(encoding="utf-8"))]
    vendored = sum(
        len(_words_of_script(part.read_text(encoding="utf-8"))) for part in parts if part.parent.name == "vendor"
    )
    assert [word for word in sent if not word[0]] == [word for word in written if not word[0]]
    assert sent[:vendored] == written[:vendored]
    # Another name for each name, one to one, and the browser's own as they are.
    ours = {(was, now) for (is_name, was), (_, now) in list(zip(written, sent, strict=True))[vendored:] if is_name}
    assert not [pair for pair in ours if pair[0] in GIVEN and pair[0] != pair[1]]
    assert len(ours) == len({was for was, _ in ours}) == len({now for _, now in ours})


@pytest.mark.parametrize("path", sorted((ROOT / "static" / "vendor").glob("*.phone.js")), ids=lambda path: path.name)
def test_what_others_wrote_for_the_phone_is_es5_too(path: Path) -> None:
    nodes = list(_nodes(SCRIPT.parse(path.read_bytes()).root_node))
    assert {node.type for node in nodes if node.is_named} <= ES5
    assert not {node.type for node in nodes if not node.is_named} & NEWER_SIGNS
    used = {_text(node) for node in nodes if node.type in ("identifier", "property_identifier")}
    assert not used & {"BigInt", "Promise", "fetch", "from", "subtle", "Symbol", "Map", "WeakMap"}


@pytest.mark.parametrize(
    "planted",
    [
        "let a = 1; f(a);",
        "const a = 1; f(a);",
        "f(() => 1);",
        "f(`a`);",
        "f(a ?? b);",
        "f(a?.b);",
        "f(...a);",
        "f(2 ** 3);",
        "f({ a });",
        "f({ a() { return 1; } });",
        "class A {}",
        "for (var x of a) { f(x); }",
        "var { x } = a; f(x);",
        "f(function (x = 1) { return x; });",
        "try { f(a); } catch { f(b); }",
        "async function g() { f(g); }",
        "if (a == b) { f(a); }",
        "f(unknown);",
        "var forgotten = 1;",
        "a.innerHTML = b;",
        "f(a",
    ],
)
def test_a_script_that_an_old_phone_cannot_read_or_that_is_careless_is_found(planted: str) -> None:
    around = "(function (f, a, b) {{ 'use strict'; f(a, b); {} }})(window.f, window.a, window.b);"
    assert _faults_of_script(around.format("")) == []
    assert _faults_of_script(around.format(planted))


@cache
def _written_elsewhere() -> str:
    """All that may name a class: templates, scripts and the pages' own code."""
    files = [*_files("templates/**"), *SCRIPTS, *_files("kaohe/**.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: "/".join(path.parts[-2:]))
def test_every_style_sheet_is_read_whole_and_every_class_in_it_is_used(path: Path) -> None:
    words = set(re.findall(r"[\w-]+", _written_elsewhere()))
    faults = []
    for node in _nodes(STYLE.parse(path.read_bytes()).root_node):
        if node.is_error or node.is_missing:
            faults.append(f"line {node.start_point[0] + 1}: {_text(node)[:40]}")
        if node.type == "class_name" and node.parent is not None and node.parent.type == "class_selector":
            name = _text(node)
            # Some are put together, like notice-{{ kind }}.
            stems = [f"{name[: dash.end()]}{{" for dash in re.finditer("-", name)]
            if name not in words and not any(stem in _written_elsewhere() for stem in stems):
                faults.append(f".{name} is nowhere used")
    assert faults == []


PAPERS = [path for path in _files("templates/**") if '{{ print_styles("' in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_every_class_of_a_page_for_paper_has_a_rule_in_the_sheets_that_it_loads(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    loaded = re.findall(r'"([\w-]+)"', re.search(r"print_styles\((.*?)\) \}\}", page)[1])
    rules = "".join((ROOT / f"static/css/print/{name}.css").read_text(encoding="utf-8") for name in loaded)
    written = " ".join(re.findall('class="([^"]*)"', page))
    names = set(re.sub(r"\{[{%].*?[%}]\}", " ", written).split())
    assert {name for name in names if not re.search(rf"\.{name}\b", rules)} == set()


def test_every_variable_of_the_style_sheets_is_defined_and_used() -> None:
    nodes = [node for path in STYLES for node in _nodes(STYLE.parse(path.read_bytes()).root_node)]
    defined = {_text(node) for node in nodes if node.type == "property_name" and _text(node).startswith("--")}
    used = {_text(node) for node in nodes if node.type == "plain_value" and _text(node).startswith("--")}
    assert len(defined) > 20
    # A script measures the bar above the form and says how high it is.
    assert used <= defined | {"--bar"}
    assert {name for name in defined - used if name not in _written_elsewhere()} == set()


def test_nothing_on_the_wall_moves_but_by_transform_and_opacity() -> None:
    sheet = (ROOT / "static/css/stage.css").read_text(encoding="utf-8")
    moved = [
        part.split()[0]
        for value in re.findall(r"transition:\s*([^;}]+)", sheet)
        for part in value.split(",")
        if part.split()[0] != "none"
    ]
    frames = re.findall(r"@keyframes \w+ \{(.*?\})\s*\}", sheet)
    moved += [name for frame in frames for name in re.findall(r"([a-z-]+):", frame)]
    assert frames
    assert set(moved) <= {"transform", "opacity"}
