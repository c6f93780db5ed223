"""What a meeting file brings into the result beside the votes: scores, earlier periods, decisions of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from kaohe.domain.limits import POST_LENGTH, REASON_LENGTH, TITLE_LENGTH
from kaohe.domain.meeting_file_tables import FileTable

INPUT_KEYS = ("scores", "periods_file", "decisions")


@dataclass(frozen=True, slots=True)
class DecisionEntry:
    """One ``[[decisions]]`` of the file: a clause of the scheme applied to somebody who goes by name."""

    subject: str
    clause: str
    reason: str
    amount: Fraction | None
    matter: str
    place: str
    """Where it stands, as refusals call it."""


@dataclass(frozen=True, slots=True)
class FileInputs:
    """Paths are meant from the folder of the meeting file."""

    score_files: Mapping[str, str]
    """By component key."""
    periods_file: str
    """'' for none."""
    decisions: tuple[DecisionEntry, ...]


def read_file_inputs(table: FileTable) -> FileInputs:
    """Read what the file brings, as far as that needs neither scheme nor subjects.

    Raises:
        MeetingFileInvalid: at the first fault.
    """
    return FileInputs(
        table.one("scores", _read_score_files) if table.has("scores") else {},
        table.file_path("periods_file"),
        table.entries("decisions", _read_decision) if table.has("decisions") else (),
    )


def _read_score_files(table: FileTable) -> Mapping[str, str]:
    return {str(key): table.file_path(str(key), is_needed=True) for key in table.table}


def _read_decision(table: FileTable) -> DecisionEntry:
    table.check_keys(("subject", "clause", "reason"), ("amount", "matter"))
    return DecisionEntry(
        table.line("subject", POST_LENGTH, is_needed=True),
        table.line("clause", TITLE_LENGTH, is_needed=True),
        table.line("reason", REASON_LENGTH, is_needed=True),
        table.number("amount") if table.has("amount") else None,
        table.line("matter", TITLE_LENGTH),
        table.path("subject").rpartition(".")[0],
    )
