"""Meetings for tests, built through the same operations as the console's."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from kaohe.domain.ballots import comment_field, encode_ballot, item_field, read_ballot
from kaohe.domain.envelopes import envelope_tag, retry_digest
from kaohe.domain.meetings import Custody, Group, HallView
from kaohe.domain.relations import Pair, graded_by, to_be_divided
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.sealing import PhoneSealed, Sealer, binding_of
from kaohe.domain.voter_groups import groups_under
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.boards import SaidNumbers, load_board, record_all_numbers
from kaohe.operations.hall.casting import cast_ballot, cast_sealed, load_polling
from kaohe.operations.hall.open_rounds import open_round
from kaohe.operations.hall.paper_ballots import load_paper, record_paper_not_returned
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.key import draw_up_key, prove_key
from kaohe.operations.setup.preparing import change_hall, create_meeting, load_meeting
from kaohe.operations.setup.relations import divide_by_list, divide_by_unit
from kaohe.operations.setup.scheme import change_scheme
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.storage.database import transaction
from kaohe.storage.meetings import load_setup, store_setup
from kaohe.tally.scheme.scheme import Relation, Scheme

CHAIR = "王主持"
PUBLIC_URL = "http://192.168.8.8:8000"
"""The address of a test's installation in its hall."""
NAMES = ("张伟", "李娜", "欧阳子涵")
EVERYONE = (Group("all", "全体", Fraction(1), 12),)
THREE_GROUPS = (
    Group("a", "A票", Fraction(2, 5), 6),
    Group("b", "B票", Fraction(3, 10), 13),
    Group("c", "C票", Fraction(3, 10), 31),
)


@dataclass(frozen=True)
class Scene:
    """A meeting with its tickets, by group label, and the tellers' key where they hold it."""

    meeting_id: str
    codes: dict[str, list[str]]
    key_text: str | None
    style_key: str = "1"
    """The form that these tickets are for."""

    @property
    def all_codes(self) -> list[str]:
        return [code for codes in self.codes.values() for code in codes]


def version_of(meeting_id: str) -> int:
    return load_meeting(meeting_id)[0].version


def draft_meeting(preset: str, subjects: Sequence[SubjectEntry], **scheme_changes: object) -> str:
    """A meeting by a preset, or by what is changed of it, with its subjects and nothing else. Returns its id."""
    meeting_id = create_meeting(
        CHAIR, title="年度民主测评会", unit="青山区统计局", held_on=date(2026, 12, 18), preset_id=preset
    )
    if scheme_changes:
        scheme = replace(load_meeting(meeting_id)[0].scheme, **scheme_changes)
        change_scheme(CHAIR, meeting_id, version_of(meeting_id), scheme)
    change_subjects(CHAIR, meeting_id, version_of(meeting_id), subjects)
    return meeting_id


def prepare_meeting(
    *,
    preset: str = "si-deng",
    names: tuple[str, ...] = NAMES,
    groups: tuple[Group, ...] = EVERYONE,
    hall_view: HallView = HallView.TURNOUT,
    custody: Custody = Custody.SERVER,
    shared_group: str | None = None,
    ballot_list_wanted: bool = False,
    two_people: bool = False,
    spares: int = 0,
    **scheme_changes: object,
) -> Scene:
    """A meeting that lacks nothing and is not open yet. Needs an application context."""
    subjects = [SubjectEntry(name, "办公室", "科员") for name in names]
    meeting_id = draft_meeting(preset, subjects, **scheme_changes)
    change_groups(CHAIR, meeting_id, version_of(meeting_id), groups)
    change_hall(
        CHAIR,
        meeting_id,
        version_of(meeting_id),
        hall_view=hall_view,
        custody=custody,
        shared_group=shared_group,
        ballot_list_wanted=ballot_list_wanted,
        two_people=two_people,
    )
    for group in groups:
        if group.key != shared_group:
            issue_tickets(CHAIR, meeting_id, group.key, group.entitled, spares)
    key_text = None
    if custody is Custody.TELLERS:
        key_text = draw_up_key(CHAIR, meeting_id)
        prove_key(CHAIR, meeting_id, key_text)
    codes: dict[str, list[str]] = {}
    for ticket in list_tickets(meeting_id):
        codes.setdefault(ticket.group_label, []).append(ticket.code)
    return Scene(meeting_id, codes, key_text)


def draw_relations(meeting_id: str, entitled: int, *, in_turn: bool = True) -> None:
    """Divide every voter group that its scheme divides: by units, or among two leaders.

    They take turns on the list, or each of them has one half of it.
    """
    for group in to_be_divided(load_meeting(meeting_id)[0]):
        setup = load_meeting(meeting_id)[0]
        if group.relation is Relation.OWN_PEOPLE:
            graded = graded_by(setup, group.key)
            half = (len(graded) + 1) // 2
            pairs = [
                Pair(row, ("陈副局长", "王副局长")[row % 2 if in_turn else row > half], subject)
                for row, subject in enumerate(graded, 1)
            ]
            divide_by_list(CHAIR, meeting_id, setup.version, group.key, pairs, entitled)
        else:
            divide_by_unit(CHAIR, meeting_id, setup.version, group.key, group.relation, entitled)


def put_scheme(meeting_id: str, scheme: Scheme) -> None:
    """Give a draft a scheme with the groups that it brings, whether or not the console would offer it."""
    with transaction() as session:
        setup = load_setup(session, meeting_id)
        groups = groups_under(scheme, setup.scheme, setup.groups)
        store_setup(session, replace(setup, scheme=scheme, groups=groups))


def hold_meeting(**settings: object) -> Scene:
    """A meeting that is open for ballots."""
    scene = prepare_meeting(**settings)
    open_meeting(CHAIR, scene.meeting_id)
    return scene


def filled(meeting_id: str, *grades: str, comments: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """The fields of a ballot: one grade for every cell, or as many grades as cells, in the form's order."""
    style = load_polling(meeting_id, "1").style
    marks = list(grades) if len(grades) > 1 else list(grades) * len(style.items)
    assert len(marks) == len(style.items)
    fields = [(item_field(*item), mark) for item, mark in zip(style.items, marks, strict=True)]
    return fields + [(comment_field(key), text) for key, text in (comments or {}).items()]


def sealed_as_by_a_phone(meeting_id: str, plain: bytes, nonce: str, style_key: str = "1") -> PhoneSealed:
    """What a phone posts that has sealed this content, whether it is a ballot or not."""
    style = load_polling(meeting_id, style_key).style
    this_round = open_round(meeting_id, style_key)
    assert this_round is not None
    public = bytes.fromhex(json.loads(this_round.seal)["publicKey"])
    binding, tag = binding_of(style, public), envelope_tag(style.round_id, nonce)
    box = Sealer(public, binding).seal(plain, tag)
    return PhoneSealed(binding.form_digest, binding.key_id, tag, retry_digest(style.round_id, nonce), box)


def sealed_fields(meeting_id: str, style_key: str, fields: Sequence[tuple[str, str]], nonce: str) -> dict[str, str]:
    """What a phone posts beside ticket and round that seals these choices."""
    style = load_polling(meeting_id, style_key).style
    sealed = sealed_as_by_a_phone(meeting_id, encode_ballot(style, read_ballot(style, fields)), nonce, style_key)
    return {
        "form": sealed.form_digest,
        "key": sealed.key_id,
        "tag": sealed.tag.hex(),
        "retry": sealed.retry.hex(),
        "box": urlsafe_b64encode(sealed.box).decode().rstrip("="),
    }


def seal_and_cast(meeting_id: str, code: str, plain: bytes, style_key: str = "1") -> str:
    """Cast what a phone has sealed and return its receipt."""
    sealed = sealed_as_by_a_phone(meeting_id, plain, secrets.token_hex(16), style_key)
    return cast_sealed(meeting_id, style_key, ticket=code, round_number="", sealed=sealed).receipt


def cast(
    meeting_id: str, code: str, *grades: str, nonce: str | None = None, comments: dict[str, str] | None = None
) -> str:
    """Cast one ballot and return its receipt."""
    return cast_ballot(
        meeting_id,
        "1",
        ticket=code,
        nonce=nonce or secrets.token_hex(16),
        round_number="",
        fields=filled(meeting_id, *grades, comments=comments),
    ).receipt


def hand_out_paper(meeting_id: str, group_key: str, number: int) -> None:
    """Say that a group was handed so many blank forms; its other numbers stay."""
    group = next((group for group in load_board(meeting_id).groups if group.key == group_key), None)
    said = SaidNumbers(group.present, group.left_over, number) if group else SaidNumbers(None, 0, number)
    record_all_numbers(CHAIR, meeting_id, {group_key: said})


def count_what_came_back(actor: str, meeting_id: str) -> int:
    """Count, and say before of every ballot on paper that was not typed that it did not come back."""
    if missing := load_paper(meeting_id).unanswered:
        record_paper_not_returned(actor, meeting_id, missing)
    return count_meeting(actor, meeting_id)
