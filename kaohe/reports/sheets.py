"""The sheets that HR files, made from one result; a number that is printed here was computed by the tally."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kaohe.reports.accounts import explanation_sheet, working_sheet
from kaohe.reports.figures import figure_text, number, rank_text, share_cells, share_columns
from kaohe.reports.heading import Heading, sheet_title, subject_sheet
from kaohe.reports.register import has_register, register_sheet
from kaohe.reports.sheet import Sheet
from kaohe.reports.summary import summary_sheet, votes_sheet
from kaohe.reports.tier_sheet import has_tiers, tier_sheet
from kaohe.reports.verification import verification_code
from kaohe.reports.vote_sheets import dimension_sheets
from kaohe.reports.withholding import groups_withheld, has_groups
from kaohe.tally.model import Result
from kaohe.tally.rounding import percent_text
from kaohe.tally.scheme.questions import QuestionKind
from kaohe.tally.scheme.scheme import PercentBase
from kaohe.tally.scores.bases import BASE_LABELS


def group_sheet(result: Result, heading: Heading) -> Sheet:
    """The group means with their weights, or the sentence that says why they are withheld."""
    scheme = result.scheme
    reason = groups_withheld(result)
    if reason:
        return Sheet("票种得分", sheet_title(heading, "各票种得分表"), withheld=reason)
    weights = [
        number(percent_text(group.weight), max(9, 2 * len(group.label) + 2), over=group.label)
        for group in scheme.groups
    ]
    scores = [number("测评得分", 9)] if scheme.components else [number("得分", 9), number("名次", 6)]
    return subject_sheet(
        result,
        heading,
        ("票种得分", "各票种得分表"),
        (*weights, *scores),
        lambda subject: (
            *(figure_text(subject.group_scores[group.key]) for group in scheme.groups),
            figure_text(subject.votes_score),
            *(() if scheme.components else (rank_text(subject),)),
        ),
        "票种名称下方的百分数是该票种的权重。",
        more_lines=[tuple(f"{group.label}收回 {result.group_turnout[group.key].cast} 票" for group in scheme.groups)],
    )


def answer_sheet(result: Result, heading: Heading, position: int) -> Sheet:
    """The answers to one question, all voter groups together; no row says who answered what beside what."""
    scheme = result.scheme
    question = scheme.questions[position]
    base = BASE_LABELS[scheme.rate_base]
    if scheme.rate_base is PercentBase.VALID and question.kind is QuestionKind.CHOICE:
        base = "对本项作出选择的票数"
    several = "一张票可以勾选几项。" if question.kind is QuestionKind.TICKS else "一张票只选一项。"
    return subject_sheet(
        result,
        heading,
        (question.label, f"{question.label}统计表"),
        share_columns([(option.key, option.label) for option in question.options]),
        lambda subject: share_cells(subject.answers[position].shares),
        f"{question.label}只统计，不计分；{several}百分数为除以{base}。",
    )


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
    said = ((heading.version_text,),) if heading.version_text else ()
    return tuple(
        FiledSheet(filed.key, replace(filed.sheet, code=code, header_lines=(*filed.sheet.header_lines, *said)))
        for filed in _all_sheets(result, heading)
    )


def _all_sheets(result: Result, heading: Heading) -> Iterator[FiledSheet]:
    for key, label, part in result.parts:
        if key and not part.subjects:
            continue
        for filed in _section_sheets(part, replace(heading, section=label)):
            named = replace(filed.sheet, name=f"{filed.sheet.name}·{label}")
            yield FiledSheet(f"{key}.{filed.key}", named) if key else filed
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
    for position, question in enumerate(scheme.questions):
        yield FiledSheet(f"answers-{question.key}", answer_sheet(result, heading, position))
    if scheme.has_votes and has_groups(scheme):
        yield FiledSheet("groups", group_sheet(result, heading))
    yield FiledSheet("working", working_sheet(result, heading))
