from __future__ import annotations

import secrets
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest
from scene import CHAIR, THREE_GROUPS, cast, hold_meeting, prepare_meeting

from kaohe.domain.errors import (
    CodesSealed,
    DrawsTooFast,
    EditedMeanwhile,
    FieldInvalid,
    NonceInvalid,
    PoolClosed,
    PoolEmpty,
    TicketForeign,
    TicketMistyped,
    TicketUnknown,
    TicketUsed,
    TicketVoided,
    WrongState,
)
from kaohe.domain.meetings import Group
from kaohe.domain.ticket_codes import new_pool_code, new_ticket_code
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.sources import list_findings
from kaohe.operations.hall.boards import load_board, record_numbers
from kaohe.operations.setup.issuing import (
    draw_ticket,
    issue_tickets,
    list_tickets,
    renew_pool_code,
)
from kaohe.operations.setup.printing import list_slips, new_printing, start_printing
from kaohe.operations.setup.replacing import reissue_ticket, void_ticket
from kaohe.storage.database import reading
from kaohe.storage.record import list_record_entries
from kaohe.storage.rounds import current_round
from kaohe.storage.tickets import printable_codes


def test_the_slips_of_each_group_and_their_spares_are_all_there() -> None:
    scene = prepare_meeting(groups=THREE_GROUPS, spares=2)

    assert {label: len(codes) for label, codes in scene.codes.items()} == {"A票": 8, "B票": 15, "C票": 33}
    assert len(set(scene.all_codes)) == 56


def test_tickets_asked_for_by_four_at_once_are_made_once(app) -> None:
    scene = prepare_meeting()

    def press(_: int) -> None:
        with app.app_context():
            issue_tickets(CHAIR, scene.meeting_id, "all", 3, 1, made_before=12)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(press, range(4)))
    assert load_board(scene.meeting_id).printed == 16
    with pytest.raises(EditedMeanwhile):
        issue_tickets(CHAIR, scene.meeting_id, "all", 5, 0, made_before=12)


def test_more_tickets_than_people_and_spares_stand_in_the_check_list() -> None:
    scene = prepare_meeting(spares=2)
    assert "many_tickets" not in {finding.code for finding in list_findings(scene.meeting_id)}
    issue_tickets(CHAIR, scene.meeting_id, "all", 12, 2)
    found = next(finding for finding in list_findings(scene.meeting_id) if finding.code == "many_tickets")
    assert found.message.startswith("“全体”已制 28 张，多于应到 12 人和备用 4 张")
    assert not found.is_blocking


def test_slips_are_shuffled_anew_at_every_print() -> None:
    scene = prepare_meeting()
    first, second = ([ticket.code for ticket in list_tickets(scene.meeting_id)] for _ in range(2))

    assert sorted(first) == sorted(second)
    assert first != second


def test_the_code_rides_in_the_fragment_of_the_address() -> None:
    scene = prepare_meeting()
    ticket = list_tickets(scene.meeting_id)[0]

    assert ticket.url.rpartition(".")[0] == f"http://192.168.8.8:8000/v/{scene.meeting_id}/1#{ticket.code}"
    assert ticket.url.rpartition(".")[2] == ticket.signer_text.replace("-", "")


def test_codes_can_be_read_only_before_the_opening() -> None:
    scene = prepare_meeting()
    assert {ticket.code for ticket in list_tickets(scene.meeting_id)} == set(scene.all_codes)

    open_meeting(CHAIR, scene.meeting_id)
    fresh = reissue_ticket(CHAIR, scene.meeting_id, scene.all_codes[0], reason="票被撕破")
    for _ in range(2):
        for read in (
            lambda: list_tickets(scene.meeting_id),
            lambda: list_slips(scene.meeting_id, new_printing()),
            lambda: start_printing(CHAIR, scene.meeting_id),
        ):
            with pytest.raises(CodesSealed, match="换发"):
                read()
        with reading() as session:
            assert printable_codes(session, current_round(session, scene.meeting_id).id) == []
        cast(scene.meeting_id, fresh.code, "excellent", nonce="0123456789abcdef")
        close_meeting(CHAIR, scene.meeting_id)


def test_the_codes_of_a_voided_round_cannot_be_read_again_and_its_slips_vote_again() -> None:
    scene = hold_meeting()
    void_round(CHAIR, scene.meeting_id, "发票有误")

    assert list_tickets(scene.meeting_id) == []
    issue_tickets(CHAIR, scene.meeting_id, "all", 1, 0)
    assert len(list_tickets(scene.meeting_id)) == 1
    open_meeting(CHAIR, scene.meeting_id)
    assert cast(scene.meeting_id, scene.all_codes[0], "excellent")


def test_a_reissued_ticket_takes_the_place_of_the_old_one_and_the_count_is_kept() -> None:
    scene = hold_meeting()
    before = load_board(scene.meeting_id).printed
    fresh = reissue_ticket(CHAIR, scene.meeting_id, scene.all_codes[0], reason="票被撕破")

    assert load_board(scene.meeting_id).printed == before
    with pytest.raises(TicketVoided):
        cast(scene.meeting_id, scene.all_codes[0], "excellent")
    assert cast(scene.meeting_id, fresh.code, "excellent")


def test_a_ticket_that_cannot_be_voided_says_why() -> None:
    scene, other = hold_meeting(), hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    void_ticket(CHAIR, scene.meeting_id, scene.all_codes[1])

    for code, refusal in (
        (scene.all_codes[0], TicketUsed),
        (scene.all_codes[1], TicketVoided),
        (other.all_codes[0], TicketForeign),
        (new_ticket_code(), TicketUnknown),
        ("1234", TicketMistyped),
    ):
        with pytest.raises(refusal):
            void_ticket(CHAIR, scene.meeting_id, code)
        with pytest.raises(refusal):
            reissue_ticket(CHAIR, scene.meeting_id, code, reason="票被撕破")
    assert load_board(scene.meeting_id).printed == 11


@pytest.mark.parametrize(
    ("group", "count", "spares"), [("all", 0, 0), ("all", -1, 5), ("all", 5, -1), ("x", 5, 0), ("all", 20_000, 0)]
)
def test_impossible_orders_of_tickets_are_refused(group: str, count: int, spares: int) -> None:
    scene = prepare_meeting()
    with pytest.raises(FieldInvalid):
        issue_tickets(CHAIR, scene.meeting_id, group, count, spares)
    assert load_board(scene.meeting_id).printed == 12


def test_nobody_adds_tickets_once_voting_has_begun() -> None:
    scene = hold_meeting()
    with pytest.raises(WrongState):
        issue_tickets(CHAIR, scene.meeting_id, "all", 1, 0)


def _pool(meeting_id: str) -> str:
    code = load_board(meeting_id).round.pool_code
    assert code is not None
    return code


def test_a_phone_that_draws_again_gets_the_same_ticket() -> None:
    scene = hold_meeting(shared_group="all")
    phone = secrets.token_urlsafe(16)
    first = draw_ticket(scene.meeting_id, _pool(scene.meeting_id), phone)

    assert draw_ticket(scene.meeting_id, _pool(scene.meeting_id).lower(), phone) == first
    assert draw_ticket(scene.meeting_id, _pool(scene.meeting_id), secrets.token_urlsafe(16)) != first
    assert cast(scene.meeting_id, first, "excellent")


def test_no_more_tickets_are_drawn_than_people_are_present() -> None:
    scene = hold_meeting(shared_group="all")
    record_numbers(CHAIR, scene.meeting_id, "all", present=3, left_over=0)
    phones = [secrets.token_urlsafe(16) for _ in range(4)]
    drawn = [draw_ticket(scene.meeting_id, _pool(scene.meeting_id), phone) for phone in phones[:3]]

    with pytest.raises(PoolEmpty):
        draw_ticket(scene.meeting_id, _pool(scene.meeting_id), phones[3])
    assert draw_ticket(scene.meeting_id, _pool(scene.meeting_id), phones[0]) == drawn[0]


def test_a_wrong_shared_code_or_a_meeting_without_one_hands_out_nothing() -> None:
    shared, slips = hold_meeting(shared_group="all"), hold_meeting()
    phone = secrets.token_urlsafe(16)

    for meeting_id in (shared.meeting_id, slips.meeting_id):
        with pytest.raises(PoolClosed):
            draw_ticket(meeting_id, new_pool_code(), phone)
    with pytest.raises(PoolClosed):
        draw_ticket(shared.meeting_id, "", phone)
    with pytest.raises(NonceInvalid):
        draw_ticket(shared.meeting_id, _pool(shared.meeting_id), "short")


def test_tickets_are_drawn_no_faster_than_people_come_in_and_the_chair_is_told() -> None:
    scene = hold_meeting(shared_group="all", groups=(Group("all", "全体", Fraction(1), 2000),))
    pool, phones = _pool(scene.meeting_id), [secrets.token_urlsafe(16) for _ in range(2000)]
    waiting = iter(phones)
    with pytest.raises(DrawsTooFast):
        deque(draw_ticket(scene.meeting_id, pool, phone) for phone in waiting)
    drawn = 2000 - 1 - len(list(waiting))
    assert drawn >= 40
    assert draw_ticket(scene.meeting_id, pool, phones[0]), "whoever has drawn already is answered"
    assert load_board(scene.meeting_id).issued == drawn
    assert any("领票过快" in warning for warning in load_board(scene.meeting_id).warnings)


def test_a_new_shared_code_voids_what_was_drawn_and_not_cast_and_its_phones_draw_again() -> None:
    scene = hold_meeting(shared_group="all")
    former, phones = _pool(scene.meeting_id), [secrets.token_urlsafe(16) for _ in range(3)]
    spent, lost, taken = (draw_ticket(scene.meeting_id, former, phone) for phone in phones)
    cast(scene.meeting_id, spent, "excellent")
    assert renew_pool_code(CHAIR, scene.meeting_id) == 2
    assert _pool(scene.meeting_id) != former
    with pytest.raises(PoolClosed):
        draw_ticket(scene.meeting_id, former, phones[1])
    with pytest.raises(TicketVoided):
        cast(scene.meeting_id, taken, "excellent")
    again = draw_ticket(scene.meeting_id, _pool(scene.meeting_id), phones[1])
    assert again != lost
    cast(scene.meeting_id, again, "excellent")
    board = load_board(scene.meeting_id)
    assert (board.issued, board.cast, board.warnings) == (2, 2, ())
    with reading() as session:
        last = list_record_entries(session, scene.meeting_id)[0]
    assert (last.act, last.detail["voided"]) == ("renewed_pool_code", "2")


def test_a_shared_code_is_renewed_only_where_there_is_one_and_before_the_close() -> None:
    slips, shared = hold_meeting(), hold_meeting(shared_group="all")
    with pytest.raises(PoolClosed):
        renew_pool_code(CHAIR, slips.meeting_id)
    close_meeting(CHAIR, shared.meeting_id)
    with pytest.raises(WrongState):
        renew_pool_code(CHAIR, shared.meeting_id)


def test_nothing_is_drawn_after_the_close() -> None:
    scene = hold_meeting(shared_group="all")
    close_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(PoolClosed):
        draw_ticket(scene.meeting_id, _pool(scene.meeting_id), secrets.token_urlsafe(16))
