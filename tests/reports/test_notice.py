"""The public notice: the best tier alone, for so many working days, with what the office leaves open left to write."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from office_meetings import HEADING, office_result

from kaohe.domain.errors import FieldInvalid
from kaohe.reports.notice import NoticeTerms, last_day, notice_sheets, working_days
from kaohe.tally.scheme.tiers import Band
from kaohe.web.documents.notice_terms import NoticeFields, asked_terms


@pytest.mark.parametrize(
    ("start", "days", "holidays", "end"),
    [
        ("2026-12-21", 5, "", "2026-12-25"),
        ("2026-12-18", 5, "", "2026-12-24"),
        ("2026-12-19", 1, "", "2026-12-21"),
        ("2026-12-30", 5, "2027-01-01", "2027-01-06"),
        ("2026-12-21", 7, "", "2026-12-29"),
    ],
)
def test_working_days_are_counted_from_the_first_day_on_without_weekends_and_holidays(start, days, holidays, end):
    terms = asked_terms({"start": start, "days": str(days), "holidays": holidays})
    assert last_day(terms) == date.fromisoformat(end)


def test_the_notice_has_the_best_tier_and_nobody_else_and_its_terms():
    result = office_result("xiang-pingshi", 20)
    best = result.scheme.bands[0]
    terms = NoticeTerms(date(2026, 12, 21), contact="陈静", phone="0912-1234567")
    (sheet,) = notice_sheets(result, HEADING, terms)
    assert [row[1] for row in sheet.rows] == [r.subject.name for r in result.subjects if r.tier == best.key]
    assert 0 < len(sheet.rows) < 20
    assert {row[-1] for row in sheet.rows} == {best.label}
    text = "".join(piece for line in sheet.header_lines for piece in line)
    assert "2026年12月21日至2026年12月25日（5 个工作日）" in text
    assert any("陈静" in note and "0912-1234567" in note for note in sheet.notes)
    assert not any("分" in column.label for column in sheet.columns)
    assert sheet.signature[0].startswith("单位（盖章）")


def test_who_has_a_tier_above_the_best_that_a_score_gives_is_on_the_notice_with_those_who_have_it():
    result = office_result("xiang-pingshi", 20)
    best, highest = result.scheme.bands[0], Band("special", "特优", ruled=True)
    assert best.label == "优秀"
    ruled, *rest = [row for row in result.subjects if row.tier == best.key]
    raised = [replace(row, tier="special", tier_label="特优") if row is ruled else row for row in result.subjects]
    scheme = replace(result.scheme, bands=(highest, *result.scheme.bands))
    (sheet,) = notice_sheets(replace(result, scheme=scheme, subjects=tuple(raised)), HEADING, NoticeTerms())
    assert [(row[1], row[-1]) for row in sheet.rows] == [
        (ruled.subject.name, "特优"),
        *((row.subject.name, "优秀") for row in rest),
    ]
    assert "特优、优秀等次名单公示" in sheet.title


def test_a_last_day_that_the_office_says_is_taken_whatever_is_counted():
    # Saturday, 10 October 2026 may be a working day: nobody but the office knows.
    typed = {"start": "2026-10-09", "days": "3", "end": "2026-10-12"}
    assert last_day(asked_terms({**typed, "end": ""})) == date(2026, 10, 13)
    terms = asked_terms(typed)
    (sheet,) = notice_sheets(office_result("xiang-pingshi", 20), HEADING, terms)
    assert "2026年10月9日至2026年10月12日（3 个工作日）" in sheet.header_lines[1][0]
    assert asked_terms(NoticeFields.of(terms).in_address()) == terms
    (sheet,) = notice_sheets(office_result("xiang-pingshi", 20), HEADING, asked_terms({"end": "2026-10-12"}))
    assert "____年__月__日至2026年10月12日" in sheet.header_lines[1][0]


def test_the_working_days_up_to_the_day_that_the_office_says_are_counted_beside_its_number():
    def counted(**typed: str) -> int | None:
        return working_days(asked_terms(typed))

    assert counted(start="2026-10-09", end="2026-10-12", days="3") == 2
    assert counted(start="2026-11-30", end="2026-12-11") == 10
    assert counted(start="2026-09-28", end="2026-10-09", holidays="2026-10-01 2026-10-02") == 8
    assert counted(start="2026-11-30") is counted(end="2026-12-11") is None


def test_what_is_left_open_is_a_line_to_write_on_and_without_the_best_tier_there_is_no_notice():
    (sheet,) = notice_sheets(office_result("xiang-pingshi", 20), HEADING, NoticeTerms())
    assert "____年__月__日" in sheet.header_lines[1][0]
    assert "联系人：__________" in sheet.notes[-1]
    assert notice_sheets(office_result("si-deng", 5), HEADING, NoticeTerms()) == ()


def test_the_terms_of_a_page_come_back_from_its_address():
    typed = {"start": "2026-12-21", "days": "7", "holidays": "2026-12-25、2026-12-24", "contact": " 陈静 "}
    terms = asked_terms(typed)
    fields = NoticeFields.of(terms)
    assert asked_terms(fields.in_address()) == terms
    assert NoticeFields().in_address() == {}
    assert fields.holidays == "2026-12-24 2026-12-25"


@pytest.mark.parametrize(
    "typed",
    [
        {"start": "12月21日"},
        {"start": "0001-01-01"},
        {"start": "9999-12-31"},
        {"start": "2026-12-21", "end": "2026-12-18"},
        {"start": "2026-12-21", "end": "2026-12-24"},
        {"days": "0"},
        {"days": "61"},
        {"days": "0605"},
        {"days": "五"},
        {"days": "5.0"},
        {"holidays": "昨天"},
        {"holidays": " ".join(["2026-10-01"] * 31)},
        {"contact": "李" * 41},
        {"phone": "1" * 41},
    ],
)
def test_terms_that_are_none_are_refused_in_a_sentence(typed):
    with pytest.raises(FieldInvalid):
        asked_terms(typed)
