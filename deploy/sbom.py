"""Writes what a release is made of (SBOM): ``python deploy/sbom.py > kaohe.cdx.json``.

A CycloneDX 1.6 document from the lock files and from the table of vendored files: each package by name, version and the
digests that an installation accepts, each vendored file by its checksum. The same tree gives the same bytes, so whoever
has the sources can make it again and compare.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-postgresql.lock")
_PACKAGE = re.compile(
    r"^([A-Za-z0-9._-]+)==([^\s;\\]+)[^\n]*\n((?:[ ]+--hash=sha256:[0-9a-f]{64}[^\n]*\n)+)", re.MULTILINE
)
_VENDORED = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| [^|]+ \| ([^|]+) \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def document(root: Path = ROOT) -> dict[str, Any]:
    """The bill of materials of the tree at ``root``."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = {part["bom-ref"]: part for part in (*_packages(root), *_vendored(root))}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "kaohe",
                "name": project["name"],
                "version": project["version"],
            }
        },
        "components": [found[name] for name in sorted(found)],
        "dependencies": [{"ref": "kaohe", "dependsOn": sorted(found)}],
    }


def _packages(root: Path) -> Iterator[dict[str, Any]]:
    for lock in LOCKS:
        for name, version, lines in _PACKAGE.findall((root / lock).read_text(encoding="utf-8")):
            purl = f"pkg:pypi/{re.sub('[-_.]+', '-', name).lower()}@{version}"
            # One digest for each file that the index has of this version; an installation takes one of them.
            digests = sorted(re.findall(r"sha256:([0-9a-f]{64})", lines))
            listed = [{"name": "kaohe:accepted-sha256", "value": digest} for digest in digests]
            yield {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": version,
                "purl": purl,
                "properties": listed,
            }


def _vendored(root: Path) -> Iterator[dict[str, Any]]:
    for name, origin, version, licence, digest in _VENDORED.findall(
        (root / "static" / "vendor" / "README.md").read_text(encoding="utf-8")
    ):
        yield {
            "type": "file",
            "bom-ref": f"static/vendor/{name}",
            "name": name,
            "version": version.strip(),
            "description": origin.strip(),
            "licenses": [{"license": {"name": licence.strip()}}],
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), ensure_ascii=False, indent=1) + "\n")
