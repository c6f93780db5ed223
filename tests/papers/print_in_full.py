"""Prints every sheet of every preset, and of large and odd meetings, and reads the paper: `make papers`.

Workbook and Word document go through LibreOffice, the page to print through Chromium, and the program's own PDF is
read as it is. Printed is what an office would send back: a place to sign on a page without rows, a torn block of
signatures, a number that is broken, a cell that is cut, type below nine points, a name of the result that is on no
paper. It goes on after a fault, says them all once more at its end, and ends with 1 where there is any.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from traceback import format_exception

from office_meetings import HEADING, office_result, office_setup
from paper_reader import all_converted, faults, printed_pages, smallest_type
from playwright.sync_api import sync_playwright
from printing import print_to_pdf, printed_html

from bench.chromium import start_chromium
from kaohe.config import Config
from kaohe.factory import create_app
from kaohe.reports.docx import word_document
from kaohe.reports.early_papers import MeetingTerms, has_notice, meeting_notice, work_logs
from kaohe.reports.forms import form_sheets
from kaohe.reports.notice import NoticeTerms, notice_sheets
from kaohe.reports.paper.fonts import font_files
from kaohe.reports.paper.layout import lay_out_all
from kaohe.reports.pdf import pdf_document
from kaohe.reports.personal import appraisal_sheets, personal_sheets
from kaohe.reports.picture_sheets import picture_sheets
from kaohe.reports.sheet import Sheet
from kaohe.reports.sheets import result_sheets
from kaohe.reports.xlsx import workbook
from kaohe.schemes import list_presets, load_preset
from kaohe.tally.scheme.scheme import Dimension, Scheme

SMALLEST_TYPE = 9
_OF_ONE_KIND = 2
_MOST_ROWS = 2000
"""The tellers' sum of 300 people on 20 dimensions has three times as many, which are like the others."""
TERMS = NoticeTerms(date(2026, 12, 21), contact="人事教育科", phone="0912-1234567")
_LAST_LINES = 3
"""Of what went wrong, as the program would end with it."""
MEETING_TERMS = MeetingTerms(
    date(2026, 12, 14), "下午 2 时 30 分", "机关三楼会议室", contact="人事教育科", phone="0912-1234567"
)
_SETTLED = 60
"""From so many people on the steps of each score, which nobody signs, are left out."""


@dataclass(frozen=True)
class Meeting:
    """One meeting whose sheets are printed."""

    name: str
    preset: str
    people: int
    groups: int = 0
    dimensions: int = 0
    long_posts: bool = False

    def size(self) -> int:
        """What its papers take, roughly: the more, the longer."""
        return self.people * max(1, self.groups) * max(1, self.dimensions)

    def sheets(self) -> list[Sheet]:
        """All its sheets in filing order."""
        scheme = load_preset(self.preset)
        if self.dimensions:
            scheme = _with_dimensions(scheme, self.dimensions)
        result = office_result(scheme, self.people, groups=self.groups, long_posts=self.long_posts)
        filed = result_sheets(result, HEADING)
        kept = [each.sheet for each in filed if self.people < _SETTLED or not each.key.endswith("working")]
        setup = office_setup(result)
        return [
            *([meeting_notice(setup, HEADING, MEETING_TERMS)] if has_notice(setup) else []),
            *kept,
            *(sheet for sheet in form_sheets(result, HEADING) if len(sheet.rows) <= _MOST_ROWS),
            *notice_sheets(result, HEADING, TERMS),
            *_some_of_each(personal_sheets(result, HEADING)),
            *_some_of_each(appraisal_sheets(result, HEADING)),
            *picture_sheets(result, HEADING),
            *_some_of_each(work_logs(setup.subjects, HEADING)),
        ]


def _some_of_each(sheets: Sequence[Sheet]) -> Iterator[Sheet]:
    """The first few of each kind of sheet, as those of one kind differ by their people only."""
    printed: Counter[str] = Counter()
    for sheet in sheets:
        kind = sheet.name.partition("-")[0]
        printed[kind] += 1
        if printed[kind] <= _OF_ONE_KIND:
            yield sheet


def _with_dimensions(scheme: Scheme, count: int) -> Scheme:
    names = ("政治素质", "工作作风", "履职能力", "廉洁自律", "团结协作")
    made = tuple(Dimension(f"d{at}", f"{names[at % 5]}{at // 5 + 1}", Fraction(1, count)) for at in range(count))
    return replace(scheme, dimensions=made)


def meetings() -> Iterator[Meeting]:
    """Every preset with fifteen people, then a pairwise choice of what makes paper hard."""
    for preset in list_presets():
        yield Meeting(preset.key, preset.key, 15)
    yield Meeting("si-deng, signed set", "si-deng", 12)
    for people, groups, dimensions, long_posts in (
        (5, 0, 1, False), (5, 3, 5, True), (5, 8, 20, False),
        (30, 0, 5, False), (30, 3, 20, True), (30, 8, 1, True),
        (100, 0, 20, True), (100, 3, 1, False), (100, 8, 5, False),
        (300, 0, 1, True), (300, 3, 5, True), (300, 8, 20, False),
    ):  # fmt: skip
        name = f"{people} people, {groups} groups, {dimensions} dimensions{', long posts' if long_posts else ''}"
        yield Meeting(name, "de-neng-qin-ji-lian", people, groups, dimensions, long_posts)


@dataclass(frozen=True)
class Printed:
    """What came of the papers of one meeting."""

    about: str
    faults: Sequence[str]
    seconds: Mapping[str, float]
    """What each part of the work took."""


def print_meeting(meeting: Meeting, folder: Path) -> Printed:
    """Print a meeting's papers and read them; the papers themselves stay in the folder."""
    seconds: dict[str, float] = {}
    try:
        about, wrong = _printed(meeting, folder, seconds)
    except Exception as fault:  # noqa: BLE001 - the other meetings are printed all the same, and this one is a fault
        about, wrong = "", [f"{meeting.name}: {''.join(format_exception(fault)[-_LAST_LINES:])}"]
    return Printed(f"{meeting.name}: {about}, {sum(seconds.values()):.0f} s", wrong, seconds)


def _printed(meeting: Meeting, folder: Path, seconds: dict[str, float]) -> tuple[str, list[str]]:
    folder.mkdir(parents=True, exist_ok=True)
    fonts = font_files(None)
    with _timed(seconds, "results and layout"):
        sheets = meeting.sheets()
        expected = sum(len(laid.pages) for laid in lay_out_all(sheets))
    with _timed(seconds, "files"):
        (folder / "workbook.xlsx").write_bytes(workbook(sheets))
        (folder / "word.docx").write_bytes(word_document(sheets, fonts=fonts))
        (folder / "own.pdf").write_bytes(pdf_document(sheets, fonts))
    with _timed(seconds, "LibreOffice"):
        pdfs = all_converted([folder / "workbook.xlsx", folder / "word.docx"])
    with _timed(seconds, "Chromium"):
        pdfs += [from_browser(sheets, folder), folder / "own.pdf"]
    wrong, counts = [], []
    with _timed(seconds, "reading"):
        for pdf in pdfs:
            pages = printed_pages(pdf)
            counts.append(len(pages))
            found = faults(pages, sheets)
            # Word may pack what nobody signs closer than it was laid out; on the others the pages are set.
            if len(pages) > expected or (len(pages) < expected and pdf.stem != "word"):
                found.append(f"{len(pages)} pages in place of {expected}")
            if smallest_type(pdf) < SMALLEST_TYPE:
                found.append(f"type of {smallest_type(pdf)} points")
            wrong += [f"{meeting.name}, {pdf.stem}: {each}" for each in found]
    return f"{len(sheets)} sheets, {'/'.join(map(str, counts))} pages", wrong


@contextmanager
def _timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    started = time.monotonic()
    try:
        yield
    finally:
        seconds[part] = time.monotonic() - started


def from_browser(sheets: Sequence[Sheet], folder: Path) -> Path:
    """The PDF that a person would save of the page to print."""
    app = create_app(Config(data=folder / "data", database_url=f"sqlite:///{folder / 'data.db'}"))
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        pdf = print_to_pdf(browser.new_page(), printed_html(app, sheets), folder / "print.pdf")
        browser.close()
    return pdf


def _main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--only", default="", help="meetings whose name holds this text")
    words.add_argument("--keep", type=Path, help="a folder for the papers")
    words.add_argument("--processes", type=int, default=2, help="so many meetings are printed at a time")
    said = words.parse_args()
    folder = said.keep or Path(tempfile.mkdtemp())
    # The longest work comes first, so that no process is left with it at the end.
    chosen = sorted((each for each in meetings() if said.only in each.name), key=Meeting.size, reverse=True)
    wrong: list[str] = []
    started, seconds = time.monotonic(), Counter[str]()
    _say(f"{len(chosen)} meetings in {folder}, {said.processes} at a time")
    with ProcessPoolExecutor(said.processes) as pool:
        works = [pool.submit(print_meeting, each, folder / f"{at:02}") for at, each in enumerate(chosen)]
        for done, work in enumerate(as_completed(works), start=1):
            printed = work.result()
            seconds.update(printed.seconds)
            wrong += printed.faults
            passed = time.monotonic() - started
            _say(f"{passed / 60:5.1f} min, {done:2} of {len(chosen)}: {printed.about}", *printed.faults)
    if said.keep is None:
        shutil.rmtree(folder)
    _say("", *(f"{part}: {taken:.0f} s" for part, taken in seconds.most_common()))
    _say("", *(wrong or ["No fault."]))
    _say(f"{len(chosen)} meetings, {len(wrong)} faults, {(time.monotonic() - started) / 60:.1f} minutes")
    return 1 if wrong or not chosen else 0


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(_main())
