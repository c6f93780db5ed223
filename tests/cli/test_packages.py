"""kaohe as a package: a wheel that holds all it needs, started from any folder, on a Python that is supported."""

from __future__ import annotations

import ast
import os
import pty
import subprocess
import sys
import time
import venv
import zipfile
from pathlib import Path

import pytest
from processes import ROOT

from bench.hall import free_port
from kaohe.cli import require_python

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment that has kaohe from its wheel, and everything else from the tests' own."""
    folder = tmp_path_factory.mktemp("packages")
    build = (*PIP, "wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    subprocess.run(build, check=True)
    (wheel,) = folder.glob("kaohe-*.whl")
    packages = _site_packages(folder)
    venv.create(folder, with_pip=False)
    subprocess.run((*PIP, "install", "--no-deps", "--no-index", "--target", str(packages), str(wheel)), check=True)
    own = Path(next(path for path in sys.path if path.endswith("site-packages")))
    (packages / "of-the-tests.pth").write_text(f"{own}\n")
    return folder


def _site_packages(folder: Path) -> Path:
    return folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"


def test_the_wheel_holds_what_the_program_reads_and_nothing_of_its_workshop(installed: Path) -> None:
    (wheel,) = installed.glob("kaohe-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())

    listed = subprocess.run(
        ["git", "ls-files", "kaohe", "templates", "static", "migrations"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    listed += [f"docs/{path.name}" for path in (ROOT / "docs").glob("*.zh-CN.md")]
    listed += [f"docs/screenshots/guides/{path.name}" for path in (ROOT / "docs/screenshots/guides").iterdir()]
    wanted = {name if name.startswith("kaohe/") else f"kaohe/{name}" for name in listed if (ROOT / name).exists()}
    assert len(wanted) > 400
    assert wanted <= held
    assert {name for name in held - wanted if not name.startswith(f"{wheel.stem.split('-py3')[0]}.dist-info/")} == set()


def test_from_a_folder_with_spaces_and_chinese_a_first_start_opens_the_page_that_asks_for_name_and_password(
    installed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "我的 文档"
    folder.mkdir()
    opened = folder / "opened"
    browser = folder / "browser"
    # The browser that the system would open: it posts what is behind the #, as the script of the page does.
    browser.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, re, sys, urllib.parse, urllib.request\n"
        "address, _, secret = sys.argv[1].partition('#')\n"
        "ask = urllib.request.build_opener(urllib.request.HTTPCookieProcessor()).open\n"
        'token = re.search(r\'name="csrf_token" value="([^"]+)\', ask(address).read().decode())[1]\n'
        "filled = urllib.parse.urlencode({'csrf_token': token, 'link': secret}).encode()\n"
        f"pathlib.Path({str(opened)!r}).write_bytes(ask(address, filled).read())\n"
    )
    browser.chmod(0o755)
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KAOHE_", "PYTHONPATH", "SSH"))}
    environment = {
        **kept,
        "PORT": str(port),
        "KAOHE_URL": f"http://127.0.0.1:{port}",
        "KAOHE_DISK_FLOOR_MB": "1",
        "DISPLAY": ":0",
        "BROWSER": f"'{browser}' %s",
    }
    terminal, inner = pty.openpty()
    server = subprocess.Popen(
        [str(installed / "bin" / "python"), "-m", "kaohe", "serve"],
        cwd=folder,
        env=environment,
        stdout=inner,
        stderr=inner,
    )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and not (opened.exists() and opened.stat().st_size):
            assert server.poll() is None, os.read(terminal, 10_000).decode()
            time.sleep(0.1)
    finally:
        server.terminate()
        code = server.wait(30)
        os.close(inner)
        os.close(terminal)

    page = opened.read_text(encoding="utf-8")
    assert 'name="name"' in page
    assert 'name="password"' in page
    assert code == 0
    assert (folder / ".kaohe" / "kaohe.sqlite3").exists()


def test_the_program_names_its_version(installed: Path) -> None:
    run = (str(installed / "bin" / "python"), "-m", "kaohe", "--version")
    done = subprocess.run(run, cwd=installed, capture_output=True, text=True, check=True)

    assert f'version = "{done.stdout.strip().removeprefix("kaohe ")}"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("version", [(3, 4), (3, 10), (3, 15)])
def test_another_python_is_refused_in_one_sentence(
    version: tuple[int, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (*version, 0, "final", 0))

    with pytest.raises(SystemExit) as ended:
        require_python()

    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said == f"错误：kaohe 需要 Python 3.11 至 3.14，现在用的是 3.{version[1]}，请换一个版本再运行。\n"


@pytest.mark.parametrize("path", ["__init__.py", "__main__.py", "cli/__init__.py"])
def test_what_refuses_an_old_python_is_written_in_words_that_every_python_3_reads(path: str) -> None:
    """Seen with 3.6, which stopped at `annotations` and at nothing else; older ones know no f-string either."""
    old = {
        "Module",
        "FunctionDef",
        "arguments",
        "If",
        "Import",
        "ImportFrom",
        "alias",
        "Assign",
        "Expr",
        "Call",
        "Attribute",
    }
    old |= {
        "Name",
        "Load",
        "Store",
        "Constant",
        "Tuple",
        "Subscript",
        "Slice",
        "Compare",
        "LtE",
        "Eq",
        "UnaryOp",
        "Not",
    }
    old |= {"BinOp", "Add", "List", "GeneratorExp", "comprehension"}
    tree = ast.parse((ROOT / "kaohe" / path).read_text(encoding="utf-8"))
    assert {type(node).__name__ for node in ast.walk(tree)} <= old
    assert "__future__" not in {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_make_asks_for_the_version_before_it_sets_anything_up(tmp_path: Path) -> None:
    """A Python that says it is 3.10, by the file that every Python reads as it starts."""
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.version_info = (3, 10, 4, 'final', 0)\n")
    place = tmp_path / "environment"
    done = subprocess.run(
        ["make", "run", f"VENV={place}", f"PYTHON={sys.executable}"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == "错误：kaohe 需要 Python 3.11 至 3.14，现在用的是 3.10，请换一个版本再运行。"
    assert not place.exists()
