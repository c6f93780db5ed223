"""Takes the pictures in docs/papers: every kind of sheet, as each of the four programs prints it.

Needs what `make papers` needs: LibreOffice, Chromium, poppler and a Chinese font.

    PYTHONPATH=.:tests:tests/support .venv/bin/python tests/papers/take_pictures.py
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from office_meetings import HEADING, office_result, office_setup
from paper_reader import all_converted
from PIL import Image
from print_in_full import MEETING_TERMS, from_browser

from kaohe.reports.docx import word_document
from kaohe.reports.early_papers import meeting_notice, work_logs
from kaohe.reports.forms import form_sheets
from kaohe.reports.notice import NoticeTerms, notice_sheets
from kaohe.reports.paper.fonts import font_files
from kaohe.reports.pdf import pdf_document
from kaohe.reports.personal import appraisal_sheets, personal_sheets
from kaohe.reports.picture_sheets import picture_sheets
from kaohe.reports.sheet import Sheet
from kaohe.reports.sheets import result_sheets
from kaohe.reports.xlsx import workbook

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "papers"
DOTS_AN_INCH, ACROSS, COLOURS = 48, 5, 64
GAP = 6


def sheets() -> Iterator[Sheet]:
    """One of each kind, from a vote on 德能勤绩廉 and from a year of its quarters."""
    vote, year = office_result("de-neng-qin-ji-lian", 12, groups=3), office_result("beian-pingshi-niandu", 12)
    yield meeting_notice(office_setup(vote), HEADING, MEETING_TERMS)
    yield from (
        filed.sheet for filed in result_sheets(vote, HEADING) if filed.key in {"summary", "votes-ability", "groups"}
    )
    yield from (filed.sheet for filed in result_sheets(year, HEADING) if filed.key in {"tiers", "register"})
    yield from (sheet for sheet in form_sheets(vote, HEADING) if sheet.name in {"计票汇总单", "会议记录"})
    yield from (sheet for sheet in form_sheets(year, HEADING) if sheet.name in {"结果汇总表", "审定表", "备案表"})
    yield from notice_sheets(
        office_result("beian-pingshi-niandu", 40), HEADING, NoticeTerms(date(2026, 12, 21), contact="人事教育科")
    )
    yield personal_sheets(vote, HEADING)[0]
    yield personal_sheets(year, HEADING)[1]
    yield appraisal_sheets(office_result("shengji-abcd", 12), HEADING)[0]
    yield from work_logs([row.subject for row in vote.subjects[:1]], HEADING)
    yield picture_sheets(vote, HEADING)[0]
    yield from picture_sheets(year, HEADING)[:3]


def _on_one_picture(pdf: Path, target: Path) -> None:
    subprocess.run(["pdftoppm", "-r", str(DOTS_AN_INCH), "-png", str(pdf), str(pdf.with_suffix(""))], check=True)
    pages = [Image.open(path) for path in sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))]
    width, height = max(page.width for page in pages) + GAP, max(page.height for page in pages) + GAP
    rows = -(-len(pages) // ACROSS)
    whole = Image.new("RGB", (ACROSS * width + GAP, rows * height + GAP), "#8c97a3")
    for at, page in enumerate(pages):
        whole.paste(page, (GAP + at % ACROSS * width, GAP + at // ACROSS * height))
    whole.quantize(COLOURS).save(target, optimize=True)


def main() -> None:
    """Print the sheets four times and keep a picture of each print."""
    FOLDER.mkdir(exist_ok=True)
    chosen: Sequence[Sheet] = list(sheets())
    fonts = font_files(None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "excel.xlsx").write_bytes(workbook(chosen))
        (folder / "word.docx").write_bytes(word_document(chosen, fonts=fonts))
        (folder / "pdf.pdf").write_bytes(pdf_document(chosen, fonts))
        for pdf in (
            *all_converted([folder / "excel.xlsx", folder / "word.docx"]),
            from_browser(chosen, folder),
            folder / "pdf.pdf",
        ):
            _on_one_picture(pdf, FOLDER / f"{pdf.stem}.png")


if __name__ == "__main__":
    main()
