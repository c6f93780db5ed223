"""What a command line names: a file on the disk, a subject of a meeting, a tier, an answer to doubts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.meetings import MeetingSetup
from kaohe.intake.documents import LARGEST_DOCUMENT
from kaohe.intake.spreadsheets import MAX_FILE_BYTES
from kaohe.operations.count.sources import Answer
from kaohe.tally.model import Subject

NO_TIER = "none"
"""How a command says that somebody gets no tier."""
answer_option = click.option(
    "--answer",
    type=click.Choice([Answer.SAME.value, Answer.OTHERS.value]),
    help="对核对问题的回答：same 覆盖原有的，同名的是同一人；others 覆盖原有的，单位、职务不同的是另一人。",
)


class FileUnreadable(KaoheError):
    """A file named on the command line cannot be read."""


def read_file(path: Path) -> bytes:
    """The bytes of a file, a little more than the largest that is allowed at most.

    Raises:
        FileUnreadable: it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return file.read(max(LARGEST_DOCUMENT, MAX_FILE_BYTES) + 1)
    except (OSError, ValueError) as error:
        raise FileUnreadable(f"文件 {path} 打不开，请检查路径和权限。") from error


def subject_named(subjects: Sequence[Subject], name: str) -> Subject:
    """The subject of a key (such as s1), or of a name that only one has.

    Raises:
        FieldInvalid: there is none, or several have this name.
    """
    found = [subject for subject in subjects if name in (subject.key, subject.name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise FieldInvalid(f"有 {len(found)} 个“{name}”，请写编号：{'、'.join(each.key for each in found)}。")
    raise FieldInvalid(f"没有考核对象“{name}”，用 kaohe meeting show ID --json 查看编号。")


def tier_named(setup: MeetingSetup, name: str) -> str:
    """The key of a tier by its key or label; '' for no tier.

    Raises:
        FieldInvalid: the scheme has no such tier.
    """
    tiers = {band.key: band.label for section in setup.full_scheme.sections for band in section.scheme.bands}
    found = next((key for key, label in tiers.items() if name in (key, label)), "" if name == NO_TIER else None)
    if found is None:
        known = "、".join(f"{label}（{key}）" for key, label in tiers.items())
        raise FieldInvalid(f"没有等次“{name}”，应为 {known} 之一；不定等次的写 {NO_TIER}。")
    return found


def said(answer: str | None) -> Answer:
    """The answer of ``answer_option``."""
    return Answer(answer or Answer.NONE)
