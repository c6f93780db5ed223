"""Tables of scores and of earlier periods as commands and meeting files bring them, checked before they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from kaohe.cli.application import ACTOR
from kaohe.cli.results.named import read_file, subject_named
from kaohe.domain.errors import FieldInvalid
from kaohe.domain.inputs import CountInputs
from kaohe.domain.meeting_files import MeetingFile, MeetingFileInvalid, problems_text
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.office_tables.figures import read_figures
from kaohe.domain.score_sheets import PERIODS, SCORES, read_periods, read_scores
from kaohe.intake.spreadsheets import read_sheets
from kaohe.operations.count.importing_scores import import_periods, import_scores
from kaohe.operations.setup.deciding import decide
from kaohe.operations.setup.input_checks import (
    component_of,
    fitting_decision,
    flag_keys,
    periods_in_time,
    require_periods_used,
    require_scores_fit,
)
from kaohe.tally.model import Decision, Period


@dataclass(frozen=True, slots=True)
class Brought:
    """What a meeting file brings beside the votes, by subject key."""

    scores: Mapping[str, Mapping[str, Fraction]]
    """By component key."""
    periods: Mapping[str, Sequence[Period]]
    decisions: Sequence[Decision]


def scores_in(path: Path, setup: MeetingSetup, component_key: str, *, is_same: bool = False) -> Mapping[str, Fraction]:
    """The scores of a component in a table (.xlsx, .xls, .ods, .csv), by subject key.

    Raises:
        FileUnreadable, SpreadsheetRefusal: there is no such table.
        FieldInvalid: a row cannot be taken; every such row is named.
        ComponentRefused: the scheme imports no such component.
    """
    component = component_of(setup.full_scheme, component_key)
    table = read_figures(read_sheets(path.name, read_file(path)), SCORES)
    sheet = read_scores(table, setup.subjects, component.full, is_same=is_same)
    if sheet.problems:
        raise FieldInvalid(f"{path.name}：{problems_text(sheet.problems)}")
    return sheet.scores


def periods_in(path: Path, setup: MeetingSetup, *, is_same: bool = False) -> Mapping[str, Sequence[Period]]:
    """The earlier periods in a table, by subject key.

    Raises:
        FileUnreadable, SpreadsheetRefusal, FieldInvalid: as for :func:`scores_in`.
    """
    table = read_figures(read_sheets(path.name, read_file(path)), PERIODS)
    sheet = read_periods(table, setup.subjects, flag_keys(setup.full_scheme), is_same=is_same)
    if sheet.problems:
        raise FieldInvalid(f"{path.name}：{problems_text(sheet.problems)}")
    return sheet.periods


def check_brought(file: MeetingFile, folder: Path, setup: MeetingSetup) -> Brought:
    """Read what the file brings, and check it against the meeting as it will be. Nothing is stored.

    Raises:
        FileUnreadable, SpreadsheetRefusal, MeetingFileInvalid, FieldInvalid, ComponentRefused, DecisionRefused.
    """
    scores = {key: scores_in(folder / path, setup, key) for key, path in file.inputs.score_files.items()}
    for key, found in scores.items():
        require_scores_fit(setup, key, found)
    periods: Mapping[str, Sequence[Period]] = {}
    if file.inputs.periods_file:
        require_periods_used(setup)
        periods = periods_in(folder / file.inputs.periods_file, setup)
        periods_in_time(setup, [period.label for own in periods.values() for period in own])
    earlier = CountInputs()
    for entry in file.inputs.decisions:
        try:
            key = subject_named(setup.subjects, entry.subject).key
        except FieldInvalid as error:
            raise MeetingFileInvalid(f"会议文件的 {entry.place} 有误：{error.message}") from error
        decision = Decision(key, entry.clause, entry.reason, entry.amount, entry.matter)
        read, _, _ = fitting_decision(setup, earlier, decision)
        earlier = replace(earlier, decisions=(*earlier.decisions, read))
    return Brought(scores, periods, earlier.decisions)


def store_brought(meeting_id: str, brought: Brought) -> None:
    """Store what :func:`check_brought` has found to fit."""
    for key, scores in brought.scores.items():
        import_scores(ACTOR, meeting_id, key, scores)
    if brought.periods:
        import_periods(ACTOR, meeting_id, brought.periods)
    for decision in brought.decisions:
        decide(ACTOR, meeting_id, decision)
