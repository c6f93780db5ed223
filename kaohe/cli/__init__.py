"""The command line: everything that the console does, for scripts."""

from __future__ import annotations

import sys


def main() -> None:
    """Run ``kaohe …`` with the arguments of this process, and exit.

    ``kaohe serve`` runs on gevent, which must change the standard library before anything else imports it.
    """
    if sys.argv[1:2] == ["serve"]:
        from gevent import monkey  # noqa: PLC0415 - only this command, and before every other import

        monkey.patch_all()
    from kaohe.cli.commands import run  # noqa: PLC0415 - after the patching

    run()
