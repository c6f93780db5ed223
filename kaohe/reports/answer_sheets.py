"""What was ticked (逆向测评) or chosen (使用意向) about each subject: counted, and in no score."""

from __future__ import annotations

from kaohe.reports.figures import share_cells, share_columns
from kaohe.reports.heading import SIGNATURE, Heading, header_lines, sheet_notes, sheet_title, subject_part
from kaohe.reports.sheet import Sheet
from kaohe.tally.model import Result
from kaohe.tally.scheme.questions import QuestionKind
from kaohe.tally.scheme.scheme import PercentBase
from kaohe.tally.scores.bases import BASE_LABELS


def answer_sheet(result: Result, heading: Heading, position: int) -> Sheet:
    """The answers to one question, all voter groups together; no row says who answered what beside what."""
    scheme = result.scheme
    question = scheme.questions[position]
    columns, rows = subject_part([subject_result.subject for subject_result in result.subjects])
    base = BASE_LABELS[scheme.rate_base]
    if scheme.rate_base is PercentBase.VALID and question.kind is QuestionKind.CHOICE:
        base = "对本项作出选择的票数"
    several = "一张票可以勾选几项。" if question.kind is QuestionKind.TICKS else "一张票只选一项。"
    return Sheet(
        name=question.label,
        title=sheet_title(heading, f"{question.label}统计表"),
        header_lines=header_lines(result, heading),
        columns=(*columns, *share_columns([(option.key, option.label) for option in question.options])),
        rows=tuple(
            (*cells, *share_cells(subject.answers[position].shares))
            for cells, subject in zip(rows, result.subjects, strict=True)
        ),
        notes=sheet_notes(result, heading, f"{question.label}只统计，不计分；{several}百分数为除以{base}。"),
        signature=SIGNATURE,
    )
