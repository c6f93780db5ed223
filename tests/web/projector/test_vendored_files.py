"""The files that others wrote are the ones that they published."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[3] / "static" / "vendor"


def test_every_vendored_file_has_the_checksum_that_is_written_down():
    written = dict(re.findall(r"^\| `(\S+)` .*`([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text(), re.MULTILINE))
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "README.md"
    }
    assert len(found) >= 2
    assert found == written


def test_every_vendored_file_says_its_version_in_its_name():
    for path in VENDOR.glob("*.js"):
        assert re.search(r"-\d+\.\d+\.\d+\.", path.name), path.name
