"""What can be read about the subjects (述职、自评、小结), on a sheet of paper for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from kaohe.reports.heading import Heading, printed_names, sheet_title
from kaohe.reports.sheet import Column, Sheet
from kaohe.tally.model import Subject

_SIGNS: Final = ("本人（签字）：", "主管领导（签字）：", "单位（盖章）：", "年　　月　　日")


def material_sheets(subjects: Sequence[Subject], texts: Mapping[str, str], heading: Heading) -> tuple[Sheet, ...]:
    """A sheet to sign for each subject with a text, by key, in the order of the list: a row for each paragraph."""
    names = printed_names(subjects)
    return tuple(
        Sheet(
            name=names[subject.key],
            title=sheet_title(heading, "述职、自评材料", names[subject.key]),
            columns=(Column("述职、自评内容", width=96),),
            rows=tuple((line,) for line in texts[subject.key].split("\n")),
            header_lines=(_about(subject),),
            signature=_SIGNS,
        )
        for subject in subjects
        if texts.get(subject.key)
    )


def _about(subject: Subject) -> tuple[str, ...]:
    said = (("姓名", subject.name), ("单位", subject.unit), ("职务", subject.post))
    return tuple(f"{label}：{text}" for label, text in said if text)
