"""What an address asks for by name. What there is nothing of is refused, and nothing else is shown in its stead.

Words that are looked for, and what only unfolds or marks a line of a page, name nothing: where they fit nothing, the
page is as it is.
"""

from __future__ import annotations

from collections.abc import Collection

from flask import request

from kaohe.domain.errors import NotFound
from kaohe.domain.typed_numbers import read_whole


def asked_number(name: str) -> int | None:
    """The whole number that the address or form gives under a name; None where it says nothing.

    Raises:
        NotFound: it says something else, of which there is nothing to show; the latest is never shown in its stead.
    """
    typed = request.values.get(name, "")
    if typed and (number := read_whole(typed)) is None:
        raise NotFound
    return number if typed else None


def asked_one_of(name: str, there: Collection[str], usual: str = "") -> str:
    """Which one of what is ``there`` the address gives under a name; the ``usual`` one where it says nothing.

    Raises:
        NotFound: it names another.
    """
    wanted = request.args.get(name, usual)
    if wanted != usual and wanted not in there:
        raise NotFound
    return wanted
