"""The command line: everything that the console does, for scripts."""

import gc
import sys

OLDEST, NEWEST = (3, 11), (3, 14)
"""The versions of Python that the tests run on."""
_COLLECT_AFTER = 50000
"""How many new containers trigger the garbage collector. What is loaded at the start is no garbage, and looking through
it again and again took a tenth of every command."""


def require_python() -> None:
    """Exit with one sentence and code 2 unless this Python is one of those that the tests run on.

    This file and `kaohe/__main__.py` keep to syntax that every Python 3 reads, so that an old one is told. `make` asks
    before it sets anything up.
    """
    here = sys.version_info[:2]
    if not OLDEST <= here <= NEWEST:
        oldest, newest, found = (".".join(map(str, version)) for version in (OLDEST, NEWEST, here))
        wanted = oldest + " 至 " + newest
        sys.stderr.write("错误：kaohe 需要 Python " + wanted + "，现在用的是 " + found + "，请换一个版本再运行。\n")
        sys.exit(2)


def main() -> None:
    """Run ``kaohe …`` with the arguments of this process, and exit.

    ``kaohe serve`` runs on gevent, which must change the standard library before anything else imports it.
    """
    require_python()
    gc.set_threshold(_COLLECT_AFTER)
    if sys.argv[1:2] == ["serve"]:
        from gevent import monkey  # noqa: PLC0415 - only this command, and before every other import

        monkey.patch_all()
    from kaohe.cli.commands import run  # noqa: PLC0415 - after the patching

    run()


def work() -> None:
    """Do the piece of work that a server has started this process for, and answer it on the standard output."""
    gc.set_threshold(_COLLECT_AFTER)
    from kaohe.cli.results.work import main as do_work  # noqa: PLC0415 - once garbage is looked for less often

    do_work()
