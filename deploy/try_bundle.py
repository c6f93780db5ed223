"""Starts the folder that ``make bundle`` made for Linux as a person would, and waits for the page that asks for a name.

In a folder with a blank and Chinese in its name, with an empty home and no way to any package index.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

_BUNDLES = Path(__file__).resolve().parent.parent / "build" / "bundles"


def main() -> int:
    """0 where the console's first page was answered."""
    (made,) = _BUNDLES.glob("kaohe-*-linux-x64/")
    with tempfile.TemporaryDirectory() as scratch, socket.socket() as probe:
        folder = Path(scratch) / "我的 文档" / made.name
        shutil.copytree(made, folder)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": scratch,
            "LANG": "C.UTF-8",
            "PORT": str(port),
            "KAOHE_URL": f"http://127.0.0.1:{port}",
            "PIP_INDEX_URL": "http://127.0.0.1:1/",
        }
        began = time.monotonic()
        started = subprocess.Popen(
            [str(folder / "启动.sh")], env=environment, start_new_session=True, stdout=subprocess.PIPE, text=True
        )
        try:
            shown = iter(started.stdout)
            first = next((line.strip() for line in shown if "/desk/first#" in line), None)
            if first is None or not any("服务器已启动" in line for line in shown):
                print("it did not start")
                return 1
            page = _posted(first)
            asks = 'name="name"' in page and 'type="password"' in page
            print(f"{time.monotonic() - began:.0f} s; the page asks for name and password: {asks}")
            return 0 if asks else 1
        finally:
            os.killpg(started.pid, signal.SIGINT)
            started.wait(30)


def _posted(link: str) -> str:
    """The page to which a one-time link leads, whose secret, behind the #, is posted as the page's script does."""
    address, _, secret = link.partition("#")
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    form = browser.open(address, timeout=30).read().decode()
    (csrf,) = re.findall(r'name="csrf_token" value="([^"]+)"', form)
    typed = urllib.parse.urlencode({"csrf_token": csrf, "link": secret}).encode()
    page: str = browser.open(address, data=typed, timeout=30).read().decode()
    return page


if __name__ == "__main__":
    sys.exit(main())
