"""``kaohe backup`` and ``kaohe restore`` as an operator types them, with the server running or stopped."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

from processes import TWO_SUBJECTS, Kaohe


def test_a_backup_is_made_while_phones_vote_and_goes_back_only_after_the_server_has_stopped(
    kaohe: Kaohe, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite3"
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    codes = kaohe.tickets(meeting_id)["全体"]
    kaohe.does("meeting", "open", meeting_id)
    with kaohe.serving() as server:
        assert "开机自检" in server.printed
        kaohe.vote(meeting_id, codes[0], "excellent")
        said = kaohe.does("backup", "--out", str(copy))
        assert "收回 1 张" in said
        assert "1 张尚未开箱的封票" in said
        assert str(copy) in kaohe.refuses("backup", "--out", str(copy))
        assert "先停止服务器" in kaohe.refuses("restore", str(copy))
        kaohe.vote(meeting_id, codes[1], "excellent")
        assert server.stop() == 0
    assert "1 张选票" in kaohe.refuses("restore", str(copy))
    assert "两个" in kaohe.refuses("restore", str(copy), "--approved-by", "王主持")
    assert kaohe.show(meeting_id)["board"]["cast"] == 2

    done = kaohe.does("restore", str(copy), "--approved-by", "王主持", "--approved-by", "李监票")
    (kept,) = re.findall(r"另存为 (\S+)；", done)
    assert Path(kept).is_file()
    assert kaohe.show(meeting_id)["board"]["cast"] == 1
    with kaohe.serving() as server:
        # Nobody has asked this one anything yet.
        assert "先停止服务器" in kaohe.refuses("restore", str(copy))
        assert kaohe.vote(meeting_id, codes[1], "excellent").status == 200
        assert server.stop() == 0
    assert kaohe.show(meeting_id)["board"]["cast"] == 2


def test_a_printed_head_that_the_backup_does_not_know_keeps_it_out(kaohe: Kaohe, tmp_path: Path) -> None:
    copy, newer = tmp_path / "copy.sqlite3", tmp_path / "newer.sqlite3"
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    kaohe.tickets(meeting_id)
    kaohe.does("meeting", "open", meeting_id)
    kaohe.does("backup", "--out", str(copy))
    kaohe.does("meeting", "close", meeting_id)
    (head,) = re.findall(r"校验码 ((?:[0-9a-f]{4} ?){8})", kaohe.does("backup", "--out", str(newer)))

    for path in kaohe.data.glob("kaohe.sqlite3*"):
        path.unlink()
    assert "校验码" in kaohe.refuses("restore", str(copy), "--head", head)
    assert "8 组" in kaohe.refuses("restore", str(copy), "--head", "abcd")
    assert "收回 0 张" in kaohe.does("restore", str(newer), "--head", head)
    assert kaohe.show(meeting_id)["state"] == "closed"


def test_backups_on_a_timer_are_named_by_their_time_and_one_is_verified_later_without_a_change(
    kaohe: Kaohe, tmp_path: Path
) -> None:
    folder = tmp_path / "备份 目录"
    folder.mkdir()
    kaohe.meeting(TWO_SUBJECTS)
    assert "二者选一" in kaohe.refuses("backup")
    assert "二者选一" in kaohe.refuses("backup", "--to", str(folder), "--out", str(folder / "copy"))
    (folder / "kaohe-20200101T000000Z.backup").write_bytes(b"")
    assert "已删去旧的备份 1 份：超过 7 天的" in kaohe.does("backup", "--to", str(folder), "--keep-days", "7")
    (made,) = folder.iterdir()
    before = made.read_bytes()
    assert "备份完整，与密钥文件相符" in kaohe.does("verify-backup", str(made))
    assert made.read_bytes() == before

    elsewhere = replace(kaohe, data=tmp_path / "别处")
    elsewhere.data.mkdir()
    assert "密钥文件" in elsewhere.refuses("verify-backup", str(made))
    assert list(elsewhere.data.iterdir()) == []
    shutil.copy(kaohe.data / "secrets.json", elsewhere.data)
    assert "备份完整，与密钥文件相符" in elsewhere.does("verify-backup", str(made))
    assert [path.name for path in elsewhere.data.iterdir()] == ["secrets.json"]

    made.write_bytes(before[: len(before) // 2])
    assert "备份" in kaohe.refuses("verify-backup", str(made))
