"""The secrets are lost for good: what hung on them ends in a stated way, and what did not goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pyotp
import pytest
from databases import PostgreSQLServer
from scene import CHAIR, EVERYONE, Scene, cast, hold_meeting, prepare_meeting
from sqlalchemy import create_engine, text

from kaohe.config import Config
from kaohe.domain.bundles import check_bundle
from kaohe.domain.errors import (
    DatabaseInUse,
    FieldInvalid,
    KaoheError,
    MeetingClosed,
    NotReady,
    RecordBroken,
    SecretsFit,
    SecretsMismatch,
    TicketUnknown,
    WrongState,
)
from kaohe.domain.meetings import Custody, HallView, MeetingState
from kaohe.domain.record_chain import REPLACED
from kaohe.factory import create_app
from kaohe.operations.archive.bundling import make_bundle
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.spot_votes import call_spot_vote
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.count.sharing_screens import ScreenNote
from kaohe.operations.count.stripping import strip_box
from kaohe.operations.hall.boards import load_board
from kaohe.operations.people.second_factor import begin_second_factor, confirm_second_factor, second_factor_of
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.signing_in import account_for_sign_in, is_half, sign_in
from kaohe.operations.server.backing_up import make_backup, restore_backup
from kaohe.operations.server.replacing_secrets import WHY_VOID, Ends, Fate, replace_secrets, what_would_end
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.key import draw_up_shares, give_share, load_shares, prove_share
from kaohe.operations.setup.rehearsing import start_rehearsal, trial_tickets
from kaohe.storage.database import is_sqlite, reading, transaction
from kaohe.storage.starting import bring_up_to_date, close_database

WHO = "命令行"
PASSWORD = "一把好用的长密码"


@pytest.fixture(autouse=True)
def used(context: None) -> None:
    """An installation that has been started before it loses its secrets."""
    bring_up_to_date()


@contextmanager
def another_laptop(config: Config, name: str = "new") -> Iterator[None]:
    """The database, the keys that nobody can unwrap any more, and not the secrets, which this laptop makes anew."""
    close_database()
    with create_app(replace(config, data=config.data / name, keys=config.data)).app_context():
        bring_up_to_date(has_own_secrets=False)
        try:
            yield
        finally:
            close_database()


@contextmanager
def after_the_loss(config: Config, name: str = "new") -> Iterator[Ends]:
    with another_laptop(config, name):
        yield replace_secrets(WHO)


def vote(scene: Scene, count: int = 3) -> None:
    for code in scene.all_codes[:count]:
        cast(scene.meeting_id, code, "excellent")


def counted_meeting() -> Scene:
    scene = hold_meeting()
    vote(scene)
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    return scene


def contents() -> list[list[tuple[object, ...]]]:
    """Every row of what a replacement touches."""
    with reading() as session:
        return [
            sorted(map(tuple, session.execute(text(f"SELECT * FROM {table}"))), key=repr)
            for table in (
                "rounds",
                "tickets",
                "envelopes",
                "record_entries",
                "secrets_mark",
                "round_numbers",
                "accounts",
            )
        ]


def test_tickets_of_a_meeting_not_yet_opened_are_made_anew_before_it_can_open(config: Config) -> None:
    scene = prepare_meeting(spares=2)
    with after_the_loss(config) as ends:
        (end,) = ends.meetings
        assert (end.title, end.fate, end.tickets) == ("年度民主测评会", Fate.REISSUE, 14)
        assert list_tickets(scene.meeting_id) == []
        with pytest.raises(NotReady, match="还没有制票，更换密钥以前的票已全部失效"):
            open_meeting(CHAIR, scene.meeting_id)

        issue_tickets(CHAIR, scene.meeting_id, "all", 12, 0)
        fresh = list_tickets(scene.meeting_id)[0].code
        open_meeting(CHAIR, scene.meeting_id)
        with pytest.raises(TicketUnknown):
            cast(scene.meeting_id, scene.all_codes[0], "excellent")
        cast(scene.meeting_id, fresh, "excellent")
        assert load_board(scene.meeting_id).issued == 12


@pytest.mark.parametrize("state", ["open", "closed", "stripped"])
def test_a_box_whose_key_the_server_held_is_void_and_a_new_round_waits_without_slips(
    config: Config, state: str
) -> None:
    scene = hold_meeting(hall_view=HallView.BATCHED)
    vote(scene)
    if state != "open":
        close_meeting(CHAIR, scene.meeting_id)
    if state == "stripped":
        strip_box(CHAIR, scene.meeting_id)

    with after_the_loss(config) as ends:
        (end,) = ends.meetings
        assert (end.fate, end.cast) == (Fate.VOID, 3)
        board = load_board(scene.meeting_id)
        assert (board.round.number, board.round.state, board.printed) == (2, MeetingState.DRAFT, 0)
        with reading() as session:
            query = text("SELECT void_reason, traces_due FROM rounds WHERE number = 1")
            assert tuple(session.execute(query).one()) == (WHY_VOID, None)
        assert list(config.data.glob("*.key*")) == []
        with pytest.raises(NotReady, match="还没有制票"):
            open_meeting(CHAIR, scene.meeting_id)
        acts = [event.act for event in list_record_entries(scene.meeting_id)]
        assert acts[:3] == ["destroyed", "voided_round", REPLACED]


def test_ballots_in_a_box_of_the_tellers_are_counted_and_no_more_can_come(config: Config) -> None:
    scene = hold_meeting(custody=Custody.TELLERS)
    vote(scene)
    with after_the_loss(config) as ends:
        (end,) = ends.meetings
        assert (end.fate, end.cast) == (Fate.CLOSE, 3)
        assert load_board(scene.meeting_id).round.state is MeetingState.CLOSED
        with pytest.raises((TicketUnknown, MeetingClosed)):
            cast(scene.meeting_id, scene.all_codes[5], "excellent")
        assert count_meeting(CHAIR, scene.meeting_id, scene.key_text) == 3
        assert load_counted(scene.meeting_id).result.turnout.cast == 3
        check_bundle(make_bundle(scene.meeting_id).content)


def test_a_closed_box_of_the_tellers_loses_nothing(config: Config) -> None:
    scene = hold_meeting(custody=Custody.TELLERS)
    vote(scene)
    close_meeting(CHAIR, scene.meeting_id)
    with after_the_loss(config) as ends:
        assert ends.meetings == ()
        assert count_meeting(CHAIR, scene.meeting_id, scene.key_text) == 3


def test_slips_from_before_the_loss_are_never_taken_over_by_a_later_round(config: Config) -> None:
    """Else a round could open whose every slip is unknown in the hall."""
    scene = counted_meeting()
    with after_the_loss(config):
        void_round(CHAIR, scene.meeting_id, "程序有误")
        board = load_board(scene.meeting_id)
        assert (board.printed, board.groups[0].left_over) == (0, 0)
        with pytest.raises(NotReady, match="还没有制票"):
            open_meeting(CHAIR, scene.meeting_id)


def test_a_vote_on_the_spot_is_not_called_with_slips_that_nobody_knows(config: Config) -> None:
    scene = counted_meeting()
    with after_the_loss(config), pytest.raises(FieldInvalid, match="已经失效"):
        call_spot_vote(CHAIR, scene.meeting_id, title="现场票决", subject_keys=["s1", "s2", "s3"], seats=1)


def test_a_counted_meeting_keeps_its_result_its_bundle_and_its_record(config: Config) -> None:
    scene = counted_meeting()
    before = check_bundle(make_bundle(scene.meeting_id).content)
    with after_the_loss(config) as ends:
        assert ends.meetings == ()
        publish_result(CHAIR, scene.meeting_id)
        after = check_bundle(make_bundle(scene.meeting_id).content)

    kept = {"ballots.csv", "setup.json", "receipts.txt", "counts.csv", "result.json"}
    assert {name: after.files[name] for name in kept} == {name: before.files[name] for name in kept}
    assert after.origin.ballots_salt == before.origin.ballots_salt
    assert after.key_fingerprint != before.key_fingerprint
    assert after.entries[: len(before.entries)] == before.entries
    assert [entry.act for entry in after.entries[len(before.entries) :]] == [REPLACED, "published"]


def test_secrets_may_be_lost_more_than_once(config: Config) -> None:
    scene = counted_meeting()
    with after_the_loss(config, "second"):
        publish_result(CHAIR, scene.meeting_id)
    with after_the_loss(config, "third"):
        found = check_bundle(make_bundle(scene.meeting_id).content)
    assert [entry.act for entry in found.entries][-3:] == [REPLACED, "published", REPLACED]


@pytest.mark.parametrize("act", ["counted", REPLACED])
def test_an_act_changed_after_the_loss_is_found_whichever_key_has_signed_it(config: Config, act: str) -> None:
    scene = counted_meeting()
    with after_the_loss(config):
        with transaction() as session:
            session.execute(text("UPDATE record_entries SET actor = '别人' WHERE act = :act"), {"act": act})
        with pytest.raises(RecordBroken):
            make_bundle(scene.meeting_id)


def test_second_factors_and_sign_ins_end_and_passwords_stay(config: Config) -> None:
    secret = create_account(make_sign_in_link(WHO), "王主持", PASSWORD)
    account = account_for_sign_in(secret)
    assert account is not None
    begin_second_factor(account)
    confirm_second_factor(account, pyotp.TOTP(second_factor_of(account).secret_text).now())

    with after_the_loss(config) as ends:
        assert ends.second_factors == ("王主持",)
        assert account_for_sign_in(secret) is None
        again = sign_in("王主持", PASSWORD)
        assert not is_half(again)
        found = second_factor_of(account)
        assert (found.is_on, found.secret_text, found.codes_left) == (False, "", 0)
        with reading() as session:
            acts = session.scalars(text("SELECT act FROM record_entries WHERE meeting_id IS NULL ORDER BY seq")).all()
        assert acts[-2:] == [REPLACED, "reset_second_factor"]


def test_a_rehearsal_is_wiped_and_can_begin_again(config: Config) -> None:
    scene = prepare_meeting()
    start_rehearsal(CHAIR, scene.meeting_id)
    with after_the_loss(config):
        assert trial_tickets(scene.meeting_id) == []
        start_rehearsal(CHAIR, scene.meeting_id)
        cast(scene.meeting_id, trial_tickets(scene.meeting_id)[0].code, "excellent")


def test_a_share_that_was_waiting_is_typed_again(config: Config) -> None:
    scene = prepare_meeting(custody=Custody.TELLERS)
    shares = draw_up_shares(CHAIR, scene.meeting_id)
    for share in shares[:2]:
        prove_share(CHAIR, scene.meeting_id, share.text)
    open_meeting(CHAIR, scene.meeting_id)
    vote(scene)
    close_meeting(CHAIR, scene.meeting_id)
    assert give_share(CHAIR, scene.meeting_id, shares[0].text)
    with after_the_loss(config):
        state = load_shares(scene.meeting_id)
        assert state is not None
        assert state.waiting_number is None
        assert give_share(CHAIR, scene.meeting_id, shares[0].text)
        assert count_meeting(CHAIR, scene.meeting_id, shares[1].text) == 3


def test_what_other_servers_screens_have_shown_is_forgotten(config: Config) -> None:
    scene = hold_meeting(custody=Custody.TELLERS)
    round_id = load_board(scene.meeting_id).round.id
    with ScreenNote(round_id).turn() as turn:
        turn.keep(b"ten")
    with after_the_loss(config), ScreenNote(round_id).turn() as turn:
        assert turn.note == b""


def test_drawn_tickets_are_drawn_anew(config: Config) -> None:
    scene = prepare_meeting(shared_group="all", groups=EVERYONE)
    with after_the_loss(config) as ends:
        assert ends.meetings == ()
        open_meeting(CHAIR, scene.meeting_id)


def test_looking_at_what_would_end_ends_nothing(config: Config) -> None:
    scenes = [prepare_meeting(), hold_meeting(), hold_meeting(custody=Custody.TELLERS), counted_meeting()]
    create_account(make_sign_in_link(WHO), "王主持", PASSWORD)
    before = contents()
    with another_laptop(config):
        foreseen = what_would_end()
        assert contents() == before
        assert replace_secrets(WHO) == foreseen
    assert {end.meeting_id: end.fate for end in foreseen.meetings} == {
        scenes[0].meeting_id: Fate.REISSUE,
        scenes[1].meeting_id: Fate.VOID,
        scenes[2].meeting_id: Fate.CLOSE,
    }


def test_afterwards_the_new_secrets_start_and_the_former_ones_do_not(config: Config) -> None:
    prepare_meeting()
    with after_the_loss(config):
        bring_up_to_date()
        with pytest.raises(SecretsFit):
            replace_secrets(WHO)
    with pytest.raises(SecretsMismatch):
        bring_up_to_date()


def test_secrets_that_fit_are_not_replaced(config: Config) -> None:
    hold_meeting()
    before = contents()
    for act in (what_would_end, lambda: replace_secrets(WHO)):
        with pytest.raises(SecretsFit):
            act()
    assert contents() == before


def test_nothing_is_replaced_under_a_running_server(config: Config) -> None:
    scene = hold_meeting()
    with another_laptop(config):
        server = create_engine(config.database_url)
        with server.connect() as connection:
            connection.execute(text("SELECT count(*) FROM meetings")).all()
            for act in (what_would_end, lambda: replace_secrets(WHO)):
                with pytest.raises(DatabaseInUse):
                    act()
        server.dispose()
        assert load_board(scene.meeting_id).round.state is MeetingState.OPEN
        replace_secrets(WHO)


def test_a_replacement_that_is_cut_off_has_changed_nothing(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    hold_meeting()
    before = contents()

    def fail(_session: object) -> int:
        raise ZeroDivisionError

    with another_laptop(config):
        monkeypatch.setattr("kaohe.operations.server.replacing_secrets.drop_every_sign_in", fail)
        with pytest.raises(ZeroDivisionError):
            replace_secrets(WHO)
        assert contents() == before


def test_a_backup_from_after_the_loss_is_whole_and_goes_back(config: Config, tmp_path: Path) -> None:
    scene = counted_meeting()
    copy = tmp_path / "copy.sqlite3"
    with after_the_loss(config):
        if not is_sqlite():
            return
        make_backup(copy)
        restore_backup(WHO, copy)
        assert load_counted(scene.meeting_id).result.turnout.cast == 3


def test_every_refusal_of_a_meeting_after_the_loss_is_plain(config: Config) -> None:
    """Nothing that was sealed with the lost secrets is met by anybody who goes on working."""
    scene = hold_meeting()
    vote(scene)
    with after_the_loss(config):
        for act in (
            lambda: list_tickets(scene.meeting_id),
            lambda: close_meeting(CHAIR, scene.meeting_id),
            lambda: count_meeting(CHAIR, scene.meeting_id),
            lambda: load_counted(scene.meeting_id),
        ):
            try:
                act()
            except KaoheError as refusal:
                assert not isinstance(refusal, SecretsMismatch)
        with pytest.raises(WrongState):
            count_meeting(CHAIR, scene.meeting_id)


def test_the_postgresql_role_need_not_be_a_superuser(postgresql: PostgreSQLServer, tmp_path: Path) -> None:
    if is_sqlite():
        return
    name = postgresql.create_database()
    with psycopg.connect(f"postgresql://postgres@/postgres?host={postgresql.folder}", autocommit=True) as administrator:
        administrator.execute(f"CREATE ROLE plain_{name} LOGIN".encode())
        administrator.execute(f'ALTER DATABASE "{name}" OWNER TO plain_{name}'.encode())
    url = postgresql.url(name).replace("postgres@", f"plain_{name}@")
    config = Config(tmp_path / "plain", url)
    with create_app(config).app_context():
        bring_up_to_date()
        prepare_meeting()
        close_database()
    with another_laptop(config):
        server = create_engine(url)
        with server.connect(), pytest.raises(DatabaseInUse):
            replace_secrets(WHO)
        server.dispose()
        replace_secrets(WHO)
    postgresql.drop_database(name)
