"""Starts kaohe from an offline folder: sets up its environment from the wheels beside it, once, and serves.

Run by the start file of the system with whatever Python that found; needs the standard library alone. What a person
reads in the window is Chinese on every system. Understood by Python 3.7 and later, so that an old one is told.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

# gevent has no wheel of its own for 3.11 on macOS.
OLDEST, NEWEST = (3, 12) if sys.platform == "darwin" else (3, 11), (3, 14)
HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / "environment"
LOCK = HERE / "requirements.lock"


def main() -> int:
    """Serve, or say in one sentence what is missing; the exit code of what was run last."""
    refused = refusal_of(sys.version_info[:2], sys.maxsize)
    if refused:
        print(refused)
        return 2
    try:
        set_up()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"没有装好：{error}")
        print("请确认这个文件夹能写入、没有缺文件，磁盘还有 500 MB，然后再启动一次。")
        return 1
    os.environ.setdefault("KAOHE_DATA", str(HERE / "data"))
    os.environ["PYTHONUTF8"] = "1"
    kaohe = [str(python_of(ENVIRONMENT)), "-m", "kaohe"]
    upgraded = subprocess.call([*kaohe, "upgrade"])
    if upgraded:
        return upgraded
    print("正在启动，浏览器会自动打开。开会期间请不要关闭这个窗口。", flush=True)
    try:
        return subprocess.call([*kaohe, "serve", "--example"])
    except KeyboardInterrupt:
        return 0


def refusal_of(version: tuple[int, ...], largest: int) -> str:
    """Why this Python will not do, as a sentence; empty where it will."""
    found = ".".join(map(str, version))
    if not OLDEST <= version <= NEWEST:
        oldest = ".".join(map(str, OLDEST))
        return f"需要 Python {oldest} 至 3.14，找到的是 {found}。请从 www.python.org 下载安装其中一个版本，再启动一次。"
    if largest < 2**32:
        return f"需要 64 位的 Python，找到的是 32 位的 {found}。请从 www.python.org 下载安装 64 位版本，再启动一次。"
    return ""


def set_up() -> None:
    """Make the environment from the wheels, unless the one that is there was made of them, here, by this Python."""
    mark = ENVIRONMENT / "made-of.txt"
    wanted = f"{HERE}\n{sys.version}\n{hashlib.sha256(LOCK.read_bytes()).hexdigest()}\n"
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
        return
    print("第一次启动：正在安装，约需一分钟，不需要联网……", flush=True)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    subprocess.check_call([sys.executable, "-m", "venv", str(ENVIRONMENT)])
    pip = [str(python_of(ENVIRONMENT)), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index"]
    wheels = HERE / "wheels"
    subprocess.check_call([*pip, "--find-links", str(wheels), "--require-hashes", "-r", str(LOCK)])
    subprocess.check_call([*pip, "--no-deps", *(str(wheel) for wheel in wheels.glob("kaohe-*.whl"))])
    mark.write_text(wanted, encoding="utf-8")


def python_of(environment: Path) -> Path:
    """The interpreter of an environment."""
    if os.name == "nt":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


if __name__ == "__main__":
    code = main()
    if code:
        input("按回车键关闭窗口。")
    sys.exit(code)
