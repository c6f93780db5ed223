"""``kaohe tally`` as a script meets it."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from kaohe.cli.tally.command import tally_command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(tally_command, list(arguments))


def tallied(*arguments: str) -> Any:
    done = run(*arguments, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    return json.loads(done.stdout)
