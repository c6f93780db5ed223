"""What stands on paper: PDFs as LibreOffice and Chromium make them, read word by word with poppler's programs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import chain
from pathlib import Path
from unicodedata import category

from kaohe.reports.paper.layout import signature_rows
from kaohe.reports.sheet import ColumnKind, Sheet

_WORD = re.compile(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>')
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_ZOOM = 3
_LONGEST = 1500
"""Seconds for the papers of one meeting, on a machine that does much else."""
_FLOWS = 100
"""Only a text of more characters may flow over several rows."""
_LINES_APART = 7
"""Points between the middles of two lines of the smallest type, less what fonts differ by."""


@dataclass(frozen=True)
class Word:
    """A run of letters without a gap, and its box in points from the top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class PrintedPage:
    """One page of a PDF."""

    width: float
    height: float
    words: Sequence[Word]
    text: str
    """In the order in which it was drawn, without white space."""


def printed_pages(pdf: Path) -> list[PrintedPage]:
    """All pages of a PDF."""
    boxes = _run("pdftotext", "-bbox", str(pdf), "-")
    # In the order of drawing, so that what stands on two lines of a cell stays together.
    texts = _run("pdftotext", "-raw", "-enc", "UTF-8", str(pdf), "-").split("\f")
    return [
        PrintedPage(
            float(page[1]),
            float(page[2]),
            [Word(unescape(w[5]), *(float(w[at]) for at in range(1, 5))) for w in _WORD.finditer(page[3])],
            bare(text),
        )
        for page, text in zip(_PAGE.finditer(boxes), texts, strict=False)
    ]


def smallest_type(pdf: Path) -> float:
    """The size in points of the smallest letters that are on the paper."""
    described = _run("pdftohtml", "-xml", "-i", "-stdout", "-zoom", str(_ZOOM), "-fontfullname", str(pdf))
    return min(int(size) for size in re.findall(r'<fontspec id="\d+" size="(\d+)"', described)) / _ZOOM


def all_converted(office_files: Sequence[Path]) -> list[Path]:
    """The PDFs that LibreOffice prints office files of one folder to, beside them; it starts once for all of them."""
    folder = office_files[0].parent
    profile = (folder / "profile").resolve().as_uri()
    subprocess.run(
        ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf", "--outdir", str(folder),
         *map(str, office_files)],
        check=True, capture_output=True, timeout=_LONGEST,
    )  # fmt: skip
    return [each.with_suffix(".pdf") for each in office_files]


def bare(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())


def faults(pages: Sequence[PrintedPage], sheets: Sequence[Sheet]) -> list[str]:
    """Everything on the paper that an office would not file; empty where all is well."""
    text = "".join(page.text for page in pages)
    drawn = {
        tuple(bare(place) for place in chain(*signature_rows(sheet)) if place) for sheet in sheets if sheet.signature
    }
    blocks = sorted(drawn, key=lambda places: len("".join(places)), reverse=True)
    places = {bare(place) for sheet in sheets for place in sheet.signature[:-1]}
    above = _above_signatures(sheets)
    found = [f"no row above the signature on page {n}" for n, page in enumerate(pages, 1) if _is_bare(page, above)]
    signed = 0
    for number, page in enumerate(pages, 1):
        whole, rest = _blocks_in(page.text, blocks)
        signed += whole
        if any(place in rest for place in places):
            found.append(f"torn signature on page {number}")
    expected = sum(bool(sheet.signature) for sheet in sheets)
    if signed < expected:
        found.append(f"{signed} signatures of {expected}")
    for number, page in enumerate(pages, 1):
        found += [f"{fault} on page {number}" for fault in _outside(page)]
    return [*found, *_missing(pages, sheets, text)]


def _missing(pages: Sequence[PrintedPage], sheets: Sequence[Sheet], text: str) -> Iterator[str]:
    """What of the sheets is not on the paper, or not whole."""
    words = {word.text for page in pages for word in page.words}
    # A text is looked for once in some hundred thousand letters, however many cells hold it.
    known = dict.fromkeys(words, True)
    for sheet in sheets:
        for row in sheet.rows:
            for column, cell in zip(sheet.columns, row, strict=True):
                if column.kind is ColumnKind.NUMBER and cell and cell not in words:
                    yield f"broken number {cell} under {column.full_label} of {sheet.title}"
                if cell not in known:
                    known[cell] = _stands_in(cell, text)
                if not known[cell]:
                    yield f"missing {cell[:60]!r} under {column.full_label} of {sheet.title}"
        yield from (f"missing {note[:40]!r}" for note in (*sheet.notes, sheet.title) if bare(note) not in text)


def _blocks_in(text: str, blocks: Sequence[Sequence[str]]) -> tuple[int, str]:
    """How many whole blocks of signatures a page has, and what is left of its text without them."""
    count = 0
    for block in blocks:
        count += text.count("".join(block))
        text = text.replace("".join(block), " ")
    # What is all on one page is whole, in whatever order a program draws it.
    for block in blocks:
        while all(place in text for place in block):
            count += 1
            for place in block:
                text = text.replace(place, " ", 1)
    return count, text


def _stands_in(cell: str, text: str) -> bool:
    """Whether a cell is on the paper whole; what flows over several rows has other cells between its parts."""
    whole = bare(cell)
    if whole in text:
        return True
    signs = {sign for sign in whole if category(sign) == "Sm" and not sign.isascii()}
    if signs and all(sign in text for sign in signs):
        # A sign of mathematics may come from another font, which a program draws after the line that it stands in.
        whole, text = (words.translate(dict.fromkeys(map(ord, signs))) for words in (whole, text))
    return whole in text or (len(whole) > _FLOWS and all(part in text for part in re.split("[、；。]", whole)))


@dataclass(frozen=True)
class _Above:
    """What may stand above the places to sign of some sheets."""

    first_places: frozenset[str]
    titles: frozenset[str]
    cells: frozenset[str]
    """One line of a cell of the first two columns."""


def _above_signatures(sheets: Sequence[Sheet]) -> _Above:
    signed = [sheet for sheet in sheets if sheet.signature]
    return _Above(
        frozenset(bare(sheet.signature[0]) for sheet in signed),
        frozenset(bare(sheet.title) for sheet in signed),
        frozenset(
            bare(line) for sheet in signed for row in sheet.rows for cell in row[:2] for line in cell.split("\n")
        ),
    )


def _is_bare(page: PrintedPage, known: _Above) -> bool:
    """Whether there is a place to sign with neither title nor row above it, wherever in the file they are drawn."""
    first = [place for place in known.first_places if place in page.text]
    if not first:
        return False
    # Some programs part a place before its bracket; the lowest beginning of one is below every other such word.
    tops = [word.top for word in page.words if len(word.text) > 1 and any(each.startswith(word.text) for each in first)]
    if not tops:
        return True
    above = [word.text for word in page.words if word.bottom <= max(tops)]
    return not any(
        text in known.cells or (len(text) > 1 and any(text in title for title in known.titles)) for text in above
    )


def _outside(page: PrintedPage) -> list[str]:
    """Words over the edge of the paper, and words on top of others."""
    found = [
        f"{word.text} over the edge"
        for word in page.words
        if word.left < 0 or word.top < 0 or word.right > page.width or word.bottom > page.height
    ]
    ordered = sorted(page.words, key=_middle)
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 :]:
            if _middle(other) - _middle(one) >= _LINES_APART:
                break
            # The boxes are higher than the letters, by as much as the font likes; the middles of two lines are not.
            # Two signs of punctuation are set closer than their boxes, by half a box.
            across = min(one.right, other.right) - max(one.left, other.left)
            if across > 0.6 * min(one.right - one.left, other.right - other.left):
                found.append(f"{one.text} and {other.text} lie on each other")
    return found


def _middle(word: Word) -> float:
    return (word.top + word.bottom) / 2


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=_LONGEST).stdout
