"""Preparing a meeting, step by step; only a draft can be changed.

The scheme, the subjects and the voter groups each have a module of their own.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.lines import read_line
from kaohe.domain.meetings import Custody, HallView, MeetingSetup, Round, Shelf, require_shelf
from kaohe.domain.setup_changes import from_to
from kaohe.domain.ticket_codes import new_pool_code
from kaohe.domain.units import EVERYWHERE, TOP, Reach
from kaohe.domain.voter_groups import groups_to_begin_with
from kaohe.domain.voting_mode import require_ballots
from kaohe.domain.wireless import Wireless, read_wireless
from kaohe.operations.people.units import require_open_unit
from kaohe.operations.setup.scheme import meeting_preset
from kaohe.operations.setup.steps import changing
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.emblems import emblem_digest, emblem_of, save_emblem
from kaohe.storage.meetings import (
    MeetingLine,
    add_meeting,
    load_setup,
    move_meeting,
    put_on_shelf,
    store_setup,
)
from kaohe.storage.meetings import list_meetings as stored_meetings
from kaohe.storage.meetings import stage_code as stored_stage_code
from kaohe.storage.meetings import unit_of_meeting as stored_unit_of
from kaohe.storage.record import record, wait_for_turn
from kaohe.storage.rounds import (
    StoredRound,
    add_round,
    changing_round,
    current_round,
    current_round_for_update,
    round_setup,
    round_state,
    save_round,
)
from kaohe.storage.sheet_marks import take_over_signers
from kaohe.storage.units import unit_tree
from kaohe.storage.wireless import save_wireless, wireless_of
from kaohe.tally.scheme.scheme import Scheme

KEPT = frozenset({Shelf.CURRENT, Shelf.ARCHIVED})
"""Where meetings are that nobody has deleted."""
_SHELF_ACTS = {Shelf.CURRENT: "put_back", Shelf.ARCHIVED: "archived_meeting", Shelf.DELETED: "deleted_meeting"}
_ID_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


def create_meeting(
    actor: str,
    *,
    title: str,
    unit: str,
    held_on: date | None,
    preset_id: str,
    token: str | None = None,
    unit_id: str = TOP,
    reach: Reach = EVERYWHERE,
) -> str:
    """Make a meeting from a preset, or from one of the unit's own schemes (``own:`` and its id), and return its id.

    It belongs to the unit ``unit_id``, which must lie within ``reach``; ``unit`` is what sheets and screens print.
    ``token`` is a random word of the page that asks: the same asked for twice with it, one meeting is made.
    Without one, every call makes another.

    Raises:
        FieldInvalid: the title is empty or title or unit are too long.
        PresetUnknown, OwnSchemeUnknown: no such preset or scheme.
        UnitUnknown, UnitInvalid: no such unit within reach, or it is closed.
    """
    asked = (token or secrets.token_hex(16), title, unit, str(held_on), preset_id, unit_id)
    setup = draw_up(meeting_id_by(*asked), title, unit, held_on, meeting_preset(preset_id, reach))
    with transaction() as session:
        store_new_meeting(session, actor, setup, unit_id, reach, preset=preset_id)
    return setup.id


def draw_up(meeting_id: str, title: str, unit: str, held_on: date | None, scheme: Scheme) -> MeetingSetup:
    """The set-up that a new meeting by a scheme begins with; nothing is stored.

    Raises:
        FieldInvalid: the title is empty or title or unit are too long.
    """
    return MeetingSetup(
        id=meeting_id,
        title=read_line(title, "会议名称", is_needed=True),
        unit=read_line(unit, "测评单位"),
        held_on=held_on,
        scheme=scheme,
        subjects=(),
        groups=groups_to_begin_with(scheme),
        hall_view=HallView.BATCHED,
        custody=Custody.SERVER,
        shared_group=None,
        ballot_list_wanted=False,
        version=1,
    )


def store_new_meeting(
    session: Transaction, actor: str, setup: MeetingSetup, unit_id: str, reach: Reach, **detail: str
) -> bool:
    """Store a meeting with its first round, and say whether it was not there already.

    Raises:
        UnitUnknown, UnitInvalid: no such unit within reach, or it is closed.
    """
    wait_for_turn(session, setup.id)
    require_open_unit(session, unit_id, reach)
    if round_state(session, setup.id, None) is not None:
        return False
    add_meeting(session, setup, stage_code=secrets.token_urlsafe(12), unit_id=unit_id)
    take_over_signers(session, setup.id)
    pool_code = new_pool_code() if setup.shared_group else None
    add_round(session, StoredRound(id=secrets.token_hex(8), meeting_id=setup.id, number=1, pool_code=pool_code))
    record(session, setup.id, actor, "created", **detail)
    return True


def meeting_id_by(*asked: str) -> str:
    """A meeting's id, which is another one for everything else that is asked for."""
    drawn = hashlib.sha256(repr(asked).encode()).digest()[:8]
    return "".join(_ID_ALPHABET[byte % len(_ID_ALPHABET)] for byte in drawn)


def list_meetings(reach: Reach = EVERYWHERE, shelves: Collection[Shelf] = KEPT) -> Sequence[MeetingLine]:
    """The meetings of the units within a reach that the list keeps in these places, the newest first."""
    with reading() as session:
        return [line for line in stored_meetings(session) if line.unit_id in reach and line.shelf in shelves]


def put_meeting(actor: str, meeting_id: str, shelf: Shelf) -> None:
    """Archive a meeting, delete it from the list, or put it back. Idempotent; nothing is destroyed.

    Raises:
        WrongState: what was held would go out of sight by mistake; see ``require_shelf``.
    """
    with changing_round(meeting_id) as (session, row):
        require_shelf(shelf, row.state, load_setup(session, meeting_id).title)
        if put_on_shelf(session, meeting_id, shelf):
            record(session, meeting_id, actor, _SHELF_ACTS[shelf])


def load_meeting(meeting_id: str) -> tuple[MeetingSetup, Round]:
    """The current round and the set-up that it is held by: frozen once it has opened, being prepared before."""
    with reading() as session:
        held = current_round(session, meeting_id)
        return round_setup(session, held), held.without_secrets()


def stage_code(meeting_id: str) -> str:
    """The secret part of the projector's address."""
    with reading() as session:
        return stored_stage_code(session, meeting_id)


def unit_of(meeting_id: str) -> str:
    """The id of the unit that a meeting belongs to."""
    with reading() as session:
        return stored_unit_of(session, meeting_id)


def change_basics(
    actor: str,
    meeting_id: str,
    version: int,
    *,
    title: str,
    unit: str,
    held_on: date | None,
    unit_id: str = "",
    reach: Reach = EVERYWHERE,
) -> None:
    """Change what stands on top of every page and sheet, and with ``unit_id`` the unit that the meeting belongs to.

    Those sign the sheets of another unit whom that one has named.

    Raises:
        UnitUnknown, UnitInvalid: no such unit within reach, or it is closed.
        FieldInvalid, EditedMeanwhile, WrongState.
    """
    with changing(actor, meeting_id, version, "changed_basics") as (session, setup):
        changed = replace(
            setup,
            title=read_line(title, "会议名称", is_needed=True),
            unit=read_line(unit, "测评单位"),
            held_on=held_on,
        )
        store_setup(session, changed)
        stored_in = stored_unit_of(session, meeting_id)
        is_moved = bool(unit_id) and unit_id != stored_in
        if is_moved:
            moved_from = unit_tree(session).unit(stored_in).name
            moved_to = require_open_unit(session, unit_id, reach)
            move_meeting(session, meeting_id, unit_id)
            record(session, meeting_id, actor, "moved_meeting", unit=moved_to.name, moved_from=moved_from)
        if is_moved or changed.unit != setup.unit:
            take_over_signers(session, meeting_id)


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
        EditedMeanwhile, WrongState.
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
    with changing(actor, meeting_id, version, "changed_hall", **detail) as (session, setup):
        if shared_group is not None and shared_group not in {group.key for group in setup.groups if not group.part_of}:
            raise FieldInvalid("一会一码对应的票种不存在，请重新选择。")
        if shared_group is not None:
            require_ballots(setup.full_scheme)
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
        row = current_round_for_update(session, meeting_id)
        row = replace(row, pool_code=(row.pool_code or new_pool_code()) if shared_group else None)
        if custody is Custody.SERVER:
            row = replace(row, public_key=None, canary=None, share_digests=None, held_share=None, key_proven=False)
        save_round(session, row)


def load_emblem(meeting_id: str) -> bytes | None:
    """The emblem of a meeting's unit, a PNG; None where there is none."""
    with reading() as session:
        return emblem_of(session, meeting_id)


def load_emblem_digest(meeting_id: str) -> str:
    """The digest of the emblem, by which browsers keep it; '' where there is none."""
    with reading() as session:
        return emblem_digest(session, meeting_id)


def change_emblem(actor: str, meeting_id: str, emblem: bytes | None) -> None:
    """Let the wall carry this emblem, a PNG, or none. In every state, and idempotent."""
    with transaction() as session:
        before = emblem_digest(session, meeting_id)
        now_there = save_emblem(session, meeting_id, emblem)
        if now_there != before:
            record(session, meeting_id, actor, "changed_emblem", emblem=now_there)


def load_wireless(meeting_id: str) -> Wireless:
    """The wireless network of a meeting's hall."""
    with reading() as session:
        return wireless_of(session, meeting_id)


def change_wireless(actor: str, meeting_id: str, name: str, password: str) -> None:
    """Say which wireless network phones join in the hall; nothing typed for none. In every state, and idempotent.

    Raises:
        FieldInvalid: no network can be called so, or have this password.
    """
    wireless = read_wireless(name, password)
    with transaction() as session:
        before = wireless_of(session, meeting_id)
        if before != wireless:
            save_wireless(session, meeting_id, wireless)
            is_renamed = before.name != wireless.name
            changes = from_to("名称", before.name, wireless.name) if is_renamed else f"“{wireless.name}”的密码有改动"
            record(session, meeting_id, actor, "changed_wireless", changes=changes)
