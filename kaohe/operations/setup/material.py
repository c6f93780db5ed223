"""Material to read (述职、自评、小结): a text about a subject that voters may read before they grade."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from kaohe.domain.ballots import BallotStyle
from kaohe.domain.errors import FieldInvalid, MeetingNotOpen, NotFound
from kaohe.domain.limits import MATERIAL_LENGTH
from kaohe.operations.setup.steps import changing
from kaohe.storage.database import reading
from kaohe.storage.meetings import load_setup, material_lengths, material_of, store_material, store_setup

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Kinds of signs that nobody sees, some of which turn the line around."""


def put_material(actor: str, meeting_id: str, version: int, subject_key: str, text: str) -> int:
    """Store what can be read about a subject, in the place of what there was; nothing is stored of a blank text.

    Paragraphs stay, what cannot be seen goes. The record says about whom, not what. Returns how many characters it is.

    Raises:
        FieldInvalid: the text is too long, or there is no such subject.
        EditedMeanwhile, WrongState.
    """
    kept = readable(text)
    with reading() as session:
        names = {subject.key: subject.full_name for subject in load_setup(session, meeting_id).subjects}
    if subject_key not in names:
        raise FieldInvalid("没有这个考核对象，请刷新页面后重新选择。")
    with changing(actor, meeting_id, version, "changed_material", subject=names[subject_key]) as (session, setup):
        store_setup(session, setup)
        store_material(session, meeting_id, subject_key, kept)
    return len(kept)


def load_lengths(meeting_id: str) -> Mapping[str, int]:
    """How many characters can be read about each subject about whom anything can, by key."""
    with reading() as session:
        return material_lengths(session, meeting_id)


def load_text(meeting_id: str, subject_key: str) -> str:
    """What can be read about a subject; '' for nothing."""
    with reading() as session:
        return material_of(session, meeting_id, subject_key)


def material_for_voters(style: BallotStyle, subject_key: str, *, is_open: bool) -> tuple[str, ...]:
    """The paragraphs about a subject of a form.

    Raises:
        MeetingNotOpen: nobody grades now.
        NotFound: the form does not hold the subject, or nothing can be read about it.
    """
    if not is_open:
        raise MeetingNotOpen
    text = load_text(style.meeting_id, subject_key) if subject_key in {s.key for s in style.asked_subjects} else ""
    if not text:
        raise NotFound
    return tuple(line for line in text.split("\n") if line)


def readable(text: str) -> str:
    """A text as it can be read: in lines that are not blank, without anything that cannot be seen.

    Raises:
        FieldInvalid: it is too long.
    """
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\v", "\n").splitlines()
    shown = (
        "".join(sign for sign in line.replace("\t", " ") if unicodedata.category(sign) not in _UNSEEN) for line in lines
    )
    kept = "\n".join(line for line in (each.strip() for each in shown) if line)
    if len(kept) > MATERIAL_LENGTH:
        raise FieldInvalid(f"材料有 {len(kept)} 个字，请不超过 {MATERIAL_LENGTH} 个字。")
    return kept
