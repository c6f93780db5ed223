from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

import pytest
from flask import Flask, current_app
from scene import CHAIR, cast, filled, hold_meeting, prepare_meeting

from kaohe.domain.envelopes import envelope_tag, receipt
from kaohe.domain.errors import (
    BallotIncomplete,
    CommentTooLong,
    ItemUnknown,
    KaoheError,
    MarkDoubled,
    MarkUnknown,
    MeetingClosed,
    MeetingNotOpen,
    MeetingPaused,
    MeetingUnknown,
    NonceInvalid,
    NonceTaken,
    OverLimit,
    RoundChanged,
    TicketForeign,
    TicketMistyped,
    TicketUnknown,
    TicketUsed,
    TicketVoided,
)
from kaohe.domain.ticket_codes import new_ticket_code
from kaohe.operations.chair.voting import close_meeting, pause_meeting, resume_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.receipts import require_issued
from kaohe.operations.count.results import load_counted
from kaohe.operations.hall.boards import load_board
from kaohe.operations.hall.casting import cast_ballot, check_ballot, load_polling
from kaohe.operations.setup.replacing import void_ticket
from kaohe.storage.box_contents import envelopes
from kaohe.storage.database import reading

NONCE = "a-nonce-of-one-phone"


def _send(
    meeting_id: str, code: str, fields: list[tuple[str, str]], *, nonce: str = NONCE, round_number: str = ""
) -> str:
    return cast_ballot(meeting_id, "1", ticket=code, nonce=nonce, round_number=round_number, fields=fields).receipt


def test_a_retry_with_the_same_nonce_is_a_success_with_the_same_receipt_and_counts_once() -> None:
    scene = hold_meeting()
    code = scene.all_codes[0]
    first = cast(scene.meeting_id, code, "excellent", nonce=NONCE)

    assert cast(scene.meeting_id, code, "excellent", nonce=NONCE) == first
    assert load_board(scene.meeting_id).cast == 1


def test_only_the_first_sending_is_told_that_it_is_what_was_stored() -> None:
    scene = hold_meeting()
    sent = {"ticket": scene.all_codes[0], "nonce": NONCE, "round_number": ""}
    first = cast_ballot(scene.meeting_id, "1", **sent, fields=filled(scene.meeting_id, "excellent"))
    other = cast_ballot(scene.meeting_id, "1", **sent, fields=filled(scene.meeting_id, "competent"))
    close_meeting(CHAIR, scene.meeting_id)
    late = cast_ballot(scene.meeting_id, "1", **sent, fields=filled(scene.meeting_id, "excellent"))

    assert [each.is_same for each in (first, other, late)] == [True, False, False]
    assert len({(each.receipt, each.signed) for each in (first, other, late)}) == 1


def test_a_receipt_commits_to_the_envelope_that_is_in_the_box() -> None:
    scene = hold_meeting()
    sent = {"ticket": scene.all_codes[0], "nonce": NONCE, "round_number": ""}
    cast_now = cast_ballot(scene.meeting_id, "1", **sent, fields=filled(scene.meeting_id, "excellent"))
    round_id = load_polling(scene.meeting_id, "1").style.round_id
    with reading() as session:
        (sealed,) = envelopes(session, round_id)

    digest = hashlib.sha256(b"kaohe envelope|" + sealed.tag + sealed.box).digest()
    assert cast_now.receipt == receipt(digest)
    said = require_issued(cast_now.signed, scene.meeting_id)
    assert (said.meeting_id, said.round_number, said.digest) == (scene.meeting_id, 1, digest)
    assert sealed.tag == envelope_tag(round_id, NONCE)


def test_a_retry_after_the_close_is_still_told_that_its_ballot_is_in() -> None:
    scene = hold_meeting()
    receipt = cast(scene.meeting_id, scene.all_codes[0], "excellent", nonce=NONCE)
    close_meeting(CHAIR, scene.meeting_id)

    assert cast(scene.meeting_id, scene.all_codes[0], "excellent", nonce=NONCE) == receipt


def test_after_the_count_a_retry_is_told_the_same_as_whoever_else_holds_a_ticket() -> None:
    scene = hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "excellent", nonce=NONCE)
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)

    for code, nonce in [(scene.all_codes[0], NONCE), (scene.all_codes[0], None), (scene.all_codes[1], None)]:
        with pytest.raises(MeetingClosed, match="此前已经提交的，请在回执清单中核对"):
            cast(scene.meeting_id, code, "excellent", nonce=nonce)


@pytest.mark.parametrize("act", [None, pause_meeting, close_meeting], ids=["open", "paused", "closed"])
def test_only_a_whole_ballot_that_could_be_cast_learns_that_a_ticket_has_been_used(
    act: Callable[[str, str], object] | None,
) -> None:
    scene = hold_meeting()
    whole = filled(scene.meeting_id, "excellent")
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    if act is not None:
        act(CHAIR, scene.meeting_id)

    def answers(fields: list[tuple[str, str]]) -> list[list[str]]:
        return [
            [_answer(scene.meeting_id, code, nonce, fields) for nonce in ("", NONCE)] for code in scene.all_codes[:2]
        ]

    for fields in ([], whole[:-1]) if act is None else ([], whole[:-1], whole):
        spent, unspent = answers(fields)
        assert spent == unspent
    if act is None:
        assert _answer(scene.meeting_id, scene.all_codes[0], "", whole) == "whole"
        assert _answer(scene.meeting_id, scene.all_codes[0], NONCE, whole) == "ticket_used"


def _answer(meeting_id: str, code: str, nonce: str, fields: list[tuple[str, str]]) -> str:
    """What somebody hears who holds this ticket and sends these fields; without a nonce they are only looked over."""
    try:
        if nonce:
            _send(meeting_id, code, fields, nonce=nonce)
        else:
            check_ballot(meeting_id, "1", ticket=code, round_number="", fields=fields)
    except KaoheError as refusal:
        return refusal.code
    return "whole"


def test_the_receipt_of_every_ballot_is_in_the_list_after_the_count() -> None:
    scene = hold_meeting()
    receipts = {cast(scene.meeting_id, code, "competent") for code in scene.all_codes[:5]}
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)

    assert set(load_counted(scene.meeting_id).receipts) == receipts


def test_another_nonce_on_a_used_ticket_is_refused() -> None:
    scene = hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "excellent")

    with pytest.raises(TicketUsed):
        cast(scene.meeting_id, scene.all_codes[0], "excellent")
    assert load_board(scene.meeting_id).cast == 1


def test_twenty_simultaneous_posts_of_one_ticket_make_one_ballot_and_twenty_successes() -> None:
    scene = hold_meeting()
    replies = _at_once(20, lambda _: cast(scene.meeting_id, scene.all_codes[0], "excellent", nonce=NONCE))

    assert len(set(replies)) == 1
    assert not isinstance(replies[0], KaoheError)
    assert load_board(scene.meeting_id).cast == 1


def test_ballots_cast_at_once_are_all_counted() -> None:
    scene = hold_meeting()
    replies = _at_once(12, lambda number: cast(scene.meeting_id, scene.all_codes[number], "competent"))

    assert not [reply for reply in replies if isinstance(reply, KaoheError)]
    assert close_meeting(CHAIR, scene.meeting_id) == 12
    assert count_meeting(CHAIR, scene.meeting_id) == 12


def test_ballots_against_closes_leave_exactly_what_was_acknowledged() -> None:
    scene = hold_meeting()
    codes = scene.all_codes

    def act(number: int) -> object:
        if number % 2:
            return close_meeting(CHAIR, scene.meeting_id)
        return cast(scene.meeting_id, codes[number // 2], "excellent")

    replies = _at_once(24, act)
    closes = {reply for reply in replies if isinstance(reply, int)}
    acknowledged = [reply for reply in replies if isinstance(reply, str)]
    assert closes == {len(acknowledged)}
    with pytest.raises((MeetingClosed, TicketUsed)):
        cast(scene.meeting_id, codes[11], "excellent")
    assert count_meeting(CHAIR, scene.meeting_id) == len(acknowledged)


REFUSED_BALLOTS = [
    ("nothing chosen", lambda fields: [], BallotIncomplete),
    ("one missing", lambda fields: fields[1:], BallotIncomplete),
    ("one empty", lambda fields: [(fields[0][0], ""), *fields[1:]], BallotIncomplete),
    ("one doubled", lambda fields: [*fields, (fields[0][0], "competent")], MarkDoubled),
    ("one repeated alike", lambda fields: [*fields, fields[0]], MarkDoubled),
    ("a foreign grade", lambda fields: [(fields[0][0], "brilliant"), *fields[1:]], MarkUnknown),
    ("points instead of a grade", lambda fields: [(fields[0][0], "100"), *fields[1:]], MarkUnknown),
    ("a foreign subject", lambda fields: [*fields, ("i.s99.overall", "excellent")], ItemUnknown),
    ("a comment nobody asked for", lambda fields: [*fields, ("c.s1", "好")], ItemUnknown),
]


@pytest.mark.parametrize(("how", "spoil", "refusal"), REFUSED_BALLOTS, ids=[case[0] for case in REFUSED_BALLOTS])
def test_a_bad_ballot_is_refused_whole_and_burns_no_ticket(how: str, spoil, refusal: type[KaoheError]) -> None:
    scene = hold_meeting()
    code = scene.all_codes[0]
    fields = filled(scene.meeting_id, "excellent")

    with pytest.raises(refusal):
        _send(scene.meeting_id, code, spoil(fields))
    assert load_board(scene.meeting_id).cast == 0
    assert _send(scene.meeting_id, code, fields)


def test_more_top_grades_than_one_ballot_may_give_are_refused() -> None:
    scene = hold_meeting(top_grade_limit=1)

    with pytest.raises(OverLimit):
        cast(scene.meeting_id, scene.all_codes[0], "excellent", "excellent", "competent")
    assert cast(scene.meeting_id, scene.all_codes[0], "excellent", "competent", "competent")


def test_an_abstention_is_refused_where_the_scheme_has_none() -> None:
    scene = hold_meeting(abstention_allowed=False)

    with pytest.raises(MarkUnknown):
        cast(scene.meeting_id, scene.all_codes[0], "abstain")


def test_comments_have_their_bounds() -> None:
    scene = hold_meeting(comments_wanted=True, names=tuple(f"人{n}" for n in range(12)))
    code = scene.all_codes[0]

    with pytest.raises(CommentTooLong):
        cast(scene.meeting_id, code, "excellent", comments={"s1": "长" * 301})
    with pytest.raises(CommentTooLong):
        cast(scene.meeting_id, code, "excellent", comments={f"s{n}": "长" * 299 for n in range(1, 6)})
    assert cast(scene.meeting_id, code, "excellent", comments={"s1": "长" * 300})


def test_each_unusable_ticket_has_its_own_refusal() -> None:
    scene, other = hold_meeting(), hold_meeting()
    fields = filled(scene.meeting_id, "excellent")
    void_ticket(CHAIR, scene.meeting_id, scene.all_codes[0])
    mistyped = scene.all_codes[1][:-1] + ("1" if scene.all_codes[1][-1] != "1" else "2")

    for code, refusal in (
        (new_ticket_code(), TicketUnknown),
        (mistyped, TicketMistyped),
        ("", TicketMistyped),
        ("<script>", TicketMistyped),
        (scene.all_codes[0], TicketVoided),
        (other.all_codes[0], TicketForeign),
    ):
        with pytest.raises(refusal):
            _send(scene.meeting_id, code, fields)
    assert load_board(scene.meeting_id).cast == 0
    assert load_board(other.meeting_id).cast == 0


def test_a_typed_code_is_read_with_spaces_hyphens_and_lower_case() -> None:
    scene = hold_meeting()
    code = scene.all_codes[0]
    typed = f" {code[:4].lower()}-{code[4:8]} {code[8:12]}—{code[12:]} "

    assert _send(scene.meeting_id, typed, filled(scene.meeting_id, "excellent"))


def test_before_the_opening_while_paused_and_after_the_close_the_box_takes_nothing() -> None:
    scene = prepare_meeting()
    with pytest.raises(MeetingNotOpen):
        cast(scene.meeting_id, scene.all_codes[0], "excellent")

    scene = hold_meeting()
    pause_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(MeetingPaused):
        cast(scene.meeting_id, scene.all_codes[0], "excellent")
    resume_meeting(CHAIR, scene.meeting_id)
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(MeetingClosed):
        cast(scene.meeting_id, scene.all_codes[1], "excellent")
    assert load_board(scene.meeting_id).cast == 1


@pytest.mark.parametrize(
    "nonce", ["", "short", "x" * 65, "with spaces in it at all", "中文中文中文中文中文中文中文中文"]
)
def test_a_nonce_that_could_be_guessed_or_is_no_nonce_is_refused(nonce: str) -> None:
    scene = hold_meeting()

    with pytest.raises(NonceInvalid):
        _send(scene.meeting_id, scene.all_codes[0], filled(scene.meeting_id, "excellent"), nonce=nonce)


def test_a_page_of_another_round_is_refused() -> None:
    scene = hold_meeting()

    with pytest.raises(RoundChanged):
        _send(scene.meeting_id, scene.all_codes[0], filled(scene.meeting_id, "excellent"), round_number="2")


def test_an_unknown_meeting_or_form_is_refused() -> None:
    scene = hold_meeting()
    fields = filled(scene.meeting_id, "excellent")

    for meeting_id, style in (("nowhere", "1"), (scene.meeting_id, "2")):
        with pytest.raises(MeetingUnknown):
            cast_ballot(meeting_id, style, ticket=scene.all_codes[0], nonce=NONCE, round_number="", fields=fields)


def _at_once(count: int, act) -> list[object]:
    """Run ``act(0)`` … ``act(count - 1)`` in real threads that start together; refusals are results too."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - threads need the app, not the proxy
    barrier = threading.Barrier(count)
    results: list[object] = [None] * count

    def run(number: int) -> None:
        barrier.wait()
        with app.app_context():
            try:
                results[number] = act(number)
            except KaoheError as refusal:
                results[number] = refusal

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_one_nonce_for_two_tickets_is_refused_so_that_every_ballot_has_a_receipt_of_its_own() -> None:
    scene = hold_meeting()
    first, second = scene.all_codes[:2]
    own = cast(scene.meeting_id, first, "excellent", nonce=NONCE)

    with pytest.raises(NonceTaken):
        cast(scene.meeting_id, second, "excellent", nonce=NONCE)
    assert cast(scene.meeting_id, first, "excellent", nonce=NONCE) == own
    another = cast(scene.meeting_id, second, "excellent")

    close_meeting(CHAIR, scene.meeting_id)
    assert count_meeting(CHAIR, scene.meeting_id) == 2
    assert set(load_counted(scene.meeting_id).receipts) == {own, another}


def test_of_two_ballots_with_one_nonce_in_the_same_breath_one_is_taken(app: Flask) -> None:
    scene = hold_meeting()
    outcomes: list[str] = []

    def phone(code: str) -> None:
        with app.app_context():
            try:
                outcomes.append(cast(scene.meeting_id, code, "competent", nonce=NONCE))
            except NonceTaken as refusal:
                outcomes.append(refusal.code)

    threads = [threading.Thread(target=phone, args=(code,)) for code in scene.all_codes[:8]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes)[-7:] == ["nonce_taken"] * 7
    assert len(outcomes) == 8
    assert load_board(scene.meeting_id).cast == 1
