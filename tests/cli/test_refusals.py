"""Whatever is wrong, a command says so in one sentence, exits with 2 and changes nothing."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from processes import ROOT, TWO_SUBJECTS, Kaohe

KEPT_BY_TELLERS = 'hall_view = "turnout"\ncustody = "tellers"\n' + TWO_SUBJECTS
NEEDS_A_MEETING = (
    ("meeting", "show", "nope"),
    ("meeting", "check", "nope"),
    ("meeting", "open", "nope"),
    ("meeting", "pause", "nope"),
    ("meeting", "resume", "nope"),
    ("meeting", "close", "nope"),
    ("meeting", "count", "nope"),
    ("meeting", "publish", "nope"),
    ("meeting", "reveal", "nope"),
    ("meeting", "void", "nope", "--reason", "人数有误"),
    ("meeting", "numbers", "nope", "--present", "3"),
    ("meeting", "key", "nope"),
    ("meeting", "rehearse", "nope"),
    ("tickets", "nope", "issue", "--count", "1"),
    ("tickets", "nope", "--csv"),
    ("documents", "nope", "--out", "anywhere"),
)


def test_an_unknown_preset_is_refused_and_the_known_ones_are_named(kaohe: Kaohe, tmp_path: Path) -> None:
    path = tmp_path / "meeting.toml"
    path.write_text(TWO_SUBJECTS.replace("si-deng", "wu-deng"), encoding="utf-8")
    message = kaohe.apart.refuses("meeting", "create", str(path))
    assert "wu-deng" in message
    assert "si-deng" in message
    assert kaohe.run("meeting", "list", "--json").json == []
    assert "si-deng" in kaohe.refuses("schemes", "show", "wu-deng")


@pytest.mark.parametrize("arguments", NEEDS_A_MEETING, ids=" ".join)
def test_an_unknown_meeting_is_refused(kaohe: Kaohe, arguments: tuple[str, ...]) -> None:
    assert "没有这个编号的会议" in kaohe.refuses(*arguments)


def test_a_program_gets_the_code_of_a_refusal(kaohe: Kaohe) -> None:
    answer = kaohe.apart.run("meeting", "show", "nope", "--json")
    assert answer.code == 2
    assert answer.json["error"] == "meeting_unknown"
    assert answer.err.strip() == f"错误：{answer.json['message']}"


def test_a_wrong_key_opens_nothing_and_the_right_one_still_does(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(KEPT_BY_TELLERS)
    other_id = kaohe.meeting(KEPT_BY_TELLERS)
    key, other_key = kaohe.does("meeting", "key", meeting_id), kaohe.does("meeting", "key", other_id)
    assert "钥匙" in kaohe.apart.refuses("meeting", "prove", meeting_id, typed=other_key)
    assert "钥匙" in kaohe.refuses("meeting", "open", meeting_id)
    kaohe.does("meeting", "prove", meeting_id, typed=key)
    kaohe.does("meeting", "open", meeting_id)
    kaohe.does("meeting", "close", meeting_id)
    for wrong in ("", "ABCD", other_key):
        assert "钥匙" in kaohe.refuses("meeting", "count", meeting_id, typed=wrong)
    assert kaohe.show(meeting_id)["state"] == "closed"
    kaohe.does("meeting", "count", meeting_id, "--key", key.strip())
    assert kaohe.show(meeting_id)["state"] == "counted"


def test_acts_out_of_turn_are_refused(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    for act in ("pause", "close", "count", "publish", "reveal"):
        assert "状态" in kaohe.refuses("meeting", act, meeting_id)
    assert kaohe.show(meeting_id)["state"] == "draft"
    assert "还没有计票" in kaohe.refuses("documents", meeting_id, "--out", str(kaohe.data / "out"))
    assert not (kaohe.data / "out").exists()


def test_a_port_in_use_is_refused_with_another_one_to_take(kaohe: Kaohe) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", kaohe.port))
        taken.listen()
        message = kaohe.apart.refuses("serve")
    assert f"端口 {kaohe.port} 已被另一个程序占用" in message
    assert f"PORT={kaohe.port + 1}" in message


def test_a_second_server_on_one_data_folder_is_refused_whatever_its_port(kaohe: Kaohe) -> None:
    with kaohe.serving():
        assert "已有一个 kaohe 服务器在运行" in kaohe.apart.refuses("serve", PORT=str(kaohe.port + 1))
    with kaohe.serving():
        pass


def test_a_port_that_is_none_is_refused(kaohe: Kaohe) -> None:
    assert "1–65535" in kaohe.apart.refuses("serve", PORT="65536")
    assert "1–65535" in kaohe.refuses("meeting", "list", PORT="eight")


@pytest.mark.parametrize("command", [("serve",), ("meeting", "list")], ids=" ".join)
def test_a_data_folder_that_cannot_be_written_is_refused(
    kaohe: Kaohe, command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "a-file").touch()
    folder = str(tmp_path / "a-file" / "data")
    asked = kaohe.apart if command == ("serve",) else kaohe
    message = asked.refuses(*command, KAOHE_DATA=folder)
    assert folder in message
    assert "无法写入" in message


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://u:geheim@h/db", "postgresql+psycopg://u:geheim@127.0.0.1:1/db", "sqlite:////proc/x/y"]
)
def test_a_database_that_cannot_be_used_is_refused_without_its_password(kaohe: Kaohe, url: str) -> None:
    # A server and every other command open the database in one way.
    is_away = url.startswith("postgresql")
    asked, command = (kaohe.apart, ("serve",)) if is_away else (kaohe, ("meeting", "list"))
    message = asked.refuses(*command, KAOHE_DATABASE_URL=url)
    assert "KAOHE_DATABASE_URL" in message
    assert "geheim" not in message


def test_a_postgresql_without_its_driver_is_refused_with_the_command_that_installs_it(
    kaohe: Kaohe, tmp_path: Path
) -> None:
    (tmp_path / "psycopg.py").write_text("raise ImportError('as where it is not installed')")
    message = kaohe.apart.refuses(
        "serve", KAOHE_DATABASE_URL="postgresql+psycopg://u:geheim@127.0.0.1/db", PYTHONPATH=str(tmp_path)
    )
    assert "驱动 psycopg" in message
    assert "install --require-hashes -r requirements-postgresql.lock" in message
    assert "geheim" not in message


def test_a_start_loads_neither_the_migrations_nor_the_driver_of_postgresql() -> None:
    loaded = "import sys, kaohe.factory; print([name for name in ('alembic', 'psycopg') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_command_about_meetings_and_work_apart_load_no_page_and_no_library_for_office_files() -> None:
    few = "('kaohe.web', 'docx', 'lxml', 'xlsxwriter', 'fpdf', 'fontTools')"
    loaded = "kaohe.cli.meeting, kaohe.cli.results.work"
    listed = f"import sys, {loaded}; print([name for name in sys.modules if name.startswith({few})])"
    done = subprocess.run([sys.executable, "-c", listed], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_database_of_another_version_is_refused(kaohe: Kaohe) -> None:
    kaohe.does("meeting", "list")
    with sqlite3.connect(kaohe.data / "kaohe.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    database.close()
    before = (kaohe.data / "kaohe.sqlite3").read_bytes()
    assert "另一个版本" in kaohe.refuses("meeting", "list")
    assert (kaohe.data / "kaohe.sqlite3").read_bytes() == before


def test_damaged_secrets_are_refused(kaohe: Kaohe) -> None:
    kaohe.does("meeting", "list")
    (kaohe.data / "secrets.json").write_text("{}")
    assert "secrets.json" in kaohe.refuses("meeting", "list")


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("meeting", "create"), "缺少 FILE.toml，用 kaohe meeting create --help 查看用法。"),
        (("recount", "gone.zip"), "BUNDLE 所指的文件或目录打不开，请检查路径和权限。"),
        (("purge", "--as"), "--as 的写法不正确，在命令后面加上 --help 查看用法。"),
        (("meeting", "vote", "x"), "vote"),
        (("meeting", "list", "--colour"), "--colour"),
        (("meeting", "void", "x"), "--reason"),
        (("meeting", "numbers", "x", "--present", "many"), "--present"),
        (("documents", "x"), "--out"),
        (("elect",), "elect"),
        (("demo",), "--live"),
        (("demo", "--live", "--pace", "0"), "--pace"),
        (("demo", "--live", "--count", "131"), "130"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_command_that_is_written_wrong_names_what_is_wrong(
    kaohe: Kaohe, arguments: tuple[str, ...], names: str
) -> None:
    assert names in kaohe.refuses(*arguments)
    assert not kaohe.data.exists()


def test_a_file_that_is_not_there_is_refused(kaohe: Kaohe) -> None:
    assert "no-such-file.toml" in kaohe.refuses("meeting", "create", "no-such-file.toml")


def test_a_demonstration_without_a_server_is_refused(kaohe: Kaohe) -> None:
    assert "ftp://x" in kaohe.refuses("demo", "--live", "--url", "ftp://x")
    assert "没有应答" in kaohe.refuses("demo", "--live", "--url", "http://127.0.0.1:1")
    assert kaohe.run("meeting", "list", "--json").json == []


def test_documents_for_a_folder_that_cannot_be_made_are_refused(kaohe: Kaohe, tmp_path: Path) -> None:
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    for act in ("open", "close", "count"):
        kaohe.does("meeting", act, meeting_id)
    (tmp_path / "a-file").touch()
    assert "无法写入" in kaohe.refuses("documents", meeting_id, "--out", str(tmp_path / "a-file"))


def test_a_ticket_that_cannot_be_voided_is_refused(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    code = kaohe.tickets(meeting_id)["全体"][0]
    kaohe.does("tickets", meeting_id, "void", code)
    assert "已经作废" in kaohe.refuses("tickets", meeting_id, "void", code)
    assert "核对" in kaohe.refuses("tickets", meeting_id, "reissue", "1234")
    assert kaohe.show(meeting_id)["board"]["printed"] == 4


def test_a_bad_meeting_file_makes_no_meeting(kaohe: Kaohe, tmp_path: Path) -> None:
    path = tmp_path / "meeting.toml"
    bad = {
        "第 2 行": 'title = "年度"\nunit = = "统计局"',
        "groups[1].weight": TWO_SUBJECTS + "weight = 130",
        "decimals": TWO_SUBJECTS + "[scheme]\ndecimals = 9",
        "可运行 kaohe roster read 名单.csv 查看": TWO_SUBJECTS.replace(
            'subjects = ["张伟", "李娜"]', 'subjects_file = "名单.csv"'
        ),
        "subjects_file": TWO_SUBJECTS.replace('subjects = ["张伟", "李娜"]', ""),
    }
    (tmp_path / "名单.csv").write_text("姓名\n张伟\n张伟\n", encoding="utf-8")
    for names, text in bad.items():
        path.write_text(text, encoding="utf-8")
        assert names in kaohe.refuses("meeting", "create", str(path))
    path.write_bytes(TWO_SUBJECTS.encode("gb18030"))
    assert "UTF-8" in kaohe.refuses("meeting", "create", str(path))
    path.write_text(TWO_SUBJECTS.replace('subjects = ["张伟", "李娜"]', 'subjects_file = "x.xlsx"'), encoding="utf-8")
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 broken")
    assert "损坏" in kaohe.refuses("meeting", "create", str(path))
    assert json.loads(kaohe.does("meeting", "list", "--json")) == []
