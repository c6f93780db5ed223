from __future__ import annotations

import secrets

import pytest
from scene import CHAIR, THREE_GROUPS, Scene, cast, filled, hand_out_paper, prepare_meeting
from sqlalchemy import select

from kaohe import recount
from kaohe.domain.ballots import encode_ballot, item_field, read_ballot
from kaohe.domain.envelopes import envelope_tag
from kaohe.domain.errors import ChallengeLimit, ChallengeUnknown, FieldInvalid, KeyMissing, TracesLeft, WrongState
from kaohe.domain.meetings import Custody
from kaohe.domain.sealing import Sealer, binding_of
from kaohe.operations.archive.bundling import make_bundle
from kaohe.operations.archive.purging import purge_meeting
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count import opening
from kaohe.operations.count.challenging import (
    choices_of,
    conclude_challenges,
    declare_challenges,
    load_challenges,
    open_challenges,
)
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.receipts import load_receipts
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.hall.boards import load_board
from kaohe.operations.hall.casting import load_polling
from kaohe.operations.hall.paper_ballots import type_sheet
from kaohe.operations.setup.key import draw_up_shares, give_share, prove_share
from kaohe.storage.box_contents import envelopes
from kaohe.storage.database import reading, transaction
from kaohe.storage.tables import EnvelopeRow, RoundRow


def _closed(limit: int = 3, **settings: object) -> tuple[Scene, list[str]]:
    """A closed round of twelve ballots; ten say 优秀, and two of the tellers' own say 不称职."""
    scene = prepare_meeting(**settings)
    declare_challenges(CHAIR, scene.meeting_id, limit)
    open_meeting(CHAIR, scene.meeting_id)
    codes = [secrets.token_hex(16) for _ in range(2)]
    for number, ticket in enumerate(scene.all_codes[:12]):
        is_own = number in (3, 7)
        nonce = codes[number // 5] if is_own else None
        cast(scene.meeting_id, ticket, "incompetent" if is_own else "excellent", nonce=nonce)
    close_meeting(CHAIR, scene.meeting_id)
    return scene, codes


def test_exactly_the_named_ballots_are_opened_and_they_are_not_counted() -> None:
    scene, codes = _closed()
    opened = open_challenges(CHAIR, scene.meeting_id, codes)
    setup = load_board(scene.meeting_id).setup
    assert [{chosen for _, _, chosen in choices_of(setup, each.ballot)} for each in opened] == [{"不称职"}] * 2
    assert load_board(scene.meeting_id).cast == 10

    assert count_meeting(CHAIR, scene.meeting_id) == 10
    counted = load_counted(scene.meeting_id)
    assert counted.result.subjects[0].counts.grades == (10, 0, 0, 0)
    assert not {each.receipt for each in opened} & set(counted.receipts)
    assert (counted.board.printed, counted.board.cast, counted.board.groups[0].challenged) == (10, 10, 2)


def test_a_count_that_was_stopped_before_the_wiping_says_the_same_number_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(meeting_id: str) -> None:
        raise TracesLeft

    scene, codes = _closed()
    open_challenges(CHAIR, scene.meeting_id, codes)
    hand_out_paper(scene.meeting_id, "all", 1)
    for typist in ("甲录入", "乙录入"):
        type_sheet(typist, scene.meeting_id, 1, "all", {item_field("s1", "overall"): "1"})
    with monkeypatch.context() as patch:
        patch.setattr(opening, "erase_what_is_due", busy)
        with pytest.raises(TracesLeft):
            count_meeting(CHAIR, scene.meeting_id)

    assert count_meeting(CHAIR, scene.meeting_id) == 11
    assert [event.detail["cast"] for event in list_record_entries(scene.meeting_id) if event.act == "counted"] == ["11"]
    with pytest.raises(WrongState):
        count_meeting(CHAIR, scene.meeting_id)


def test_a_ballot_may_be_looked_at_again_and_stays_one_challenge() -> None:
    scene, codes = _closed(limit=2)
    first = open_challenges(CHAIR, scene.meeting_id, codes)

    assert open_challenges(CHAIR, scene.meeting_id, [codes[1], codes[0], codes[0]]) == list(reversed(first))
    assert [event.act for event in list_record_entries(scene.meeting_id)].count("challenged") == 1


def test_no_more_can_be_opened_than_were_announced_before_the_voting() -> None:
    scene, codes = _closed(limit=1)
    with pytest.raises(ChallengeLimit):
        open_challenges(CHAIR, scene.meeting_id, codes)
    assert load_challenges(scene.meeting_id).named == {}
    open_challenges(CHAIR, scene.meeting_id, codes[:1])
    with pytest.raises(ChallengeLimit):
        open_challenges(CHAIR, scene.meeting_id, codes[1:])
    with pytest.raises(WrongState):
        declare_challenges(CHAIR, scene.meeting_id, 5)


def test_a_receipt_or_a_ticket_opens_nothing() -> None:
    scene, codes = _closed()
    round_id = load_polling(scene.meeting_id, "1").style.round_id
    with reading() as session:
        receipts = [envelope.receipt for envelope in envelopes(session, round_id)]
    for seen_over_a_shoulder in (*receipts, scene.all_codes[3], secrets.token_hex(16)):
        with pytest.raises(ChallengeUnknown):
            open_challenges(CHAIR, scene.meeting_id, [codes[0], seen_over_a_shoulder])
    with pytest.raises(FieldInvalid):
        open_challenges(CHAIR, scene.meeting_id, ["", " "])
    assert load_challenges(scene.meeting_id).named == {}


def test_nothing_near_the_ballots_marks_a_challenge_before_it_is_named() -> None:
    scene, _ = _closed()
    assert load_challenges(scene.meeting_id).named == {}
    with reading() as session:
        assert len({len(row.box) for row in session.scalars(select(EnvelopeRow))}) == 1


def test_a_server_that_has_exchanged_a_ballot_is_caught() -> None:
    scene, codes = _closed()
    style = load_polling(scene.meeting_id, "1").style
    tag = envelope_tag(style.round_id, codes[0])
    with transaction() as session:
        public = session.scalars(select(RoundRow.public_key)).one() or b""
        sealer = Sealer(public, binding_of(style, public))
        forged = read_ballot(style, filled(scene.meeting_id, "excellent"))
        own = session.scalars(select(EnvelopeRow).where(EnvelopeRow.tag == tag)).one()
        own.box = sealer.seal(encode_ballot(style, forged), tag)

    opened = open_challenges(CHAIR, scene.meeting_id, codes[:1])
    assert set(opened[0].ballot.marks.values()) == {"excellent"}
    conclude_challenges(CHAIR, scene.meeting_id, is_same=False)
    found = next(event for event in list_record_entries(scene.meeting_id) if event.act == "compared_challenges")
    assert found.detail["outcome"] == "different"


def test_the_tellers_key_or_two_of_its_sheets_are_needed() -> None:
    scene, codes = _closed(custody=Custody.TELLERS)
    with pytest.raises(KeyMissing):
        open_challenges(CHAIR, scene.meeting_id, codes)
    assert len(open_challenges(CHAIR, scene.meeting_id, codes, scene.key_text)) == 2
    assert count_meeting(CHAIR, scene.meeting_id, scene.key_text) == 10


def test_with_three_sheets_two_are_given_for_the_challenges_and_two_for_the_count() -> None:
    scene = prepare_meeting(custody=Custody.TELLERS)
    shares = [share.text for share in draw_up_shares(CHAIR, scene.meeting_id)]
    prove_share(CHAIR, scene.meeting_id, shares[0])
    prove_share(CHAIR, scene.meeting_id, shares[1])
    declare_challenges(CHAIR, scene.meeting_id, 1)
    open_meeting(CHAIR, scene.meeting_id)
    nonce = secrets.token_hex(16)
    cast(scene.meeting_id, scene.all_codes[0], "competent", nonce=nonce)
    cast(scene.meeting_id, scene.all_codes[1], "excellent")
    close_meeting(CHAIR, scene.meeting_id)

    assert give_share(CHAIR, scene.meeting_id, shares[0])
    assert len(open_challenges(CHAIR, scene.meeting_id, [nonce], shares[2])) == 1
    assert give_share(CHAIR, scene.meeting_id, shares[1])
    assert count_meeting(CHAIR, scene.meeting_id, shares[0]) == 1


def test_challenges_of_several_groups_leave_every_number_in_balance(tmp_path) -> None:
    scene = prepare_meeting(groups=THREE_GROUPS)
    declare_challenges(CHAIR, scene.meeting_id, 3)
    open_meeting(CHAIR, scene.meeting_id)
    codes = []
    for tickets in scene.codes.values():
        for ticket in tickets:
            nonce = secrets.token_hex(16)
            cast(scene.meeting_id, ticket, "excellent", nonce=nonce)
        codes.append(nonce)
    close_meeting(CHAIR, scene.meeting_id)
    open_challenges(CHAIR, scene.meeting_id, codes)
    conclude_challenges(CHAIR, scene.meeting_id, is_same=True)
    assert count_meeting(CHAIR, scene.meeting_id) == 47

    board = load_counted(scene.meeting_id).board
    assert [(g.printed, g.cast, g.challenged) for g in board.groups] == [(5, 5, 1), (12, 12, 1), (30, 30, 1)]
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(make_bundle(scene.meeting_id).content)
    assert recount.main([str(bundle)]) == 0
    publish_result(CHAIR, scene.meeting_id)
    purge_meeting(CHAIR, scene.meeting_id, forced_reason="考核办书面同意")
    bundle.write_bytes(make_bundle(scene.meeting_id).content)
    assert recount.main([str(bundle)]) == 0


def test_nothing_is_opened_before_the_close_or_after_the_count() -> None:
    scene, codes = _closed()
    count_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(WrongState):
        open_challenges(CHAIR, scene.meeting_id, codes)
    with pytest.raises(WrongState):
        conclude_challenges(CHAIR, scene.meeting_id, is_same=True)
    open_one = prepare_meeting()
    open_meeting(CHAIR, open_one.meeting_id)
    with pytest.raises(WrongState):
        open_challenges(CHAIR, open_one.meeting_id, codes)


def test_the_receipts_are_listed_from_the_stripping_on_and_challenges_apart() -> None:
    scene, codes = _closed()
    with pytest.raises(WrongState):
        load_receipts(scene.meeting_id)
    with pytest.raises(FieldInvalid):
        conclude_challenges(CHAIR, scene.meeting_id, is_same=True)
    opened = open_challenges(CHAIR, scene.meeting_id, codes)
    before = load_receipts(scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    after = load_receipts(scene.meeting_id)

    assert (before.counted, before.challenged) == (after.counted, after.challenged)
    assert list(before.counted) == sorted(before.counted)
    assert (len(before.counted), set(before.challenged)) == (10, {each.receipt for each in opened})
