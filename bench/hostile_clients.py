"""Clients that mean harm beside a hall's burst: those of ``tests/faults/hostile_clients.py``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.hall import ROOT

ATTACKS = ("pipelining", "slow_lines", "big_forms", "renderings", "guesses")
"""All but the one that draws tickets by the shared code, from which slips are out of reach."""
_FROM = "127.0.0.2"
_BEFORE_SECONDS = 1.0


@contextmanager
def attacked(port: int, path: str, ticket: str, attack: str) -> Iterator[None]:
    """Let one client attack, from another address than the phones', while the block runs."""
    command = [sys.executable, "-m", "faults.hostile_clients", attack, str(port), _FROM, path, ticket, ""]
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        if process.stdout is None or process.stdout.readline() != b"begun\n":
            raise RuntimeError(f"the client that attacks by {attack} has not begun")
        time.sleep(_BEFORE_SECONDS)
        yield
        if process.poll() is not None:
            raise RuntimeError(f"the client that attacks by {attack} has given up")
    finally:
        process.kill()
        process.communicate()
