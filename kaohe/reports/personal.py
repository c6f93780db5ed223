"""One sheet for each subject: what the vote came to (反馈表), and what leaders fill in on it (登记表, 评鉴表)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from kaohe.domain.comment_reviews import Comment
from kaohe.reports.figures import figure_text, number, rank_text, share_cells, share_columns, shows_votes
from kaohe.reports.heading import Heading, brief_notes, by_section, header_lines, printed_names, sheet_title
from kaohe.reports.sheet import NOTHING, Column, Picture, PictureKind, Sheet
from kaohe.reports.tier_sheet import has_tiers
from kaohe.reports.verification import verification_code
from kaohe.reports.withholding import dimensions_withheld
from kaohe.tally.model import Figure, Result, Subject, SubjectKind, SubjectResult
from kaohe.tally.rounding import round_text

FEWEST_FOR_MEDIAN: Final = 6
"""With fewer in a class, somebody's own score beside the median would tell who else has which."""
_FEEDBACK_SIGNS: Final = ("反馈人（签字）：", "本人（签字）：", "单位（盖章）：", "年　　月　　日")
_REGISTER_SIGNS: Final = ("本人（签字）：", "主管领导（签字）：", "单位（盖章）：", "年　　月　　日")
_FEWEST_SIDES, _MOST_SIDES = 3, 12
_STILL_REVIEWED: Final = "意见建议还没有审核完，没有审核的暂不列入。"
_LONG, _SHORT = 10, 4
"""Lines to write on."""


def personal_sheets(result: Result, heading: Heading, comments: Sequence[Comment] = ()) -> tuple[Sheet, ...]:
    """The feedback of every subject, and the register of every person where tiers are awarded; person after person.

    All carry the code of the whole result. Nothing is on them that the sheets of the result withhold. Of the comments,
    those that may be seen, a subject gets what was reviewed for everybody or for the person; as long as one waits for
    its review, on whomever it is, every feedback says so.
    """
    code = verification_code(result)
    return tuple(
        replace(sheet, code=code)
        for part, named in by_section(result, heading)
        for sheet in _sheets(part, named, comments)
    )


def appraisal_sheets(result: Result, heading: Heading) -> tuple[Sheet, ...]:
    """The appraisal (评鉴表) of every person where tiers are awarded, each with the code of the whole result."""
    code = verification_code(result)
    return tuple(
        replace(appraisal_form(part, named, row, name), code=code)
        for part, named in by_section(result, heading)
        for row, name in _registered(part)
    )


def _registered(result: Result) -> Iterator[tuple[SubjectResult, str]]:
    """The people whom a tier is awarded to, with the names that tell them apart."""
    names = printed_names([row.subject for row in result.subjects])
    if has_tiers(result.scheme) and not result.scheme.choose:
        yield from ((row, names[row.subject.key]) for row in result.subjects if row.subject.kind is SubjectKind.PERSON)


def _sheets(result: Result, heading: Heading, comments: Sequence[Comment]) -> Iterator[Sheet]:
    names = printed_names([row.subject for row in result.subjects])
    waiting = _STILL_REVIEWED if any(each.verdict is None for each in comments) else ""
    registered = {row.subject.key for row, _ in _registered(result)}
    for row in result.subjects:
        name = names[row.subject.key]
        own = [each for each in comments if each.subject_key == row.subject.key and each.is_for(everybody=False)]
        yield _with_note(feedback_sheet(result, heading, row, name, own), waiting)
        if row.subject.key in registered:
            yield register_form(heading, row, name)


def feedback_sheet(
    result: Result, heading: Heading, row: SubjectResult, name: str, comments: Sequence[Comment] = ()
) -> Sheet:
    """What the subject's own votes came to, item by item, each beside the median of the class, and the whole.

    The median stands only where the class has so many that it tells nobody else's score.
    """
    kind = "个人反馈表" if row.subject.kind is SubjectKind.PERSON else "反馈表"
    shows_shares, shows_items = shows_votes(result), result.scheme.has_votes and not dimensions_withheld(result)
    shares = [(grade.key, grade.label) for grade in result.scheme.grades] if shows_shares else []
    peers = [each for each in result.subjects if each.subject.class_label == row.subject.class_label]
    items = list(enumerate(row.items)) if shows_items and len(row.items) > 1 else []
    blank = ("",) * (2 * len(shares))
    sheet = Sheet(
        name=f"反馈-{name}",
        title=sheet_title(heading, kind, name),
        header_lines=(*header_lines(result, heading), *_who(row.subject)),
        columns=(
            Column("测评内容", width=18),
            *share_columns(shares),
            *([number("弃权/漏选", 10)] if shows_shares else []),
            number("得分", 9),
            number("同类中位数", 12),
        ),
        rows=(
            *(
                (
                    item.label,
                    *(tuple(share_cells(item.shares)) if item.shares and shows_shares else blank),
                    *([str(item.counts.abstention + item.counts.skipped)] if shows_shares else []),
                    figure_text(item.score),
                    median_text(result, [each.items[at].score for each in peers]),
                )
                for at, item in items
            ),
            (
                "合计" if items else "总体评价",
                *(share_cells(row.shares) if shows_shares else ()),
                *([str(row.counts.abstention + row.counts.skipped)] if shows_shares else []),
                figure_text(row.score),
                median_text(result, [each.score for each in peers]),
            ),
        ),
        notes=brief_notes(
            heading,
            f"名次：{rank_text(row)}。" if row.rank else "",
            f"等次：{row.tier_label}。" if row.tier_label else "",
            *row.decisions,
            f"同类人数不足 {FEWEST_FOR_MEDIAN} 的，不列中位数。" if len(peers) < FEWEST_FOR_MEDIAN else "",
            dimensions_withheld(result),
            *(f"意见建议：{comment.handed_over}" for comment in comments),
        ),
        signature=_FEEDBACK_SIGNS,
    )
    return replace(sheet, picture=_sides(sheet, len(items)))


def _with_note(sheet: Sheet, note: str) -> Sheet:
    return replace(sheet, notes=(*sheet.notes, note)) if note else sheet


def _sides(sheet: Sheet, count: int) -> Picture | None:
    """The sides (德能勤绩廉) as a radar, the median's beside it, where there are neither too few nor too many."""
    if not _FEWEST_SIDES <= count <= _MOST_SIDES:
        return None
    score, middle = len(sheet.columns) - 2, len(sheet.columns) - 1
    lines = [at for at in (score, middle) if all(row[at] != NOTHING for row in sheet.rows[:count])]
    title = "与".join(["各项得分", *(["同类中位数"] if middle in lines else [])])
    return Picture(PictureKind.RADAR, title, 0, tuple(lines), count) if score in lines else None


def median_text(result: Result, figures: Sequence[Figure | None]) -> str:
    """The middle of the scores of a class, rounded once; a dash where there are too few of them."""
    exact = sorted(figure.exact for figure in figures if figure is not None)
    if len(exact) < FEWEST_FOR_MEDIAN:
        return NOTHING
    middle = len(exact) // 2
    median = exact[middle] if len(exact) % 2 else (exact[middle - 1] + exact[middle]) / Fraction(2)
    return round_text(median, result.scheme.decimals)


def appraisal_form(result: Result, heading: Heading, row: SubjectResult, name: str) -> Sheet:
    """评鉴表: the marks of each item, as far as they are not withheld, and room for what the leader writes on them."""
    items = () if dimensions_withheld(result) or not result.scheme.has_votes or len(row.items) < 2 else row.items  # noqa: PLR2004 - one item is the score itself
    marks = "；".join(f"{item.label} {figure_text(item.score)}" for item in items)
    return Sheet(
        name=f"评鉴-{name}",
        title=sheet_title(heading, "考核评鉴表", name),
        header_lines=_who(row.subject),
        columns=(Column("项目", width=16), Column("内容", width=84)),
        rows=(
            ("本期工作总结", "\n" * _LONG),
            ("出勤情况", "出勤____天，病事假____天，迟到早退____次"),
            ("量化评分", "；".join(text for text in (marks, "，".join(_known(row))) if text) or NOTHING),
            ("群众意见", "\n" * _SHORT),
            ("主管领导评鉴意见", "\n" * _LONG),
            ("评鉴等次", "\n"),
            ("反馈和本人意见", "\n" * _SHORT),
        ),
        notes=brief_notes(heading, *row.decisions),
        signature=_REGISTER_SIGNS,
        is_upright=True,
    )


def _known(row: SubjectResult) -> Iterator[str]:
    if row.score:
        yield f"得分 {row.score.text}"
    if row.recommended_label:
        yield f"建议等次 {row.recommended_label}"
    yield from (f"{ruling.step}等次 {ruling.tier_label or NOTHING}" for ruling in row.rulings)


def register_form(heading: Heading, row: SubjectResult, name: str) -> Sheet:
    """登记表: what is known of the period printed, and room to write what only people can say of it."""
    return Sheet(
        name=f"登记-{name}",
        title=sheet_title(heading, "考核登记表", name),
        header_lines=_who(row.subject),
        columns=(Column("项目", width=16), Column("内容", width=84)),
        rows=(
            ("个人小结", "\n" * _LONG),
            ("培训、奖惩情况", "\n" * _SHORT),
            ("测评结果", "，".join(_known(row)) or NOTHING),
            ("主管领导评语", "\n" * _SHORT),
            ("考核等次审定", "\n" * _SHORT),
            ("评鉴意见", "\n" * _SHORT),
            ("本人意见", "\n" * _SHORT),
        ),
        notes=brief_notes(heading, *row.decisions),
        signature=_REGISTER_SIGNS,
        is_upright=True,
    )


def _who(subject: Subject) -> tuple[tuple[str, ...], ...]:
    if subject.kind is not SubjectKind.PERSON:
        return ((f"测评对象：{subject.name}",),)
    return ((f"姓名：{subject.name}", f"单位：{subject.unit or '____'}"), (f"职务：{subject.post or '____'}",))
