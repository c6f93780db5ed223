"""What a published result says of each subject, as personnel offices look it up, compare it and add it up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Final

from kaohe.tally.model import Result, SubjectKind, SubjectResult
from kaohe.tally.notes.warnings import FEWEST_GROUP_BALLOTS
from kaohe.tally.periods import canonical_label, label_of_meeting, says_its_year
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme.tiers import top_bands

_REMEMBERED: Final = 1024


@dataclass(frozen=True, slots=True)
class EarlierPeriod:
    """An earlier period that a result was made from."""

    label: str
    score: str
    """As it is printed; '' for none."""
    tier: str


@dataclass(frozen=True, slots=True)
class PublishedLine:
    """One subject: every number is the text of the printed sheets."""

    key: str
    name: str
    is_person: bool
    """Whether it is a person, and not a team or another body."""
    unit: str
    post: str
    class_label: str
    section: str
    """The label of its section; '' where there is only one."""
    score: str
    """'' for none."""
    rank: int | None
    among: int
    """How many have a rank beside it: those of its class in its section."""
    tier: str
    """'' for none."""
    tier_index: int | None
    """0 for the best tier of the scheme; None for no tier."""
    is_top: bool
    """Whether it has 优秀 or a better tier; the best one where no tier is called so."""
    has_full_marks: bool | None
    """Whether every vote was for the best grade (满票); None without grades, and where so few voted that it would tell
    what they chose."""
    decisions: tuple[str, ...]
    """What people decided and ruled about it, with reasons."""
    periods: tuple[EarlierPeriod, ...]


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """All subjects of one published result, in the order of its list."""

    quota: Fraction | None
    """The share of those with a tier who may have the best one; None where the scheme limits nothing over all."""
    lines: tuple[PublishedLine, ...]


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One subject of one published result, and the meeting that it is of."""

    meeting_id: str
    title: str
    owner: str
    """The unit as the meeting's sheets write it."""
    held_on: date | None
    line: PublishedLine
    person_id: str = ""
    """Who of the register it is; '' for nobody."""

    def holds(self, words: Sequence[str]) -> bool:
        """Whether every word stands in what is shown of it."""
        line = self.line
        parts = (line.name, line.unit, line.post, line.class_label, line.tier, self.title, self.owner)
        text = " ".join(parts).casefold()
        return all(word in text for word in words)


def with_periods(found: Iterable[FoundLine]) -> Iterator[FoundLine]:
    """The results of one person, each followed by the earlier periods that none of the others is the meeting of."""
    own = tuple(found)
    for each in own:
        yield each
        covered = {
            label_of_meeting(other.title, each.title, other.held_on)
            for other in own
            if says_its_year(other.title, other.held_on)
        }
        for period in reversed(each.line.periods):
            if (label_of_meeting(period.label, each.title) or period.label) not in covered:
                line = replace(
                    each.line, score=period.score, tier=period.tier, rank=None, decisions=(), periods=(),
                )  # fmt: skip
                yield replace(each, title=f"{each.title}：{period.label}", held_on=None, line=line)


def published_result(result: Result) -> PublishedResult:
    """What is kept of a result when it is published."""
    quotas = (_quota_of(part.scheme) for *_, part in result.parts)
    lines = (line for _, label, part in result.parts for line in _lines(label, part))
    return PublishedResult(next((quota for quota in quotas if quota is not None), None), tuple(lines))


def published_text(published: PublishedResult) -> str:
    """A published result as it is stored; ``read_published`` gives the same back."""
    quota = None if published.quota is None else str(published.quota)
    return json.dumps({"quota": quota, "lines": [asdict(line) for line in published.lines]}, ensure_ascii=False)


@lru_cache(maxsize=_REMEMBERED)
def read_published(text: str) -> PublishedResult:
    """Remembered, because a county's pages read some hundred of them, which hardly ever change."""
    document = json.loads(text)
    return PublishedResult(
        None if document["quota"] is None else Fraction(document["quota"]),
        tuple(
            PublishedLine(
                **line
                | {
                    "decisions": tuple(line["decisions"]),
                    "periods": tuple(EarlierPeriod(**period) for period in line["periods"]),
                }
            )
            for line in document["lines"]
        ),
    )


def _quota_of(scheme: Scheme) -> Fraction | None:
    limits = (quota for quota in scheme.quotas if quota.share is not None and not quota.watched)
    return next((quota.share for quota in limits), None)


def _lines(section: str, part: Result) -> Iterator[PublishedLine]:
    ranked = Counter(row.subject.class_label for row in part.subjects if row.rank is not None)
    for row in part.subjects:
        yield _line(section, part, row, ranked[row.subject.class_label])


def _line(section: str, part: Result, row: SubjectResult, among: int) -> PublishedLine:
    bands, subject = part.scheme.bands, row.subject
    index = next((place for place, band in enumerate(bands) if band.key == row.tier), None)
    return PublishedLine(
        key=subject.key,
        name=subject.name,
        is_person=subject.kind is SubjectKind.PERSON,
        unit=subject.unit,
        post=subject.post,
        class_label=subject.class_label,
        section=section,
        score="" if row.score is None else row.score.text,
        rank=row.rank,
        among=among,
        tier=row.tier_label,
        tier_index=index,
        is_top=index is not None and index < len(top_bands(bands)),
        has_full_marks=_full_marks(part, row),
        decisions=tuple(_decided(row)),
        periods=tuple(
            EarlierPeriod(
                canonical_label(period.label),
                "" if period.score is None else unrounded_text(period.score),
                period.tier or "",
            )
            for period in row.periods
        ),
    )


def _decided(row: SubjectResult) -> Iterator[str]:
    yield from row.decisions
    for ruling in row.rulings:
        if ruling.is_own:
            yield f"{ruling.step}：{ruling.tier_label or '不定等次'}{f'（{ruling.text}）' if ruling.text else ''}"


def _full_marks(part: Result, row: SubjectResult) -> bool | None:
    if not row.counts.graded or _would_tell(part, row):
        return None
    return row.counts.grades[0] == row.counts.valid


def _would_tell(part: Result, row: SubjectResult) -> bool:
    """Whether some group is so small that everybody in it would be known to have given the best grade."""
    groups: Sequence[int] = [part.group_turnout[group.key].cast for group in part.scheme.groups]
    voices = (*groups, *(item.counts.cast for item in row.items))
    return any(0 < voice < FEWEST_GROUP_BALLOTS for voice in voices)
