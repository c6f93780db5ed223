"""Each subject's score by voter group (票种)."""

from __future__ import annotations

from kaohe.reports.figures import figure_text, number
from kaohe.reports.heading import SIGNATURE, Heading, header_lines, sheet_notes, sheet_title, subject_part
from kaohe.reports.sheet import Sheet
from kaohe.reports.withholding import groups_withheld
from kaohe.tally.model import Result
from kaohe.tally.rounding import percent_text


def group_sheet(result: Result, heading: Heading) -> Sheet:
    """The group means with their weights, or the sentence that says why they are withheld."""
    scheme = result.scheme
    title = sheet_title(heading, "各票种得分表")
    reason = groups_withheld(result)
    if reason:
        return Sheet("票种得分", title, withheld=reason)
    columns, rows = subject_part([subject_result.subject for subject_result in result.subjects])
    return Sheet(
        name="票种得分",
        title=title,
        header_lines=(
            *header_lines(result, heading),
            tuple(f"{group.label}收回 {result.group_turnout[group.key].cast} 票" for group in scheme.groups),
        ),
        columns=(
            *columns,
            *(
                number(percent_text(group.weight), max(9, 2 * len(group.label) + 2), over=group.label)
                for group in scheme.groups
            ),
            number("测评得分" if scheme.components else "得分", 9),
            *(() if scheme.components else (number("名次", 6),)),
        ),
        rows=tuple(
            (
                *cells,
                *(figure_text(subject.group_scores[group.key]) for group in scheme.groups),
                figure_text(subject.votes_score),
                *(() if scheme.components else ("—" if subject.rank is None else str(subject.rank),)),
            )
            for cells, subject in zip(rows, result.subjects, strict=True)
        ),
        notes=sheet_notes(result, heading, "票种名称下方的百分数是该票种的权重。"),
        signature=SIGNATURE,
    )
