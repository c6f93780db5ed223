"""A copy of the embedded database, made while ballots come in, and its way back."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from databases import PostgreSQLServer
from scene import CHAIR, Scene, cast, hand_out_paper, hold_meeting, prepare_meeting

from kaohe.config import Config
from kaohe.domain.ballots import item_field
from kaohe.domain.errors import BackupBroken, BackupOlder, BackupRefused, DatabaseInUse, FieldInvalid
from kaohe.domain.meetings import Group
from kaohe.factory import create_app
from kaohe.operations.archive.purging import purge_meeting
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting, pause_meeting
from kaohe.operations.count.challenging import declare_challenges, open_challenges
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.recording import record_head
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.count.stripping import strip_box
from kaohe.operations.hall.boards import load_board
from kaohe.operations.hall.paper_ballots import type_sheet
from kaohe.operations.server.backing_up import Restored, check_backup, make_backup, restore_backup
from kaohe.operations.server.scheduled_backups import back_up_into
from kaohe.storage.database import transaction
from kaohe.storage.starting import close_database

WHO = "运维"
TWO = ("王主持", "李监票")


@pytest.fixture
def database_kind() -> str:
    """What is copied is the embedded database."""
    return "sqlite"


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder / "copy.sqlite3"


def voted(count: int = 3) -> Scene:
    scene = hold_meeting()
    for code in scene.all_codes[:count]:
        cast(scene.meeting_id, code, "excellent")
    return scene


def restored(path: Path, **settings: object) -> Restored:
    done = restore_backup(WHO, path, **settings)
    close_database()
    return done


def head_of(scene: Scene) -> str:
    found = record_head(scene.meeting_id)
    assert found is not None
    return found.text


def test_a_backup_holds_every_ballot_that_was_acknowledged_and_says_so(backup: Path) -> None:
    scene = voted(5)
    facts = make_backup(backup)

    (line,) = facts.meetings
    assert (line.title, line.cast, facts.sealed_count) == ("年度民主测评会", 5, 5)
    assert line.head_text == head_of(scene)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert [path.name for path in backup.parent.iterdir()] == ["copy.sqlite3"]


def test_a_backup_holds_no_secret_and_no_choice_in_the_clear(backup: Path, config: Config) -> None:
    scene = hold_meeting(comments_wanted=True)
    cast(scene.meeting_id, scene.all_codes[0], "incompetent", comments={"s1": "极其罕见的评语标记"})
    make_backup(backup)

    content = backup.read_bytes()
    assert "极其罕见的评语标记".encode() not in content
    assert not any(code.encode() in content for code in scene.all_codes)
    secrets_text = (config.data / "secrets.json").read_text(encoding="utf-8")
    for word in secrets_text.split('"')[3::4]:
        assert len(word) == 64
        assert word.encode() not in content
        assert bytes.fromhex(word) not in content


def test_nothing_that_was_deleted_lives_on_in_a_backup(backup: Path) -> None:
    scene = voted()
    make_backup(backup)
    with sqlite3.connect(backup) as connection:
        box = connection.execute("SELECT box FROM envelopes").fetchone()[0]
    assert box[:64] in backup.read_bytes()
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)

    later = backup.with_name("later.sqlite3")
    facts = make_backup(later)
    assert box[:64] not in later.read_bytes()
    assert facts.sealed_count == 0


def test_a_file_that_is_there_is_never_overwritten(backup: Path) -> None:
    voted()
    backup.write_text("mine", encoding="utf-8")
    with pytest.raises(BackupRefused):
        make_backup(backup)
    assert backup.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    voted()
    with pytest.raises(BackupRefused, match="nowhere"):
        make_backup(tmp_path / "nowhere" / "copy.sqlite3")


def test_a_backup_is_whole_at_every_step_of_a_ceremony_with_challenges_and_paper(backup: Path) -> None:
    scene = prepare_meeting(groups=(Group("all", "全体", Fraction(1), 20),))
    declare_challenges(CHAIR, scene.meeting_id, 3)
    open_meeting(CHAIR, scene.meeting_id)
    nonces = [secrets.token_hex(16) for _ in range(8)]

    def vote() -> None:
        for code, nonce in zip(scene.all_codes, nonces, strict=False):
            cast(scene.meeting_id, code, "excellent", nonce=nonce)

    def put_paper_in() -> None:
        for person in ("甲录入", "乙录入"):
            cells = {item_field(f"s{number}", "overall"): "1" for number in (1, 2, 3)}
            type_sheet(person, scene.meeting_id, 1, "all", cells)

    steps: list[Callable[[], object]] = [
        vote,
        lambda: hand_out_paper(scene.meeting_id, "all", 1),
        lambda: close_meeting(CHAIR, scene.meeting_id),
        lambda: strip_box(CHAIR, scene.meeting_id),
        lambda: open_challenges(CHAIR, scene.meeting_id, nonces[:2]),
        put_paper_in,
        lambda: count_meeting(CHAIR, scene.meeting_id),
        lambda: publish_result(CHAIR, scene.meeting_id),
        lambda: purge_meeting(CHAIR, scene.meeting_id, forced_reason="考核办书面同意"),
    ]
    sealed = []
    for number, step in enumerate(steps):
        step()
        sealed.append(make_backup(backup.with_name(f"copy-{number}.sqlite3")).sealed_count)
    assert sealed == [8, 8, 8, 8, 8, 8, 0, 0, 0]
    assert load_counted(scene.meeting_id).result.turnout.cast == 7
    with pytest.raises(BackupOlder):
        restore_backup(WHO, backup.with_name("copy-6.sqlite3"))
    restored(backup.with_name("copy-8.sqlite3"), head=head_of(scene))
    assert load_counted(scene.meeting_id).result.turnout.cast == 7


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM receipts",
        "DELETE FROM challenges",
        "DELETE FROM ballots WHERE id = (SELECT min(id) FROM ballots)",
        "UPDATE ballots SET marks = zeroblob(length(marks)) WHERE id = (SELECT min(id) FROM ballots)",
    ],
)
def test_what_is_missing_from_an_opened_box_is_found(backup: Path, damage: str) -> None:
    scene = prepare_meeting()
    declare_challenges(CHAIR, scene.meeting_id, 3)
    open_meeting(CHAIR, scene.meeting_id)
    nonce = secrets.token_hex(16)
    for code in scene.all_codes[:4]:
        cast(scene.meeting_id, code, "competent", nonce=nonce if code == scene.all_codes[0] else None)
    close_meeting(CHAIR, scene.meeting_id)
    open_challenges(CHAIR, scene.meeting_id, [nonce])
    count_meeting(CHAIR, scene.meeting_id)
    make_backup(backup)
    with sqlite3.connect(backup) as connection:
        connection.execute(damage)
    connection.close()
    with pytest.raises(BackupBroken):
        check_backup(backup)


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM envelopes WHERE id = (SELECT min(id) FROM envelopes)",
        "UPDATE tickets SET is_spent = 0 WHERE digest = (SELECT min(digest) FROM tickets WHERE is_spent)",
        "UPDATE record_entries SET actor = '别人' WHERE act = 'opened'",
        "DELETE FROM record_entries WHERE act = 'created'",
        "UPDATE alembic_version SET version_num = 'elsewhere'",
        "DROP TABLE receipts; DROP TABLE meetings",
    ],
)
def test_a_copy_that_was_changed_is_no_backup_any_more(backup: Path, damage: str) -> None:
    scene = voted()
    make_backup(backup)
    with sqlite3.connect(backup) as connection:
        connection.executescript(damage)
    connection.close()

    with pytest.raises(BackupBroken):
        check_backup(backup)
    with pytest.raises(BackupBroken):
        restore_backup(WHO, backup, approved_by=TWO)
    assert load_board(scene.meeting_id).cast == 3


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_refused(backup: Path, content: bytes) -> None:
    voted()
    backup.write_bytes(content)
    with pytest.raises(BackupBroken):
        restore_backup(WHO, backup)


def test_a_torn_copy_is_refused(backup: Path) -> None:
    voted()
    make_backup(backup)
    backup.write_bytes(backup.read_bytes()[:-4096])
    with pytest.raises(BackupBroken):
        check_backup(backup)


def test_a_backup_of_another_installation_is_refused(backup: Path, tmp_path: Path, migrated_sqlite: Path) -> None:
    voted()
    make_backup(backup)
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(migrated_sqlite, other / "kaohe.sqlite3")
    with create_app(Config(other, f"sqlite:///{other / 'kaohe.sqlite3'}")).app_context():
        with pytest.raises(BackupBroken, match=r"secrets\.json"):
            restore_backup(WHO, backup)
        close_database()


def test_the_newest_backup_goes_back_as_often_as_one_likes_and_what_it_replaced_is_kept(
    backup: Path, config: Config
) -> None:
    scene = voted()
    make_backup(backup)
    for _ in range(2):
        done = restored(backup, head=head_of(scene))
        assert done.kept is not None
        assert done.kept.parent == config.data
        assert done.undone == ()
        assert sqlite3.connect(done.kept).execute("SELECT count(*) FROM envelopes").fetchone() == (3,)
    assert load_board(scene.meeting_id).cast == 3
    cast(scene.meeting_id, scene.all_codes[3], "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    assert count_meeting(CHAIR, scene.meeting_id) == 4
    assert load_counted(scene.meeting_id).result.turnout.cast == 4


def test_a_backup_that_lacks_one_ballot_is_refused_and_says_what_would_be_lost(backup: Path) -> None:
    scene = voted()
    make_backup(backup)
    cast(scene.meeting_id, scene.all_codes[3], "excellent")
    with pytest.raises(BackupOlder, match="0 条操作、1 张选票"):
        restore_backup(WHO, backup)
    assert load_board(scene.meeting_id).cast == 4


def test_a_backup_that_lacks_one_act_is_refused(backup: Path) -> None:
    scene = voted()
    make_backup(backup)
    pause_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(BackupOlder, match="1 条操作、0 张选票"):
        restore_backup(WHO, backup)
    assert load_board(scene.meeting_id).round.is_paused


def test_a_backup_older_than_the_printed_head_is_refused_even_where_the_database_is_gone(
    backup: Path, config: Config
) -> None:
    scene = voted()
    make_backup(backup)
    close_meeting(CHAIR, scene.meeting_id)
    printed = head_of(scene)
    close_database()
    for path in config.data.glob("kaohe.sqlite3*"):
        path.unlink()

    with pytest.raises(BackupOlder, match="校验码"):
        restore_backup(WHO, backup, head=printed)
    assert not (config.data / "kaohe.sqlite3").exists()
    done = restored(backup)
    assert (done.kept, done.is_compared) == (None, False)
    assert load_board(scene.meeting_id).cast == 3


def test_two_persons_may_approve_of_an_older_backup_and_the_record_says_so(backup: Path) -> None:
    scene = voted()
    make_backup(backup)
    cast(scene.meeting_id, scene.all_codes[3], "excellent")
    pause_meeting(CHAIR, scene.meeting_id)
    for names in (("王主持",), ("王主持", " 王主持 "), ("王主持", "")):
        with pytest.raises(FieldInvalid):
            restore_backup(WHO, backup, approved_by=names)

    done = restored(backup, approved_by=TWO)
    assert done.undone == ("“年度民主测评会”的 1 条操作、1 张选票",)
    newest = list_record_entries(scene.meeting_id)[0]
    assert (newest.actor, newest.act, newest.detail) == (WHO, "restored", {"approved_by": "王主持、李监票"})
    # The phone whose ballot was undone still holds it, and sends it again.
    cast(scene.meeting_id, scene.all_codes[3], "excellent")
    assert load_board(scene.meeting_id).cast == 4


@pytest.mark.parametrize("head", ["abcd", "zzzz " * 8, "0" * 33])
def test_what_cannot_be_a_head_is_told_from_one_that_is_not_there(backup: Path, head: str) -> None:
    voted()
    make_backup(backup)
    with pytest.raises(FieldInvalid):
        restore_backup(WHO, backup, head=head)
    with pytest.raises(BackupOlder):
        restore_backup(WHO, backup, head="0000 " * 8)


def test_nothing_is_restored_under_a_running_server(backup: Path, config: Config) -> None:
    scene = voted()
    make_backup(backup)
    server = sqlite3.connect(config.data / "kaohe.sqlite3")
    server.execute("SELECT count(*) FROM meetings").fetchone()
    with pytest.raises(DatabaseInUse):
        restore_backup(WHO, backup)
    server.close()
    assert load_board(scene.meeting_id).cast == 3
    restored(backup)


def test_a_damaged_database_is_put_aside_and_the_backup_takes_its_place(backup: Path, config: Config) -> None:
    scene = voted()
    make_backup(backup)
    close_database()
    damaged = config.data / "kaohe.sqlite3"
    content = damaged.read_bytes()
    damaged.write_bytes(content[:100] + b"\xff" * 8000 + content[8100:])

    done = restored(backup, head=head_from(backup))
    assert done.kept is not None
    assert b"\xff" * 8000 in done.kept.read_bytes()
    assert load_board(scene.meeting_id).cast == 3


def head_from(backup: Path) -> str:
    return check_backup(backup)[1].meetings[0].head_text


def test_a_backup_is_made_of_one_moment_although_a_writer_is_in_the_middle(backup: Path) -> None:
    scene = voted()
    with transaction() as session:
        session.connection().exec_driver_sql("UPDATE tickets SET is_spent = 1")
        facts = make_backup(backup)
        session.rollback()
    assert facts.meetings[0].cast == 3
    assert load_board(scene.meeting_id).cast == 3


def test_with_postgresql_its_own_tools_are_named_and_nothing_is_written(
    tmp_path: Path, postgresql: PostgreSQLServer
) -> None:
    copy = tmp_path / "copy.sqlite3"
    with create_app(Config(tmp_path, postgresql.url("nowhere"))).app_context():
        with pytest.raises(BackupRefused, match="pg_dump"):
            make_backup(copy)
        with pytest.raises(BackupRefused, match="pg_restore"):
            restore_backup(WHO, copy)
    assert not copy.exists()


def test_a_backup_that_nobody_watches_removes_old_ones_of_its_own_kind_after_it_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voted()
    old, recent = tmp_path / "kaohe-20200101T000000Z.backup", tmp_path / "kaohe-29990101T000000Z.backup"
    others = [tmp_path / name for name in ("kaohe-20200101T000000Z.backup.txt", "kaohe-last-year.backup", "notes")]
    for path in (old, recent, *others):
        path.write_bytes(b"")
    with pytest.raises(BackupRefused, match="先建立它"):
        back_up_into(tmp_path / "nowhere", 30)

    done = back_up_into(tmp_path, 30)

    assert done.removed == [old]
    assert done.facts.sealed_count == 3
    assert set(tmp_path.glob("*")) >= {done.path, recent, *others}
    assert done.path.name.endswith("-sealed.backup")
    assert check_backup(done.path)[1] == done.facts

    old.write_bytes(b"")

    def found_broken(*_: object) -> None:
        raise BackupBroken

    monkeypatch.setattr("kaohe.operations.server.backing_up.check_backup", found_broken)
    monkeypatch.setattr("kaohe.operations.server.scheduled_backups.now", lambda: datetime(2100, 1, 1, tzinfo=UTC))
    with pytest.raises(BackupBroken):
        back_up_into(tmp_path, 30)
    assert old.exists()
    assert done.path.exists()


def test_a_backup_that_nobody_watches_does_not_outlive_the_count_of_its_ballots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = (datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 9))
    monkeypatch.setattr("kaohe.operations.server.scheduled_backups.now", lambda: next(nights))
    scene = voted()
    sealed = back_up_into(tmp_path, 30).path
    kept = back_up_into(tmp_path, 30)
    assert kept.removed == []
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)

    done = back_up_into(tmp_path, 30)

    assert set(done.removed) == {sealed, kept.path}
    assert list(tmp_path.glob("kaohe-*.backup")) == [done.path]
    assert back_up_into(tmp_path, 30).removed == []


def test_a_backup_that_was_killed_at_any_moment_does_not_outlive_the_count_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = (datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 9))
    monkeypatch.setattr("kaohe.operations.server.scheduled_backups.now", lambda: next(nights))
    scene = voted()

    def is_killed(*_: object) -> None:
        raise KeyboardInterrupt

    for killed_in in ("kaohe.storage.backups.sync", "kaohe.operations.server.backing_up.check_backup"):
        with monkeypatch.context() as until_here:
            until_here.setattr(killed_in, is_killed)
            with pytest.raises(KeyboardInterrupt):
                back_up_into(tmp_path, 30)
    left = {path.name for path in tmp_path.iterdir() if "kaohe-2026" in path.name}
    assert left == {".kaohe-20260301T000000Z-sealed.backup.part", "kaohe-20260302T000000Z-sealed.backup"}
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)

    done = back_up_into(tmp_path, 30)

    assert {path.name for path in done.removed} == left
    assert done.path.name == "kaohe-20260303T000000Z.backup"


def test_two_turns_at_once_leave_each_other_their_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = (datetime(2026, 3, 1, 0, 0, second, tzinfo=UTC) for second in range(9))
    monkeypatch.setattr("kaohe.operations.server.scheduled_backups.now", lambda: next(moments))
    within: list[Path] = []

    def check_while_another_turn_comes(path: Path) -> object:
        if not within:
            within.append(path)
            within.append(back_up_into(tmp_path, 30).path)
        return check_backup(path)

    monkeypatch.setattr("kaohe.operations.server.backing_up.check_backup", check_while_another_turn_comes)
    done = back_up_into(tmp_path, 30)
    assert sorted(tmp_path.glob("kaohe-2026*.backup")) == [done.path, within[1]]


def test_a_backup_of_a_timer_goes_when_its_own_boxes_are_done_with_whatever_others_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = (datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 9))
    monkeypatch.setattr("kaohe.operations.server.scheduled_backups.now", lambda: next(nights))
    counted, voided = voted(), voted()
    of_both = back_up_into(tmp_path, 30).path
    close_meeting(CHAIR, counted.meeting_id)
    count_meeting(CHAIR, counted.meeting_id)
    of_voided = back_up_into(tmp_path, 30)
    assert of_voided.removed == []
    void_round(CHAIR, voided.meeting_id, "票样有误")
    voted()
    unreadable = tmp_path / "kaohe-20260227T000000Z-sealed.backup"
    unreadable.write_bytes(b"of another version")

    done = back_up_into(tmp_path, 30)

    assert set(done.removed) == {of_both, of_voided.path}
    assert (done.facts.sealed_count, unreadable.exists()) == (3, True)


def test_a_backup_of_ballots_that_the_database_has_lost_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = (datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 9))
    monkeypatch.setattr("kaohe.operations.server.scheduled_backups.now", lambda: next(nights))
    before = back_up_into(tmp_path, 30).path
    voted()
    sealed = back_up_into(tmp_path, 30).path
    restored(before, approved_by=("甲", "乙"))

    assert back_up_into(tmp_path, 30).removed == []
    assert sealed.exists()
