"""No name of the program is there for nobody, or for the tests alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ("bench", "docs", "migrations")
"""Folders whose scripts use the program."""
CALLED_BY_A_FRAMEWORK: Mapping[str, str] = {
    "Flask": "save_session",
    "click": "list_commands get_command format_commands invoke command_class write_usage write_heading",
    "html.parser": "handle_starttag",
    "gevent's pywsgi": "max_accept read_request read_requestline handle_one_request"
    " MessageClass handle_one_response process_result _discard"
    " _write_with_headers log_request log_error handle_error _handle_client_error _log_error typeheader getheader"
    " wrap_socket_and_handle",
    "SQLAlchemy": "impl cache_ok process_result_value process_bind_param",
    "WTForms": "Meta wrap_formdata _value _extract_indices process_formdata",
}
EXCUSED = {name for names in CALLED_BY_A_FRAMEWORK.values() for name in names.split()}
DECORATORS_THAT_REGISTER_NOTHING = {
    "cached_in_transaction",
    "cache",
    "cached_property",
    "classmethod",
    "contextmanager",
    "dataclass",
    "lru_cache",
    "override",
    "property",
    "staticmethod",
}


@dataclass(frozen=True)
class Defined:
    """One name, and the lines in which its own definition may speak of it."""

    name: str
    file: Path
    lines: range


def test_every_name_of_the_program_is_used_by_the_program() -> None:
    found = [f"{d.file.relative_to(ROOT)}:{d.lines.start} {d.name}" for d in unused() if d.name not in EXCUSED]
    assert found == []


def test_no_excuse_is_out_of_date() -> None:
    assert EXCUSED - {each.name for each in unused()} == set()


def test_a_name_that_only_its_own_definition_speaks_of_is_found(tmp_path: Path) -> None:
    source = tmp_path / "source.py"
    source.write_text(
        "_LIMIT = 3\nclass Box:\n    size: int\n    def fill(self):\n        return self.fill()\n\nBox()\n"
    )
    users = [(source, uses(source))]
    assert [d.name for d in defined_in(source) if not is_used(d, users)] == ["_LIMIT", "size", "fill"]


@cache
def unused() -> list[Defined]:
    program = sorted((ROOT / "kaohe").rglob("*.py"))
    scripts = [path for folder in SCRIPTS for path in sorted((ROOT / folder).rglob("*.py"))]
    users = [(path, uses(path)) for path in [*program, ROOT / "app.py", *scripts]]
    templates = {word for path in (ROOT / "templates").rglob("*.*") for word in re.findall(r"\w+", path.read_text())}
    found = [d for path in program for d in defined_in(path) if d.name not in templates]
    return [d for d in found if not is_used(d, users)]


def is_used(name: Defined, users: list[tuple[Path, dict[str, list[int]]]]) -> bool:
    return any(path != name.file or line not in name.lines for path, at in users for line in at.get(name.name, ()))


def uses(path: Path) -> dict[str, list[int]]:
    """The lines in which each name is read; an import or an assignment reads nothing."""
    found: dict[str, list[int]] = {}
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
                found.setdefault(name, []).append(node.lineno)
            case ast.Constant(value=str(name)) if name.isidentifier():
                # What getattr, an address or an annotation in quotes speaks of.
                found.setdefault(name, []).append(node.lineno)
    return found


def defined_in(path: Path) -> Iterator[Defined]:
    return _defined(path, ast.parse(path.read_text()).body)


def _defined(path: Path, body: list[ast.stmt]) -> Iterator[Defined]:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                if all(_name_of(each) in DECORATORS_THAT_REGISTER_NOTHING for each in node.decorator_list):
                    yield from _named(node.name, path, node)
                # The members of an enumeration are read by going through them, and by their values.
                if isinstance(node, ast.ClassDef) and not any("Enum" in ast.unparse(base) for base in node.bases):
                    yield from _defined(path, node.body)
            case ast.Assign(targets=targets):
                for target in targets:
                    for each in ast.walk(target):
                        if isinstance(each, ast.Name):
                            yield from _named(each.id, path, node)
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield from _named(name, path, node)


def _named(name: str, path: Path, node: ast.stmt) -> Iterator[Defined]:
    # Python itself reads what stands between double underscores.
    if not re.fullmatch(r"__\w+__", name):
        yield Defined(name, path, range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _name_of(decorator: ast.expr) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) else ast.unparse(called)
