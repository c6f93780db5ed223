"""The wording of a ballot style, shared by phones and paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from kaohe.domain.ballots.styles import BallotStyle, StyleSection
from kaohe.domain.rosters import SubjectEntry
from kaohe.tally.model import Subject
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Branch, Combine, Dimension

LEAVE_LABEL = "本人或无评分关系，不评"


def part_label(style: BallotStyle, section: StyleSection) -> str:
    """The heading of a section: 领导班子测评表; '' where the scheme has no sections."""
    if not style.scheme.declared_sections:
        return ""
    return section.label if section.label.endswith(("表", "票")) else f"{section.label}测评表"


def by_class(section: StyleSection) -> Sequence[tuple[str, tuple[Subject, ...]]]:
    """The subjects by their class (类别), in the order in which the classes first come up."""
    classes: dict[str, list[Subject]] = {}
    for subject in section.subjects:
        classes.setdefault(subject.class_label, []).append(subject)
    return [(label, tuple(subjects)) for label, subjects in classes.items()]


def with_class_headings(section: StyleSection) -> Iterator[tuple[str, Subject]]:
    """Every subject of a section in the order of the form, with the heading that stands over it.

    The heading is '' where no class begins, or there is only one.
    """
    classes = by_class(section)
    for label, subjects in classes:
        heading = ""
        if len(classes) > 1:
            heading = label or "其他"
            if section.choose is not None:
                seats = section.choose.seats_for(len(subjects))
                heading += f"（候选 {len(subjects)}，名额 {seats}）"
        for index, subject in enumerate(subjects):
            yield "" if index else heading, subject


def unit_and_post(subject: Subject | SubjectEntry) -> str:
    """Unit and post, whatever there is of them, as they stand beside a name: 统计局 · 科长."""
    return " · ".join(part for part in (subject.unit, subject.post) if part)


def section_rules(section: StyleSection) -> Iterator[str]:
    """What holds for a section as a whole, in sentences."""
    if len(section.dimensions) == 1 and not section.scheme.is_overall:
        yield f"测评内容：{section.dimensions[0].label}。"
    if section.choose is not None:
        fewest = f"，最少选 {section.choose.fewest} 个" if section.choose.fewest else "，可以少选或不选"
        yield f"{limit_text(section)}{fewest}。"
    elif section.most is not None:
        yield f"{limit_text(section)}。"


def limit_text(section: StyleSection) -> str:
    """How many may be chosen, or be given the top grade; '' for any number."""
    if section.most is None:
        return ""
    if section.choose is not None:
        return f"最多选 {section.most} 个"
    where = "" if len(section.dimensions) == 1 else "每个维度中，"
    return f"{where}“{section.scheme.grades[0].label}”最多选 {section.most} 个"


def full_text(section: StyleSection, dimensions: Sequence[Dimension]) -> str:
    """What the numbers of some dimensions come to at most; '' where nothing is summed."""
    scales = [section.scale_of(dimension) for dimension in dimensions]
    if section.scheme.combine is not Combine.SUM or len(scales) == 1:
        return ""
    return unrounded_text(sum((scale.high for scale in scales if scale), start=Fraction(0)))


def with_branches(section: StyleSection) -> Iterator[tuple[tuple[tuple[str, str], ...], Dimension]]:
    """Every dimension with the branches that begin with it, the topmost first: (label, what it comes to at most)."""
    above: tuple[Branch, ...] = ()
    for dimension in section.dimensions:
        begun = next(
            (at for at, pair in enumerate(zip(dimension.within, above, strict=False)) if pair[0] != pair[1]),
            min(len(dimension.within), len(above)),
        )
        above = dimension.within
        yield tuple(_branch(section, above[: depth + 1]) for depth in range(begun, len(above))), dimension


def _branch(section: StyleSection, path: tuple[Branch, ...]) -> tuple[str, str]:
    leaves = [dimension for dimension in section.dimensions if dimension.within[: len(path)] == path]
    return path[-1].label, full_text(section, leaves)


def written_step(scale: NumberScale) -> Fraction:
    """The step between numbers that a decimal can write: with steps of one third, only every third one can."""
    unwritten = scale.step.denominator
    for prime in (2, 5):
        while unwritten % prime == 0:
            unwritten //= prime
    return scale.step * unwritten


def span_text(low: Fraction, high: Fraction) -> str:
    """From one number to another: 27–30."""
    return unrounded_text(low) if low == high else f"{unrounded_text(low)}–{unrounded_text(high)}"


def bounds_text(scale: NumberScale) -> str:
    """The bounds of a scale: 0–30 分，每 0.5 分一档."""
    bounds = f"{span_text(scale.low, scale.high)} 分"
    step = written_step(scale)
    return bounds if step == 1 else f"{bounds}，每 {unrounded_text(step)} 分一档"
