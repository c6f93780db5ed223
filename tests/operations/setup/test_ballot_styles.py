"""Meetings of several forms: each voter group gets its own, and what is kept of a ballot tells nothing more."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from scene import CHAIR
from systems import BALLOTS, TICKETS, OwnCount, cast_everything, cast_on, fill, hold_system, prepare_system

from kaohe.domain.ballots import LEFT_OUT, BallotCodec
from kaohe.domain.errors import (
    CountAltered,
    KaoheError,
    MeetingUnknown,
    NotReady,
    PoolClosed,
    TicketOtherForm,
    WrongState,
)
from kaohe.domain.meetings import Custody, HallView
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_ballots, load_counted
from kaohe.operations.count.sources import list_findings
from kaohe.operations.hall.boards import load_board
from kaohe.operations.hall.casting import cast_ballot, check_ballot, load_polling
from kaohe.operations.setup.ballot_styles import style_of_group
from kaohe.operations.setup.issuing import draw_ticket, list_tickets, pool_url
from kaohe.operations.setup.preparing import change_hall, load_meeting
from kaohe.operations.setup.rehearsing import start_rehearsal, trial_tickets, wipe_rehearsal
from kaohe.operations.setup.replacing import reissue_ticket
from kaohe.operations.setup.subjects import change_subjects
from kaohe.storage.box_contents import opened_ballots
from kaohe.storage.database import reading, transaction
from kaohe.storage.rounds import current_round, round_setup
from kaohe.storage.tables import BallotRow
from kaohe.tally.model import SubjectKind

OFFICES, RATERS, SPEECH = "jiguan-kaoping", "tongjiju-jixiao", "jingzheng-shanggang"
"""Three forms; subjects that may be left out; a panel that writes numbers."""
NONCE = "a-nonce-of-one-phone"


def test_a_ticket_leads_to_the_form_of_its_group() -> None:
    system = prepare_system(OFFICES, is_divided=False)
    styles = {group.key: system.ticket(group.key, 0)[0].rsplit("/", 1)[1] for group in system.setup.groups}
    assert styles == {
        **dict.fromkeys(("superior", "peer", "public"), "1"),
        **dict.fromkeys(("school", "office"), "2"),
        "leader": "3",
        **dict.fromkeys(("head", "colleague"), "4"),
    }
    assert load_polling(system.meeting_id, "3").style.groups == ("leader",)
    with pytest.raises(MeetingUnknown):
        load_polling(system.meeting_id, "5")
    replaced = reissue_ticket(CHAIR, system.meeting_id, system.ticket("leader", 0)[1], reason="票被撕破")
    assert f"/v/{system.meeting_id}/3#" in replaced.url
    with reading() as session:
        row = current_round(session, system.meeting_id)
        with pytest.raises(MeetingUnknown):
            style_of_group(row, round_setup(session, row), "nobody")


def test_the_address_of_a_slip_stays_true_when_the_list_of_subjects_changes() -> None:
    system = prepare_system(OFFICES, is_divided=False)
    before = {ticket.url for ticket in list_tickets(system.meeting_id)}
    version = load_meeting(system.meeting_id)[0].version
    change_subjects(CHAIR, system.meeting_id, version, [SubjectEntry("张伟", kind=SubjectKind.PERSON)])
    assert {ticket.url for ticket in list_tickets(system.meeting_id)} == before


@pytest.mark.parametrize("judge", [cast_ballot, check_ballot])
def test_a_ticket_on_another_form_is_refused_with_the_address_of_its_own(judge: object) -> None:
    system = hold_system(SPEECH)
    _, code = system.ticket("staff", 0)
    more = {"nonce": NONCE} if judge is cast_ballot else {}
    with pytest.raises(TicketOtherForm) as refusal:
        judge(system.meeting_id, "1", ticket=code, round_number="1", fields=[], **more)
    assert refusal.value.style_key == "2"
    assert "“全体工作人员”的票，填的是另一张测评票。请重新扫描票上的二维码，或打开 http" in refusal.value.message
    assert f"/v/{system.meeting_id}/2 填写" in refusal.value.message
    assert cast_on(system, "staff", 0, OwnCount())


@pytest.mark.parametrize("preset", [SPEECH, RATERS, "ganbu-zonghe", "ganbu-zonghe-texuan"])
def test_a_refused_ballot_stores_nothing_and_burns_no_ticket(preset: str) -> None:
    system = hold_system(preset)
    for group in system.setup.groups:
        path, code = system.ticket(group.key, 0)
        whole = fill(system, group.key, 0, OwnCount())
        for bad in ({"i.s99.overall": "1"}, {next(iter(whole)): "brilliant"}, {"q.s1.reverse": "ticked"}):
            with pytest.raises(KaoheError):
                cast_ballot(
                    system.meeting_id,
                    path.rsplit("/", 1)[1],
                    ticket=code,
                    nonce=NONCE,
                    round_number="1",
                    fields={**whole, **bad}.items(),
                )
        cast_on(system, group.key, 0, OwnCount())
    assert load_board(system.meeting_id).cast == len(system.setup.groups)


def test_no_row_of_an_opened_box_tells_who_was_left_out_beside_another_mark() -> None:
    system = hold_system(RATERS, is_divided=False)
    count = cast_everything(system)
    close_meeting(CHAIR, system.meeting_id)
    assert count_meeting(CHAIR, system.meeting_id) == sum(count.cast.values())
    found: Counter[tuple[str, str]] = Counter()
    with reading() as session:
        row = current_round(session, system.meeting_id)
        setup = round_setup(session, row)
        for group_key, piece in opened_ballots(session, row.id):
            codec = BallotCodec(style_of_group(row, setup, group_key))
            marks = codec.decode_piece(piece)
            (subject_key,) = {subject for (subject, _), mark in marks.items() if mark != LEFT_OUT}
            # The stored bytes hold the marks of this one subject and not a byte for any other.
            assert len(piece) == 2 + sum(subject == subject_key for subject, _ in marks)
            found[group_key, subject_key] += 1
    assert found == count.asked
    # How many ballots were cast is known from the tickets, since no row says it.
    counted = load_counted(system.meeting_id)
    assert {key: turnout.cast for key, turnout in counted.result.group_turnout.items()} == count.cast
    left_out = [each for each in counted.result.subjects if each.counts.cast < BALLOTS * len(each.group_scores) * 6]
    assert left_out


def test_the_list_of_ballots_holds_no_word_of_who_was_left_out() -> None:
    system = prepare_system(RATERS, is_divided=False)
    change_hall(
        CHAIR,
        system.meeting_id,
        load_meeting(system.meeting_id)[0].version,
        hall_view=HallView.TURNOUT,
        custody=Custody.SERVER,
        shared_group=None,
        ballot_list_wanted=True,
    )
    open_meeting(CHAIR, system.meeting_id)
    count = OwnCount()
    cast_on(system, "mutual", 0, count)
    close_meeting(CHAIR, system.meeting_id)
    count_meeting(CHAIR, system.meeting_id)
    listed = list_ballots(system.meeting_id)
    assert sorted(Counter(subject for row in listed for subject, _ in row).values()) == [6] * len(count.asked)
    assert all(LEFT_OUT not in row.values() for row in listed)


def test_rows_that_are_missing_from_whole_ballots_are_told_of() -> None:
    system = hold_system(SPEECH)
    cast_everything(system)
    close_meeting(CHAIR, system.meeting_id)
    count_meeting(CHAIR, system.meeting_id)
    with transaction() as session:
        session.delete(session.query(BallotRow).first())
    with pytest.raises(CountAltered):
        load_counted(system.meeting_id)


def test_a_rehearsal_has_every_form_of_the_meeting() -> None:
    system = prepare_system(OFFICES, is_divided=False)
    start_rehearsal(CHAIR, system.meeting_id)
    urls = [ticket.url for ticket in trial_tickets(system.meeting_id)]
    assert {url.partition("#")[0].rsplit("/", 1)[1] for url in urls} == {"1", "2", "3", "4"}
    trial = replace(system, urls={"leader": [url for url in urls if f"/{system.meeting_id}/3#" in url]})
    assert cast_on(trial, "leader", 0, OwnCount())
    wipe_rehearsal(CHAIR, system.meeting_id)
    with pytest.raises(KaoheError):
        cast_on(trial, "leader", 1, OwnCount())


def test_a_subject_without_a_section_stops_rehearsal_and_opening() -> None:
    system = prepare_system("sifaju-pingshi")
    version = load_meeting(system.meeting_id)[0].version
    change_subjects(CHAIR, system.meeting_id, version, [SubjectEntry("张伟"), SubjectEntry("李娜")])
    (finding,) = [each for each in list_findings(system.meeting_id) if each.code == "subject_section"]
    assert finding.is_blocking
    assert finding.step == "subjects"
    with pytest.raises(NotReady, match="「张伟」应写明属于哪一张分表"):
        start_rehearsal(CHAIR, system.meeting_id)
    with pytest.raises(NotReady, match="「张伟」应写明属于哪一张分表"):
        open_meeting(CHAIR, system.meeting_id)


def test_tickets_of_a_group_that_votes_on_nothing_stop_the_opening() -> None:
    system = prepare_system(OFFICES, is_divided=False)
    people = [SubjectEntry("张伟", kind=SubjectKind.PERSON), SubjectEntry("李娜", kind=SubjectKind.PERSON)]
    change_subjects(CHAIR, system.meeting_id, load_meeting(system.meeting_id)[0].version, people)
    idle = [each.message for each in list_findings(system.meeting_id) if each.code == "idle_group"]
    assert len(idle) == 5
    assert f"“上级机关”所填的分表没有考核对象，却已制 {TICKETS} 张票" in idle[0]
    with pytest.raises(NotReady, match="上级机关"):
        open_meeting(CHAIR, system.meeting_id)


def test_the_shared_code_hands_out_tickets_on_the_form_of_its_group_only() -> None:
    system = prepare_system(SPEECH)
    change_hall(
        CHAIR,
        system.meeting_id,
        load_meeting(system.meeting_id)[0].version,
        hall_view=HallView.TURNOUT,
        custody=Custody.SERVER,
        shared_group="staff",
        ballot_list_wanted=False,
    )
    setup, held = load_meeting(system.meeting_id)
    assert pool_url(setup).endswith(f"/v/{system.meeting_id}/2")
    assert [load_polling(system.meeting_id, key).hands_out_tickets for key in ("1", "2")] == [False, True]
    open_meeting(CHAIR, system.meeting_id)
    code = draw_ticket(system.meeting_id, held.pool_code or "", NONCE)
    fields = fill(system, "staff", 0, OwnCount())
    cast_ballot(system.meeting_id, "2", ticket=code, nonce=NONCE, round_number="1", fields=fields.items())
    with pytest.raises(PoolClosed):
        draw_ticket(system.meeting_id, "AAAAAAAA", NONCE)


def test_the_votes_alone_are_shown_while_scores_from_elsewhere_are_missing() -> None:
    system = hold_system("guji-kaohe")
    cast_everything(system)
    with pytest.raises(WrongState):
        load_counted(system.meeting_id)
    close_meeting(CHAIR, system.meeting_id)
    count_meeting(CHAIR, system.meeting_id)
    for each in load_counted(system.meeting_id).result.subjects:
        assert each.score == each.votes_score is not None
