"""A stop (SIGTERM) answers whatever waits in the queue before the process ends."""

from __future__ import annotations

import signal
import socket
from dataclasses import replace
from pathlib import Path

from faults.hall_under_fault import Attacked, until
from faults.test_locked_database import held
from processes import TWO_SUBJECTS, Kaohe

from bench.hall import FORM, new_nonce
from bench.phones import RECEIPT

PHONES = 8


def stop_with_a_full_queue(folder: Path, plant: str) -> tuple[list[bytes], int, str]:
    """(what each phone got, how many ballots are stored, what the server said at its end)."""
    attacked = Attacked.open(folder, PHONES, plant)
    attacked.start()
    assert attacked.running is not None
    process, log = attacked.running.process, attacked.running.log
    lines = [socket.create_connection(("127.0.0.1", attacked.port), timeout=60) for _ in range(PHONES)]
    with held(folder):
        for line, code in zip(lines, attacked.hall.codes, strict=True):
            body = attacked.hall.body(code, new_nonce())
            head = (
                f"POST {attacked.hall.path} HTTP/1.1\r\nHost: localhost\r\nX-Kaohe-Script: 1\r\n"
                "Expect: 100-continue\r\n"
                f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            line.sendall(head.encode())
            assert line.recv(100).startswith(b"HTTP/1.1 100"), "the request has begun"
            line.sendall(body)
        process.send_signal(signal.SIGTERM)
        until(lambda: "正在停止" in log.read_text(encoding="utf-8"))
    replies = []
    for line in lines:
        with line:
            replies.append(b"".join(iter(lambda line=line: _received(line), b"")))
    assert process.wait(60) == 0
    return replies, attacked.stored(), log.read_text(encoding="utf-8")


def _received(line: socket.socket) -> bytes:
    try:
        return line.recv(65536)
    except ConnectionResetError:
        return b""


def test_a_stop_answers_what_is_queued_and_then_ends(tmp_path: Path) -> None:
    replies, stored, said = stop_with_a_full_queue(tmp_path, "patient")
    assert [reply[:12] for reply in replies] == [b"HTTP/1.1 200"] * PHONES
    assert len({RECEIPT.findall(reply)[0] for reply in replies}) == PHONES
    assert stored == PHONES
    assert f"先处理完手上的 {PHONES} 个请求" in said
    assert said.rstrip().endswith("服务器已停止，数据已保存。")


def test_a_stop_that_waits_for_nothing_is_caught(tmp_path: Path) -> None:
    replies, _, said = stop_with_a_full_queue(tmp_path, "hasty_stop")
    # Nothing is said to those who are cut off: whoever gets no reply sends the ballot again, elsewhere.
    assert replies == [b""] * PHONES
    assert "没有来得及处理完" in said


def test_a_server_that_drains_sends_proxies_away_and_takes_ballots_until_it_stops(kaohe: Kaohe) -> None:
    draining = replace(kaohe, settings={"KAOHE_DRAIN_SECONDS": "300"})
    meeting_id = draining.meeting(TWO_SUBJECTS)
    code = draining.tickets(meeting_id)["全体"][0]
    draining.does("meeting", "open", meeting_id)
    with draining.serving() as server:
        assert draining.get("/ready").status == 200
        server.ask_to_stop()
        until(lambda: draining.get("/ready").status == 503)
        assert draining.get("/ready").soup.text == "stopping\n"
        assert draining.vote(meeting_id, code, "excellent").status == 200
        # Whoever will not wait asks again.
        assert server.stop() == 0
        assert server.printed.rstrip().endswith("服务器已停止，数据已保存。")
