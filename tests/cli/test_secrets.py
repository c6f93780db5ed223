"""A secrets file that is not there, is another one, or is lost for good, as an operator meets it."""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from databases import PostgreSQLServer
from processes import TWO_SUBJECTS, Kaohe

from bench.hall import free_port

YES = "更换密钥\n"


@pytest.fixture
def laptop(kaohe: Kaohe, tmp_path: Path) -> Kaohe:
    """Another laptop, to which somebody has brought the database and not the secrets."""
    return replace(kaohe, data=tmp_path / "laptop", port=free_port())


def bring_database(kaohe: Kaohe, laptop: Kaohe) -> None:
    laptop.data.mkdir()
    shutil.copy(kaohe.data / "kaohe.sqlite3", laptop.data)


def test_a_database_without_its_secrets_is_refused_and_none_are_made(kaohe: Kaohe, laptop: Kaohe) -> None:
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    code = kaohe.tickets(meeting_id)["全体"][0]
    kaohe.does("meeting", "open", meeting_id)
    bring_database(kaohe, laptop)

    for command in (("meeting", "list"), ("backup", "--out", str(laptop.data / "copy")), ("sign-in-link",)):
        sentence = laptop.refuses(*command)
        assert str(laptop.data) in sentence
        assert "没有密钥文件 secrets.json" in sentence
        assert "kaohe secrets replace" in sentence
    assert laptop.apart.run("serve").code == 2
    assert [path.name for path in laptop.data.glob("*.json")] == []

    shutil.copy(kaohe.data / "secrets.json", laptop.data)
    with laptop.serving() as server:
        assert laptop.vote(meeting_id, code, "excellent").status == 200
        assert server.stop() == 0


def test_a_server_with_another_secrets_file_does_not_start(kaohe: Kaohe, laptop: Kaohe) -> None:
    kaohe.meeting(TWO_SUBJECTS)
    bring_database(kaohe, laptop)
    kaohe_elsewhere = replace(laptop, data=laptop.data / "elsewhere")
    kaohe_elsewhere.does("meeting", "list")
    shutil.copy(kaohe_elsewhere.data / "secrets.json", laptop.data)

    refused = laptop.apart.run("serve")
    assert refused.code == 2
    assert f"密钥文件 {laptop.data / 'secrets.json'} 不是建立这个数据库时的那一份" in refused.err


def test_secrets_lost_for_good_are_replaced_after_a_typed_word(kaohe: Kaohe, laptop: Kaohe) -> None:
    counted = kaohe.meeting(TWO_SUBJECTS)
    code = kaohe.tickets(counted)["全体"][0]
    kaohe.does("meeting", "open", counted)
    with kaohe.serving() as server:
        kaohe.vote(counted, code, "excellent")
        assert server.stop() == 0
    kaohe.does("meeting", "close", counted)
    kaohe.does("meeting", "count", counted)
    draft = kaohe.meeting(TWO_SUBJECTS.replace("年度民主测评会", "另一场"))
    bring_database(kaohe, laptop)

    for typed in ("", "yes\n", "更换\n"):
        answer = laptop.run("secrets", "replace", typed=typed)
        assert answer.code == 2
        assert "没有确认" in answer.err
        assert "“另一场”：已制的 5 张票全部失效" in answer.out
        assert "年度民主测评会" not in answer.out
        assert not (laptop.data / "secrets.json").exists()

    assert "另存一份" in laptop.does("secrets", "replace", typed=YES)
    assert laptop.show(counted)["board"]["cast"] == 1
    bundle = laptop.data / "bundle.zip"
    laptop.does("bundle", counted, "--out", str(bundle))
    said = laptop.does("verify", str(bundle))
    assert "更换了密钥：此前的记录以签名钥匙 " in said
    laptop.does("recount", str(bundle))
    assert "还没有制票" in laptop.refuses("meeting", "open", draft)
    assert "不需要更换" in laptop.refuses("secrets", "replace", "--yes")


def test_a_script_replaces_without_being_asked_and_a_damaged_file_is_put_aside_first(
    kaohe: Kaohe, laptop: Kaohe
) -> None:
    kaohe.meeting(TWO_SUBJECTS)
    bring_database(kaohe, laptop)
    (laptop.data / "secrets.json").write_text("{", encoding="utf-8")
    assert "移走" in laptop.refuses("secrets", "replace", "--yes")
    assert (laptop.data / "secrets.json").read_text(encoding="utf-8") == "{"
    (laptop.data / "secrets.json").rename(laptop.data / "damaged.json")
    laptop.does("secrets", "replace", "--yes")
    laptop.does("meeting", "list")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_replaced_while_a_server_runs_that_nobody_has_asked_anything(
    kaohe: Kaohe, kind: str, postgresql: PostgreSQLServer
) -> None:
    if kind == "postgresql":
        kaohe = replace(kaohe, database_url=postgresql.url(postgresql.create_database()))
    kaohe.meeting(TWO_SUBJECTS)
    with kaohe.serving() as server:
        (kaohe.data / "secrets.json").rename(kaohe.data / "kept.json")
        answer = kaohe.run("secrets", "replace", typed=YES)
        assert answer.code == 2
        assert "正在使用" in answer.err
        assert not (kaohe.data / "secrets.json").exists()
        (kaohe.data / "kept.json").rename(kaohe.data / "secrets.json")
        assert server.stop() == 0
    kaohe.does("meeting", "list")


def test_four_servers_with_no_secrets_yet_start_at_once_in_one_folder(
    tmp_path: Path, postgresql: PostgreSQLServer
) -> None:
    name = postgresql.create_database()
    made = Kaohe(tmp_path / "data", free_port(), database_url=postgresql.url(name)).apart
    with ThreadPoolExecutor(4) as starts:
        answers = list(starts.map(lambda _: made.run("meeting", "list"), range(4)))
    assert [(answer.code, answer.err) for answer in answers] == [(0, "")] * 4
    postgresql.drop_database(name)


def test_a_second_server_of_one_database_does_not_start_without_the_first_ones_secrets(
    tmp_path: Path, postgresql: PostgreSQLServer
) -> None:
    name = postgresql.create_database()
    first, second = (
        Kaohe(tmp_path / folder, free_port(), database_url=postgresql.url(name)) for folder in ("first", "second")
    )
    first.does("meeting", "list")
    assert "从正常的一台复制" in second.refuses("meeting", "list")
    assert not (second.data / "secrets.json").exists()
    second.data.mkdir(exist_ok=True)
    shutil.copy(first.data / "secrets.json", second.data)
    second.does("meeting", "list")
    postgresql.drop_database(name)


def test_no_secrets_are_made_for_a_database_that_does_not_answer(tmp_path: Path) -> None:
    kaohe = Kaohe(tmp_path / "data", free_port(), database_url="postgresql+psycopg://kaohe@127.0.0.1:9/kaohe")
    assert "连接不上" in kaohe.refuses("meeting", "list")
    assert not (tmp_path / "data" / "secrets.json").exists()


def test_a_backup_without_its_secrets_goes_back_only_where_they_are_said_to_be_lost(
    kaohe: Kaohe, laptop: Kaohe, tmp_path: Path
) -> None:
    copy = str(tmp_path / "copy.sqlite3")
    counted = kaohe.meeting(TWO_SUBJECTS)
    code = kaohe.tickets(counted)["全体"][0]
    kaohe.does("meeting", "open", counted)
    with kaohe.serving() as server:
        kaohe.vote(counted, code, "excellent")
        assert server.stop() == 0
    kaohe.does("meeting", "close", counted)
    kaohe.does("meeting", "count", counted)
    assert "secrets.json 也请另存一份" in kaohe.does("backup", "--out", copy)

    assert "--secrets-lost" in laptop.refuses("restore", copy)
    assert not (laptop.data / "secrets.json").exists()
    done = laptop.does("restore", copy, "--secrets-lost")
    assert "kaohe secrets replace" in done
    assert "另存为" not in done
    assert not (laptop.data / "secrets.json").exists()
    assert "kaohe secrets replace" in laptop.refuses("meeting", "list")
    laptop.does("secrets", "replace", "--yes")
    assert laptop.show(counted)["board"]["cast"] == 1
    assert "还没有登记实到人数" in laptop.refuses("meeting", "publish", counted)
    laptop.does("meeting", "publish", counted, "--without-present")
    laptop.does("documents", counted, "--out", str(tmp_path / "documents"))
    laptop.does("bundle", counted, "--out", str(tmp_path / "bundle.zip"))
    laptop.does("verify", str(tmp_path / "bundle.zip"))
    laptop.does("backup", "--out", str(tmp_path / "later.sqlite3"))
    assert "不是做备份时的那一份" in laptop.refuses("restore", copy)
    assert "已有数据库" in laptop.refuses("restore", copy, "--secrets-lost")


def test_a_backup_goes_back_with_its_own_secrets_on_another_laptop(kaohe: Kaohe, laptop: Kaohe, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    code = kaohe.tickets(meeting_id)["全体"][0]
    kaohe.does("meeting", "open", meeting_id)
    kaohe.does("backup", "--out", str(copy))
    laptop.data.mkdir()
    shutil.copy(kaohe.data / "secrets.json", laptop.data)
    laptop.does("restore", str(copy))
    with laptop.serving() as server:
        assert laptop.vote(meeting_id, code, "excellent").status == 200
        assert server.stop() == 0


def test_a_backup_that_was_changed_is_found_although_its_secrets_are_lost(
    kaohe: Kaohe, laptop: Kaohe, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite3"
    kaohe.meeting(TWO_SUBJECTS)
    kaohe.does("backup", "--out", str(copy))
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE record_entries SET actor = '别人'")
    assert "对不上" in laptop.refuses("restore", str(copy), "--secrets-lost")
    assert not (laptop.data / "secrets.json").exists()
