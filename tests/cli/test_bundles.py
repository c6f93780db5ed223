"""The archive by command: exported here, verified and recounted with nothing but the file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from processes import ROOT, Kaohe

from bench.hall import free_port
from kaohe.domain.meeting_keys import derive_meeting_key
from kaohe.domain.signed_receipts import ReceiptSigner

MEETING = """
title = "2026 年度民主测评会"
preset = "si-deng"
hall_view = "turnout"
subjects = ["张伟", "李娜"]
[[groups]]
label = "全体"
entitled = 4
"""


def _held(kaohe: Kaohe) -> tuple[str, str]:
    """The meeting, and the signed receipt of one of its ballots."""
    meeting_id = kaohe.meeting(MEETING)
    (codes,) = kaohe.tickets(meeting_id).values()
    kaohe.does("meeting", "open", meeting_id)
    with kaohe.serving():
        for code, grade in zip(codes, ("excellent", "competent", "excellent"), strict=False):
            receipt = kaohe.vote(meeting_id, code, grade)
            assert receipt.status == 200
    kaohe.does("meeting", "close", meeting_id)
    kaohe.does("meeting", "count", meeting_id)
    return meeting_id, str(receipt.soup.select_one("input[name=signed]")["value"])


def test_a_bundle_is_verified_and_recounted_on_another_machine(kaohe: Kaohe, tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    meeting_id, signed = _held(kaohe)
    assert kaohe.does("bundle", meeting_id, "--out", str(path)).strip() == str(path)
    elsewhere = Kaohe(tmp_path / "elsewhere", free_port())

    said = elsewhere.does("verify", str(path))
    assert said.startswith("会议：")
    assert "，第 1 轮" in said.splitlines()[0]
    assert "没有签名钥匙" not in said
    assert "归档包完好" in said
    head = next(line.partition("：")[2] for line in said.splitlines() if "开箱计票" in line)
    assert "归档包完好" in elsewhere.does("verify", str(path), "--head", head.upper())
    assert elsewhere.run("verify", str(path), "--head", "0000 " * 8).code == 1
    assert "完全一致：3 张票，2 个考核对象" in elsewhere.does("recount", str(path))
    secret = bytes.fromhex(json.loads((kaohe.data / "secrets.json").read_text())["signing_key"])
    key = derive_meeting_key(secret, meeting_id).private
    never_stored = ReceiptSigner.of(key, meeting_id, 1).signed(bytes(32))
    made_up = ReceiptSigner.of(bytes(32), meeting_id, 1).signed(bytes(32))
    of_another = ReceiptSigner.of(key, meeting_id, 2).signed(bytes(32))
    assert "签名有效，票在票箱里，已经计入" in elsewhere.does("verify", str(path), "--receipt", signed)
    for text, told in (
        (never_stored, "证据成立"),
        (made_up, "不是本系统签发的"),
        (of_another, "属于另一场会议或另一轮"),
        (signed[:-1], "这不是完整的签名回执"),
    ):
        refused = elsewhere.run("verify", str(path), "--receipt", signed, "--receipt", text)
        assert (refused.code > 0, told in refused.out + refused.err) == (True, True)
    assert not elsewhere.data.exists()
    alone = tmp_path / "recount.py"
    alone.write_bytes((ROOT / "kaohe" / "recount.py").read_bytes())
    done = subprocess.run([sys.executable, "-I", str(alone), str(path)], capture_output=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")

    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    refused = elsewhere.run("verify", str(path))
    assert (refused.code, refused.out[:6]) == (1, "核验不通过：")


def test_what_is_no_bundle_is_said_to_be_none(kaohe: Kaohe, tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    other.write_bytes(b"PK")
    assert kaohe.run("verify", str(other)).code == 1
    assert kaohe.run("recount", str(other)).code == 2
    assert kaohe.run("recount", str(tmp_path / "none.zip")).code == 2
    assert "没有" in kaohe.refuses("bundle", "nothing", "--out", str(tmp_path / "x.zip"))
