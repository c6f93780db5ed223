"""Long lists: page by page on the screen, and whole as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from flask import Response, request, url_for

from kaohe.domain.limits import TITLE_LENGTH
from kaohe.reports.csv_sheets import csv_text
from kaohe.reports.sheet import Sheet, file_stem
from kaohe.reports.xlsx import workbook
from kaohe.storage.read_views import end_read_view
from kaohe.web.asked import asked_number
from kaohe.web.attachments import attached

T = TypeVar("T")

LINES_OF_A_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Paging:
    """Which lines of a list a page shows, and the ways to the pages beside it."""

    start: int
    end: int
    """``lines[start:end]``."""
    text: str
    """Which page of how many; '' where there is one."""
    earlier_url: str
    later_url: str


@dataclass(frozen=True, slots=True)
class ListPart:
    """What a page shows of a list that may be long, and how it asks for more of it."""

    name: str
    """Tells it from the other lists of the page; '' where there is none."""
    is_long: bool
    """Whether there is more of it than a page shows, so that it can be searched."""
    is_asked: bool
    """Whether the address asks for this part of it."""
    sought: str
    count_text: str
    """How many were found; '' where nothing is sought."""
    url: str
    kept: Mapping[str, str]
    """What a search says beside the words."""
    place: Mapping[str, Any]
    """What the address of this very part says."""
    paging: Paging


def part_of_list(
    lines: Sequence[T],
    words_of: Callable[[T], str],
    endpoint: str,
    *,
    name: str = "",
    holding: int | None = None,
    kept: Mapping[str, str] | None = None,
    **path: Any,  # noqa: ANN401 - as url_for takes it
) -> tuple[Sequence[T], ListPart]:
    """The lines that the address asks for: those with every word of ``sought``, one page of them, and how to go on.

    Of several lists of a page ``list`` says which is meant; the others show their first page. ``holding`` is the place
    of a line that is shown whatever the address says. ``kept`` is what the addresses say beside, ``path`` what is in
    their paths.
    """
    asked, said = request.args, {**({"list": name} if name else {}), **(kept or {})}
    is_asked = asked.get("list", "") == name
    sought = asked.get("sought", "")[:TITLE_LENGTH] if is_asked else ""
    found = found_lines(lines, words_of, sought)
    number = _page_at(len(found), LINES_OF_A_PAGE, 0, asked_number("page") if is_asked else None)
    start = number * LINES_OF_A_PAGE
    if holding is not None and lines[holding] not in found[start : start + LINES_OF_A_PAGE]:
        sought, found, number = "", lines, holding // LINES_OF_A_PAGE
    beside = {**path, **said, "sought": sought, "_anchor": name}
    pages = _paging(endpoint, len(found), LINES_OF_A_PAGE, number, beside)
    page = str(number + 1) if number else ""
    place = {key: value for key, value in {**said, "sought": sought, "page": page}.items() if value}
    return found[pages.start : pages.end], ListPart(
        name=name,
        is_long=len(lines) > LINES_OF_A_PAGE,
        is_asked=is_asked and bool(sought or page),
        sought=sought,
        count_text=f"找到 {len(found)} 个" if sought else "",
        url=url_for(endpoint, **path),
        kept=said,
        place=place,
        paging=pages,
    )


def found_lines(lines: Sequence[T], words_of: Callable[[T], str], sought: str) -> Sequence[T]:
    """The lines whose words hold every word that is sought."""
    words = sought.casefold().split()
    return [line for line in lines if all(word in words_of(line).casefold() for word in words)] if words else lines


def page_of_line(at: int) -> dict[str, Any]:
    """What the address says of the part of a page's only list that shows the line at a place, counted from 0."""
    return {"page": str(at // LINES_OF_A_PAGE + 1)} if at >= LINES_OF_A_PAGE else {}


def place_in_list() -> dict[str, Any]:
    """What the address says of the part of a list from which an act came, to go back there."""
    return {name: value for name in ("list", "sought", "page") if (value := request.args.get(name, ""))}


def paging(endpoint: str, count: int, lines_of_a_page: int, at: int = 0, /, **kept: str) -> Paging:
    """The page that the address asks for with ``page``, else the one that holds the line ``at``.

    Where the list is shorter by now it is the last one, as its text says. ``kept`` is what the addresses of the pages
    beside it say too.

    Raises:
        NotFound: the address asks for no number.
    """
    return _paging(endpoint, count, lines_of_a_page, _page_at(count, lines_of_a_page, at, asked_number("page")), kept)


def _page_at(count: int, lines_of_a_page: int, at: int, asked: int | None) -> int:
    last = max(0, count - 1) // lines_of_a_page
    return at // lines_of_a_page if asked is None else min(max(0, asked - 1), last)


def _paging(endpoint: str, count: int, lines_of_a_page: int, number: int, kept: Mapping[str, str]) -> Paging:
    last = max(0, count - 1) // lines_of_a_page
    said: dict[str, Any] = {name: value for name, value in kept.items() if value}
    return Paging(
        start=number * lines_of_a_page,
        end=(number + 1) * lines_of_a_page,
        text=f"第 {number + 1} 页，共 {last + 1} 页" if last else "",
        earlier_url=url_for(endpoint, **said, page=number) if number else "",
        later_url=url_for(endpoint, **said, page=number + 2) if number < last else "",
    )


def excel_file(sheet: Sheet, *more: Sheet) -> Response:
    """The sheets as one Excel workbook, named by the title of the first."""
    # A file is made slowly enough not to keep a view of the database open meanwhile.
    end_read_view()
    return attached(workbook([sheet, *more]), f"{file_stem(sheet.title)}.xlsx")


def csv_file(sheet: Sheet) -> Response:
    """The sheet as a text file, named by its title."""
    end_read_view()
    return attached(csv_text(sheet), f"{file_stem(sheet.title)}.csv")
