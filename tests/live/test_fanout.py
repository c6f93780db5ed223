"""One event reaches every viewer once; a slow viewer gets the newest and not the queue."""

from __future__ import annotations

import re
import threading

from kaohe.live.fanout import HEARTBEAT, Channel, encode_event


def test_an_event_is_encoded_for_the_wire():
    event = encode_event("stage", "abc", "<p>一\n\n  <b>二</b></p>\n")
    assert event.payload.decode() == "event: stage\nid: abc\ndata: <p>一\ndata: <b>二</b></p>\n\n"


def test_a_stream_begins_with_a_pause_for_reconnecting_that_differs_from_viewer_to_viewer():
    channel = Channel(0.01)
    first = [next(channel.listen(None)).decode() for _ in range(40)]
    assert all(re.fullmatch(r"retry: \d{4}\n\n", chunk) for chunk in first)
    assert len(set(first)) > 10


def test_twenty_viewers_all_get_the_newest_from_the_same_bytes():
    channel = Channel(5)
    got: list[bytes] = []
    ready = threading.Barrier(21)

    def view() -> None:
        stream = channel.listen(None)
        next(stream)
        got.append(next(stream))
        ready.wait()
        got.append(next(stream))

    viewers = [threading.Thread(target=view) for _ in range(20)]
    for viewer in viewers:
        viewer.start()
    one, two = encode_event("stage", "1", "one"), encode_event("stage", "2", "two")
    channel.publish(one)
    ready.wait()
    channel.publish(two)
    for viewer in viewers:
        viewer.join(10)
    assert len(got) == 40
    assert {id(chunk) for chunk in got} == {id(one.payload), id(two.payload)}


def test_a_slow_viewer_skips_to_the_newest():
    channel = Channel(0.01)
    stream = channel.listen(None)
    next(stream)
    for number in range(50):
        channel.publish(encode_event("stage", str(number), "x"))
    assert b"id: 49\n" in next(stream)
    assert next(stream) == HEARTBEAT


def test_what_a_viewer_has_seen_is_not_sent_again():
    channel = Channel(0.01)
    channel.publish(encode_event("stage", "7", "x"))
    stream = channel.listen("7")
    next(stream)
    assert next(stream) == HEARTBEAT
    channel.publish(encode_event("stage", "7", "x"))
    assert next(stream) == HEARTBEAT
    channel.publish(encode_event("stage", "8", "x"))
    assert b"id: 8\n" in next(stream)


def test_a_heartbeat_is_a_comment():
    assert HEARTBEAT.startswith(b":")
    assert HEARTBEAT.endswith(b"\n\n")


class Heard:
    """A line that keeps what is pushed to it."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def push(self, message: bytes) -> None:
        self.messages.append(message)


def test_a_line_is_pushed_every_event_after_it_joined_and_none_after_it_left():
    channel, line = Channel(), Heard()
    events = [encode_event("stage", str(number), "x") for number in range(4)]
    channel.publish(events[0])
    channel.join(line, None)
    channel.publish(events[1])
    channel.publish(events[1])
    channel.beat()
    channel.leave(line)
    channel.leave(line)
    channel.publish(events[2])
    assert line.messages[0].startswith(b"retry: ")
    assert line.messages[1:] == [events[0].payload, events[1].payload, HEARTBEAT]


def test_a_line_that_has_seen_the_newest_waits_for_the_next():
    channel, line = Channel(), Heard()
    channel.publish(encode_event("stage", "7", "x"))
    channel.join(line, "7")
    assert len(line.messages) == 1
    channel.publish(encode_event("stage", "8", "x"))
    assert b"id: 8\n" in line.messages[1]
