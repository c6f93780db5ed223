"""The folder that starts kaohe without an internet, but for its wheels: ``make bundle`` brings those and starts it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.make_bundle import LOCK, SYSTEMS, lay_out, requirements_of
from deploy.offline.start import NEWEST, OLDEST, refusal_of
from kaohe import cli

_NAMES_IN_LOCK = re.compile(r"^([a-z][a-z0-9.-]+)==", re.MULTILINE)


@pytest.fixture(params=SYSTEMS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    lay_out(tmp_path / request.param, SYSTEMS[request.param])
    return tmp_path / request.param


def test_each_system_asks_for_exactly_what_of_the_lock_it_needs() -> None:
    lock = LOCK.read_text()
    everything = set(_NAMES_IN_LOCK.findall(lock))
    asked = {
        name: {frozenset(_NAMES_IN_LOCK.findall(requirements_of(lock, system, python))) for python in system.pythons}
        for name, system in SYSTEMS.items()
    }
    assert asked["windows-x64"] == {frozenset(everything)}
    for name in ("macos-arm64", "linux-x64", "linux-arm64"):
        assert asked[name] == {frozenset(everything - {"colorama"})}


def test_every_package_is_asked_for_with_its_hashes() -> None:
    for line in requirements_of(LOCK.read_text(), SYSTEMS["windows-x64"], "3.14").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==\S+( --hash=sha256:[0-9a-f]{64})+", line), line


def test_a_folder_holds_every_file_that_its_start_files_name(folder: Path) -> None:
    held = {path.name for path in folder.iterdir()}
    assert {"start.py", "requirements.lock", "no-python.txt"} < held
    started = [name for name in held if name.startswith("启动")]
    for name in started:
        text = (folder / name).read_text("utf-8")
        assert set(re.findall(r"[\w-]+\.(?:py|txt)\b|启动\.sh", text)) <= held, name
        assert "start.py" in text or "启动.sh" in text


def test_the_start_file_of_windows_can_be_read_by_any_of_its_command_lines_and_takes_these_steps(
    tmp_path: Path,
) -> None:
    lay_out(tmp_path / "windows", SYSTEMS["windows-x64"])
    written = (tmp_path / "windows" / "启动.bat").read_bytes()
    lines = written.decode("ascii").split("\r\n")
    assert all("\n" not in line for line in lines)
    steps = [
        'cd /d "%~dp0"',
        '  "python\\python.exe" start.py',
        "    py -%%v start.py",
        "  python start.py",
        'start "" notepad "no-python.txt"',
    ]
    assert [line for line in lines if line in steps] == steps
    assert f"in ({' '.join(reversed(SYSTEMS['windows-x64'].pythons))})" in written.decode()
    told = (tmp_path / "windows" / "no-python.txt").read_bytes()
    assert told.startswith(b"\xef\xbb\xbf")
    assert told.count(b"\n") == told.count(b"\r\n") > 5


def test_the_start_file_of_linux_can_be_run_and_says_where_there_is_no_python(tmp_path: Path) -> None:
    lay_out(tmp_path / "我的 文档", SYSTEMS["linux-x64"])
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "dirname", "cat"):
        (tools / tool).symlink_to(shutil.which(tool))
    started = tmp_path / "我的 文档" / "启动.sh"
    assert os.access(started, os.X_OK)
    environment = {"PATH": str(tools), "PYTHONPATH": str(tmp_path)}
    said = subprocess.run([started], env=environment, input="\n", capture_output=True, text=True, check=True)
    assert "没有找到能用的 Python" in said.stdout
    # One that says it is 3.6, by the file that every Python reads as it starts, could not read what it is to run.
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.version_info = (3, 6, 8, 'final', 0)\n")
    (tools / "python3").symlink_to(sys.executable)
    said = subprocess.run([started], env=environment, input="\n", capture_output=True, text=True, check=True)
    assert "没有找到能用的 Python" in said.stdout


def test_another_python_is_refused_in_one_sentence_that_says_where_to_get_one() -> None:
    assert (OLDEST, NEWEST) == (cli.OLDEST, cli.NEWEST)
    assert [f"3.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)] == list(SYSTEMS["linux-x64"].pythons)
    for version in ((3, 10), (3, 15), (2, 7)):
        assert "需要 Python 3.11 至 3.14" in refusal_of(version, 2**63 - 1)
    assert "64 位" in refusal_of((3, 12), 2**31 - 1)
    assert refusal_of((3, 12), 2**63 - 1) == ""


def test_the_start_file_of_windows_jumps_nowhere_else_and_calls_nothing_that_windows_has_not(tmp_path: Path) -> None:
    """No Windows runs here: what its command line would stumble over is looked for, line by line."""
    lay_out(tmp_path / "windows", SYSTEMS["windows-x64"])
    lines = [line.strip() for line in (tmp_path / "windows" / "启动.bat").read_text("ascii").splitlines()]
    code = [line for line in lines if line and not line.startswith("rem ")]
    assert code[0] == "@echo off"
    labels = {line[1:] for line in code if line.startswith(":")} | {":eof"}
    assert {target for line in code for target in re.findall(r"\bgoto (\S+)", line)} <= labels
    depth = 0
    for line in code:
        depth += line.count("(") - line.count(")")
        assert depth >= 0
        # Within a bracket a variable would be read before the bracket runs.
        assert depth == 0 or not re.search(r"%\w+%", line)
    assert depth == 0
    called = {re.sub(r"^(if exist \S+|for %%v in \([^)]*\) do) ?\(?", "", line).split(" ")[0] for line in code}
    built_in = {"@echo", "setlocal", "cd", "set", "title", "goto", "start", "", ")"}
    assert called - built_in == {"py", "python", '"python\\python.exe"'}
    # Whatever may hold a blank stands in quotes, and Python, not the command line, says what is Chinese.
    assert 'cd /d "%~dp0"' in code
    assert "set PYTHONUTF8=1" in code
    assert not [line for line in code if line.startswith(("echo", "type"))]


@pytest.mark.parametrize(("system", "name"), [("linux-x64", "启动.sh"), ("macos-arm64", "启动.command")])
def test_a_start_file_finds_the_newest_python_and_says_in_chinese_what_is_missing(
    tmp_path: Path, system: str, name: str
) -> None:
    """The file of macOS is a script of ``sh`` as well; it runs here with this system's ``sh``."""
    folder = tmp_path / "我的 文档"
    lay_out(folder, SYSTEMS[system])
    (folder / "requirements.lock").unlink()
    assert os.access(folder / name, os.X_OK)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "dirname").symlink_to(shutil.which("dirname"))
    # A Python that is there and does not run is passed over.
    (tools / "python3.14").write_text("#!/bin/sh\nexit 1\n")
    (tools / "python3.14").chmod(0o755)
    (tools / "python3.13").symlink_to(sys.executable)
    done = subprocess.run(
        [folder / name], env={"PATH": str(tools)}, cwd=tmp_path, input="\n", capture_output=True, text=True, check=False
    )
    assert (done.returncode, "没有装好" in done.stdout, "没有缺文件" in done.stdout) == (1, True, True), done


def test_the_entry_for_the_desktop_of_uos_and_kylin_runs_the_start_file_beside_it(tmp_path: Path) -> None:
    """By the rules of desktop entries: quotes are double, and what a shell would read in them is escaped twice."""
    folder = tmp_path / "我的 文档"
    lay_out(folder, SYSTEMS["linux-arm64"])
    entry = folder / "启动.desktop"
    first, *lines = entry.read_text("utf-8").splitlines()
    said = dict(line.split("=", 1) for line in lines)
    assert first == "[Desktop Entry]"
    assert (said["Type"], said["Terminal"], said["Categories"]) == ("Application", "true", "Office;")
    assert {key.partition("[")[0] for key in said} <= set(said)
    command = said["Exec"].replace("\\\\", "\\")
    words = [
        re.sub(r'\\(["`$\\])', r"\1", quoted) or plain
        for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"\'\\<>~|&;$*?#()`]+)', command)
    ]
    assert re.sub(r'"(?:[^"\\`$]|\\.)*"', "x", command).split(" ") == ["sh", "-c", "x", "start", "%k"]
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "dirname", "cat"):
        (tools / tool).symlink_to(shutil.which(tool))
    run = [str(entry) if word == "%k" else word for word in words]
    done = subprocess.run(
        run, env={"PATH": str(tools)}, cwd="/", input="\n", capture_output=True, text=True, check=True
    )
    assert "没有找到能用的 Python" in done.stdout
