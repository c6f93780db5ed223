"""The rules used (口径说明), and how each number came about from the counts (核算过程)."""

from __future__ import annotations

from kaohe.reports.figures import number
from kaohe.reports.heading import Heading, brief_notes, printed_names, record_line, sheet_title, who_label
from kaohe.reports.sheet import Column, Sheet
from kaohe.reports.withholding import dimensions_withheld, groups_withheld
from kaohe.tally.model import Result


def explanation_sheet(result: Result, heading: Heading) -> Sheet:
    """The scheme, its rules, what the result says as a whole, and the warnings, of all sections together."""
    return Sheet(
        name="口径说明",
        title=sheet_title(heading, "口径说明"),
        columns=(Column("项目", width=16), Column("说明", width=84)),
        rows=(
            ("考核方案", result.scheme.title),
            *(("口径", note) for note in result.notes),
            *(("结果", finding) for finding in result.findings),
            *(("提示", warning) for warning in result.warnings),
            *((("操作记录", line),) if (line := record_line(result, heading)) else ()),
        ),
    )


def steps_withheld(result: Result) -> str:
    """The sentence in place of the steps of a score; they name the votes of each group, so they go with the groups."""
    return dimensions_withheld(result) or groups_withheld(result)


def working_sheet(result: Result, heading: Heading) -> Sheet:
    """Every subject with the steps of its score, numbered, so that each number can be redone on paper."""
    title = sheet_title(heading, "核算过程")
    reason = steps_withheld(result)
    if reason:
        return Sheet("核算过程", title, withheld=reason)
    subjects = [subject_result.subject for subject_result in result.subjects]
    names = printed_names(subjects)
    return Sheet(
        name="核算过程",
        title=title,
        columns=(Column(who_label(subjects), width=16), number("步骤", 6), Column("核算", width=80)),
        rows=tuple(
            (names[subject_result.subject.key], str(number), step)
            for subject_result in result.subjects
            for number, step in enumerate(subject_result.explain, start=1)
        ),
        notes=brief_notes(heading, "中间数不舍入；“…”表示以下各位略去。"),
    )
