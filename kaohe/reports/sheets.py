"""The sheets that HR files, made from one result; a number that is printed here was computed by the tally."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kaohe.reports.accounts import explanation_sheet, working_sheet
from kaohe.reports.answer_sheets import answer_sheet
from kaohe.reports.group_sheet import group_sheet
from kaohe.reports.heading import Heading
from kaohe.reports.register import has_register, register_sheet
from kaohe.reports.sheet import Sheet
from kaohe.reports.summary import summary_sheet, votes_sheet
from kaohe.reports.tier_sheet import has_tiers, tier_sheet
from kaohe.reports.verification import verification_code
from kaohe.reports.vote_sheets import dimension_sheets
from kaohe.reports.withholding import has_groups
from kaohe.tally.model import Result


@dataclass(frozen=True, slots=True)
class FiledSheet:
    """A sheet and the short ASCII key that its address carries."""

    key: str
    sheet: Sheet


def result_sheets(result: Result, heading: Heading) -> tuple[FiledSheet, ...]:
    """All sheets that a result alone gives, in filing order: section by section, the summary of each first.

    A section has the sheets that its scheme has something for. All carry the code of the whole result. With several
    sections, keys begin with the section's key and a dot, and tabs end with its label.
    """
    code = verification_code(result)
    return tuple(FiledSheet(filed.key, replace(filed.sheet, code=code)) for filed in _all_sheets(result, heading))


def _all_sheets(result: Result, heading: Heading) -> Iterator[FiledSheet]:
    if not result.section_results:
        yield from _section_sheets(result, heading)
    for section, part in zip(result.scheme.declared_sections, result.section_results, strict=True):
        if not part.subjects:
            continue
        for filed in _section_sheets(part, replace(heading, section=section.label)):
            named = replace(filed.sheet, name=f"{filed.sheet.name}·{section.label}")
            yield FiledSheet(f"{section.key}.{filed.key}", named)
    yield FiledSheet("explanation", explanation_sheet(result, heading))


def _section_sheets(result: Result, heading: Heading) -> Iterator[FiledSheet]:
    scheme = result.scheme
    yield FiledSheet("summary", summary_sheet(result, heading))
    if has_tiers(scheme):
        yield FiledSheet("tiers", tier_sheet(result, heading))
    if has_register(scheme):
        yield FiledSheet("register", register_sheet(result, heading))
    votes = votes_sheet(result, heading)
    if votes:
        yield FiledSheet("votes", votes)
    if scheme.has_votes and not scheme.choose:
        yield from (FiledSheet(key, sheet) for key, sheet in dimension_sheets(result, heading))
    for number, question in enumerate(scheme.questions):
        yield FiledSheet(f"answers-{question.key}", answer_sheet(result, heading, number))
    if scheme.has_votes and has_groups(scheme):
        yield FiledSheet("groups", group_sheet(result, heading))
    yield FiledSheet("working", working_sheet(result, heading))
