"""An organizer prepares a meeting: each step is saved as it goes, and only a draft can be changed."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from fractions import Fraction

from kaohe.domain.envelopes import BoxKey, fingerprint, new_canary, opens_canary, read_key
from kaohe.domain.errors import FieldInvalid, KeyWrong, PresetUnknown
from kaohe.domain.holding import can_be_held, require_held
from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup, MeetingState, Round, require_state
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.ticket_codes import new_pool_code
from kaohe.schemes import UnknownPresetError, list_presets, load_preset
from kaohe.storage.database import Session, reading, transaction
from kaohe.storage.events import record
from kaohe.storage.meetings import (
    MeetingLine,
    add_meeting,
    as_round,
    current_round_row,
    load_setup,
    meeting_row,
    store_setup,
)
from kaohe.storage.meetings import list_meetings as stored_meetings
from kaohe.storage.tables import RoundRow
from kaohe.storage.tickets import ticket_numbers
from kaohe.tally.model import Subject
from kaohe.tally.scheme import EVERYONE, Scheme

TITLE_LENGTH = 60
LABEL_LENGTH = 16
GROUPS_AT_MOST = 12
ENTITLED_AT_MOST = 20_000
_ID_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


def meeting_presets() -> tuple[Scheme, ...]:
    """The presets that a meeting can be held by, the simplest first."""
    return tuple(preset for preset in list_presets() if can_be_held(preset))


def meeting_preset(preset_id: str) -> Scheme:
    """One preset for a meeting.

    Raises:
        PresetUnknown: no such preset.
        SchemeNotHeld: a meeting cannot be held by it.
    """
    try:
        return require_held(load_preset(preset_id))
    except UnknownPresetError as error:
        raise PresetUnknown(error.message) from error


def create_meeting(actor: str, *, title: str, unit: str, held_on: date | None, preset_id: str) -> str:
    """Make a meeting from a preset and return its id.

    Raises:
        FieldInvalid: the title is empty or title or unit are too long.
        PresetUnknown, SchemeNotHeld: no such preset, or none for a meeting.
    """
    setup = MeetingSetup(
        id="".join(secrets.choice(_ID_ALPHABET) for _ in range(8)),
        title=_read_line(title, "会议名称", is_needed=True),
        unit=_read_line(unit, "测评单位"),
        held_on=held_on,
        scheme=meeting_preset(preset_id),
        subjects=(),
        groups=(Group(EVERYONE.key, EVERYONE.label, EVERYONE.weight, 0),),
        hall_view=HallView.BATCHED,
        custody=Custody.SERVER,
        shared_group=None,
        ballot_list_wanted=False,
        version=1,
    )
    with transaction() as session:
        add_meeting(session, setup, stage_code=secrets.token_urlsafe(12))
        session.add(RoundRow(id=secrets.token_hex(8), meeting_id=setup.id, number=1))
        record(session, setup.id, actor, "created", preset=preset_id)
    return setup.id


def list_meetings() -> Sequence[MeetingLine]:
    """All meetings, the newest first."""
    with reading() as session:
        return stored_meetings(session)


def load_meeting(meeting_id: str) -> tuple[MeetingSetup, Round]:
    """The set-up as it is being prepared, and the current round.

    Raises:
        MeetingUnknown: no such meeting.
    """
    with reading() as session:
        return load_setup(session, meeting_id), as_round(current_round_row(session, meeting_id))


def stage_code(meeting_id: str) -> str:
    """The secret part of the projector's address.

    Raises:
        MeetingUnknown: no such meeting.
    """
    with reading() as session:
        return meeting_row(session, meeting_id).stage_code


def change_basics(actor: str, meeting_id: str, version: int, *, title: str, unit: str, held_on: date | None) -> None:
    """Change what stands on top of every page and sheet.

    Raises:
        FieldInvalid, EditedMeanwhile, WrongState, MeetingUnknown.
    """
    with _changing(actor, meeting_id, version, "changed_basics") as (session, setup):
        changed = replace(
            setup,
            title=_read_line(title, "会议名称", is_needed=True),
            unit=_read_line(unit, "测评单位"),
            held_on=held_on,
        )
        store_setup(session, changed)


def change_scheme(actor: str, meeting_id: str, version: int, scheme: Scheme) -> None:
    """Take another scheme, or the same with other settings. Voter groups are the meeting's own and stay.

    Raises:
        SchemeNotHeld: a meeting cannot be held by it.
        EditedMeanwhile, WrongState, MeetingUnknown.
    """
    require_held(scheme)
    with _changing(actor, meeting_id, version, "changed_scheme") as (session, setup):
        store_setup(session, replace(setup, scheme=replace(scheme, groups=(EVERYONE,))))


def change_subjects(actor: str, meeting_id: str, version: int, entries: Sequence[SubjectEntry]) -> None:
    """Replace the list of subjects, in the order given.

    Raises:
        EditedMeanwhile, WrongState, MeetingUnknown.
    """
    subjects = tuple(
        Subject(f"s{number}", e.name, e.unit, e.post, e.class_label, e.kind) for number, e in enumerate(entries, 1)
    )
    with _changing(actor, meeting_id, version, "changed_subjects", count=str(len(subjects))) as (session, setup):
        store_setup(session, replace(setup, subjects=subjects))


def change_groups(actor: str, meeting_id: str, version: int, groups: Sequence[Group]) -> None:
    """Replace the voter groups; a group that already has tickets must keep its key.

    Raises:
        FieldInvalid: no group, a label that is empty, long or repeated, 应到 out of bounds, weights that are not
            100 % together, or a group with tickets left out.
        EditedMeanwhile, WrongState, MeetingUnknown.
    """
    groups = tuple(
        replace(group, label=_read_line(group.label, "票种名称", LABEL_LENGTH, is_needed=True)) for group in groups
    )
    _require_sound_groups(groups)
    with _changing(actor, meeting_id, version, "changed_groups", count=str(len(groups))) as (session, setup):
        keys = {group.key for group in groups}
        for key, numbers in ticket_numbers(session, current_round_row(session, meeting_id).id).items():
            if key not in keys and numbers.printed:
                label = next((g.label for g in setup.groups if g.key == key), key)
                raise FieldInvalid(f"“{label}”已经制票，不能删除。请先作废这些票，或保留该票种。")
        shared = setup.shared_group if setup.shared_group in keys else None
        store_setup(session, replace(setup, groups=groups, shared_group=shared))


def change_hall(
    actor: str,
    meeting_id: str,
    version: int,
    *,
    hall_view: HallView,
    custody: Custody,
    shared_group: str | None,
    ballot_list_wanted: bool,
    two_people: bool = False,
) -> None:
    """Decide what the hall sees, who holds the key, how tickets are handed out, and whether weighty acts take two.

    Raises:
        FieldInvalid: live tallies are wanted although the tellers hold the key, or the shared group is unknown.
        EditedMeanwhile, WrongState, MeetingUnknown.
    """
    if custody is Custody.TELLERS and hall_view is not HallView.TURNOUT:
        raise FieldInvalid("钥匙由监票人保管时，投票期间服务器不能开票，大屏只能显示投票进度。请改选“只显示进度”。")
    detail = {
        "hall_view": str(hall_view),
        "custody": str(custody),
        "shared": shared_group or "",
        "ballot_list": str(ballot_list_wanted),
        "two_people": str(two_people),
    }
    with _changing(actor, meeting_id, version, "changed_hall", **detail) as (session, setup):
        if shared_group is not None and shared_group not in {group.key for group in setup.groups}:
            raise FieldInvalid("一会一码对应的票种不存在，请重新选择。")
        store_setup(
            session,
            replace(
                setup,
                hall_view=hall_view,
                custody=custody,
                shared_group=shared_group,
                ballot_list_wanted=ballot_list_wanted,
                two_people=two_people,
            ),
        )
        row = current_round_row(session, meeting_id)
        row.pool_code = (row.pool_code or new_pool_code()) if shared_group else None
        if custody is Custody.SERVER:
            row.public_key = row.canary = None
            row.key_proven = False


def draw_up_key(actor: str, meeting_id: str) -> str:
    """Make the box's key for the tellers and return the text of the key sheet, this once.

    The private half is stored nowhere. Drawing up again replaces a key that nobody has proven or used.

    Raises:
        WrongState: the round has opened, or the server holds the key.
    """
    key = BoxKey.new()
    with transaction() as session:
        row = current_round_row(session, meeting_id)
        require_state(as_round(row), MeetingState.DRAFT)
        if load_setup(session, meeting_id).custody is not Custody.TELLERS:
            raise FieldInvalid("本场会议的钥匙由服务器保管，不需要钥匙单。")
        row.public_key, row.canary, row.key_proven = key.public, new_canary(key.public, row.id), False
        record(session, meeting_id, actor, "drew_up_key", fingerprint=fingerprint(key.public))
    return key.text


def prove_key(actor: str, meeting_id: str, typed: str) -> None:
    """Let a teller show, before voting may start, that the sheet in hand opens this round's box. Idempotent.

    Raises:
        KeyWrong: it does not, or no key has been drawn up.
        WrongState: the round has opened.
    """
    key = read_key(typed)
    with transaction() as session:
        row = current_round_row(session, meeting_id)
        require_state(as_round(row), MeetingState.DRAFT)
        if row.canary is None or not opens_canary(key, row.canary, row.id):
            raise KeyWrong
        row.key_proven = True
        record(session, meeting_id, actor, "proved_key", fingerprint=fingerprint(key.public))


@contextmanager
def _changing(
    actor: str, meeting_id: str, version: int, act: str, **detail: str
) -> Iterator[tuple[Session, MeetingSetup]]:
    with transaction() as session:
        setup = replace(load_setup(session, meeting_id), version=version)
        require_state(as_round(current_round_row(session, meeting_id)), MeetingState.DRAFT)
        yield session, setup
        record(session, meeting_id, actor, act, **detail)


def _require_sound_groups(groups: Sequence[Group]) -> None:
    if not 1 <= len(groups) <= GROUPS_AT_MOST:
        raise FieldInvalid(f"票种应为 1 到 {GROUPS_AT_MOST} 个。")
    if len({group.label for group in groups}) < len(groups) or len({group.key for group in groups}) < len(groups):
        raise FieldInvalid("票种名称不能重复，请改名后再保存。")
    for group in groups:
        if not 0 <= group.entitled <= ENTITLED_AT_MOST:
            raise FieldInvalid(f"“{group.label}”的应到人数应为 0 到 {ENTITLED_AT_MOST}。")
        if not 0 < group.weight <= 1:
            raise FieldInvalid(f"“{group.label}”的权重应大于 0、不超过 100%。")
    total = sum((group.weight for group in groups), Fraction(0))
    if total != 1:
        raise FieldInvalid("各票种权重之和应为 100%，请调整后再保存。")


def _read_line(text: str, what: str, at_most: int = TITLE_LENGTH, *, is_needed: bool = False) -> str:
    line = unicodedata.normalize("NFC", " ".join(text.split()))
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"} for character in line):
        raise FieldInvalid(f"{what}中有看不见的字符，请重新输入。")
    if len(line) > at_most:
        raise FieldInvalid(f"{what}过长，请不超过 {at_most} 个字。")
    if is_needed and not line:
        raise FieldInvalid(f"请填写{what}。")
    return line
