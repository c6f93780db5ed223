from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from scene import CHAIR, Scene, cast, prepare_meeting
from sqlalchemy import select

from kaohe.domain.errors import (
    FieldInvalid,
    KeyMissing,
    NotReady,
    ShareForeign,
    ShareMissing,
    ShareRepeated,
    ShareWrong,
    WrongState,
)
from kaohe.domain.meetings import Custody, MeetingState
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.count.sources import list_findings
from kaohe.operations.hall.boards import load_board
from kaohe.operations.setup import key
from kaohe.operations.setup.key import SHARE_WAITS, draw_up_key, draw_up_shares, give_share, load_shares, prove_share
from kaohe.storage.database import reading
from kaohe.storage.tables import RoundRow


def _drawn_up() -> tuple[Scene, list[str]]:
    scene = prepare_meeting(custody=Custody.TELLERS)
    return scene, [share.text for share in draw_up_shares(CHAIR, scene.meeting_id)]


def _closed() -> tuple[Scene, list[str]]:
    scene, shares = _drawn_up()
    prove_share(CHAIR, scene.meeting_id, shares[0])
    prove_share(CHAIR, scene.meeting_id, shares[1])
    open_meeting(CHAIR, scene.meeting_id)
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    return scene, shares


def _held() -> bytes | None:
    with reading() as session:
        return session.scalars(select(RoundRow.held_share)).one()


@pytest.mark.parametrize("pair", list(permutations(range(3), 2)))
def test_any_two_sheets_prove_the_key_and_any_two_open_the_box(pair: tuple[int, int]) -> None:
    scene, shares = _drawn_up()
    first, second = (shares[number] for number in pair)
    with pytest.raises(NotReady):
        open_meeting(CHAIR, scene.meeting_id)
    assert prove_share("甲", scene.meeting_id, first).waiting_number == pair[0] + 1
    with pytest.raises(NotReady):
        open_meeting(CHAIR, scene.meeting_id)
    assert prove_share("乙", scene.meeting_id, second).waiting_number is None
    open_meeting(CHAIR, scene.meeting_id)
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    close_meeting(CHAIR, scene.meeting_id)

    assert give_share("甲", scene.meeting_id, first)
    assert not give_share("乙", scene.meeting_id, second)
    assert count_meeting("乙", scene.meeting_id, second) == 1
    assert load_counted(scene.meeting_id).result.subjects[0].counts.grades == (1, 0, 0, 0)
    assert _held() is None


def test_both_sheets_may_be_typed_at_once() -> None:
    scene, shares = _closed()
    both = f"{shares[0]}\n{shares[2]}"

    assert not give_share(CHAIR, scene.meeting_id, both)
    assert count_meeting(CHAIR, scene.meeting_id, both) == 1


def test_one_sheet_alone_opens_nothing() -> None:
    scene, shares = _closed()
    with pytest.raises(KeyMissing):
        count_meeting(CHAIR, scene.meeting_id, "")
    with pytest.raises(ShareMissing):
        count_meeting(CHAIR, scene.meeting_id, shares[0])
    assert give_share(CHAIR, scene.meeting_id, shares[0])
    with pytest.raises(ShareRepeated):
        give_share(CHAIR, scene.meeting_id, shares[0])
    with pytest.raises(ShareRepeated):
        count_meeting(CHAIR, scene.meeting_id, shares[0])
    assert load_board(scene.meeting_id).round.state is MeetingState.CLOSED


def test_a_sheet_of_another_set_is_refused_at_once() -> None:
    scene, old = _drawn_up()
    prove_share(CHAIR, scene.meeting_id, old[0])
    new = [share.text for share in draw_up_shares(CHAIR, scene.meeting_id)]
    with pytest.raises(ShareForeign):
        prove_share(CHAIR, scene.meeting_id, old[1])
    assert load_shares(scene.meeting_id) == key.SharesState((), None)
    prove_share(CHAIR, scene.meeting_id, new[0])
    prove_share(CHAIR, scene.meeting_id, new[1])
    open_meeting(CHAIR, scene.meeting_id)
    close_meeting(CHAIR, scene.meeting_id)

    for give in (give_share, count_meeting):
        with pytest.raises(ShareForeign):
            give(CHAIR, scene.meeting_id, old[2])
        with pytest.raises(ShareWrong):
            give(CHAIR, scene.meeting_id, new[2][:-1] + ("2" if new[2][-1] == "1" else "1"))


def test_a_lost_third_sheet_is_told_before_the_voting() -> None:
    scene, shares = _drawn_up()
    prove_share(CHAIR, scene.meeting_id, shares[2])
    with pytest.raises(ShareRepeated):
        prove_share(CHAIR, scene.meeting_id, shares[2])
    prove_share(CHAIR, scene.meeting_id, shares[0])
    told = next(each for each in list_findings(scene.meeting_id) if each.code == "share_not_proven")
    assert "第 2 张" in told.message
    assert not told.is_blocking

    assert prove_share(CHAIR, scene.meeting_id, shares[1]).proven == (1, 2, 3)
    assert prove_share(CHAIR, scene.meeting_id, shares[1]).waiting_number is None
    assert "share_not_proven" not in {each.code for each in list_findings(scene.meeting_id)}


def test_while_people_vote_no_share_is_on_the_server() -> None:
    scene, shares = _drawn_up()
    prove_share(CHAIR, scene.meeting_id, shares[0])
    assert _held() is not None
    prove_share(CHAIR, scene.meeting_id, shares[1])
    assert _held() is None


def test_a_first_sheet_is_forgotten_after_a_quarter_of_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, shares = _closed()
    assert give_share(CHAIR, scene.meeting_id, shares[0])
    monkeypatch.setattr(key, "now", lambda: datetime.now(UTC) + SHARE_WAITS + timedelta(seconds=1))

    with pytest.raises(ShareMissing):
        count_meeting(CHAIR, scene.meeting_id, shares[1])
    assert give_share(CHAIR, scene.meeting_id, shares[1])


def test_what_waits_on_the_server_is_not_readable_without_its_secrets() -> None:
    scene, shares = _closed()
    give_share(CHAIR, scene.meeting_id, shares[0])
    held = _held() or b""
    assert shares[0].encode() not in held
    assert shares[0][:9].encode() not in held


def test_drawing_up_one_sheet_after_three_makes_the_three_worthless() -> None:
    scene, shares = _drawn_up()
    draw_up_key(CHAIR, scene.meeting_id)

    assert load_shares(scene.meeting_id) is None
    with pytest.raises(ShareForeign):
        prove_share(CHAIR, scene.meeting_id, shares[0])


def test_where_the_server_holds_the_key_there_is_nothing_to_split() -> None:
    scene = prepare_meeting()
    with pytest.raises(FieldInvalid):
        draw_up_shares(CHAIR, scene.meeting_id)


def test_the_record_names_sheets_by_number_and_never_holds_one() -> None:
    scene, shares = _closed()
    give_share("甲", scene.meeting_id, shares[1])
    count_meeting("乙", scene.meeting_id, shares[0])
    with pytest.raises(WrongState):
        count_meeting("丙", scene.meeting_id, shares[2])

    events = list_record_entries(scene.meeting_id)
    assert [(e.actor, e.detail["number"]) for e in events if e.act == "gave_share"] == [("甲", "2")]
    assert not any(share[:9] in str(event.detail) for event in events for share in shares)
