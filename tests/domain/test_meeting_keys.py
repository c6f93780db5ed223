"""The key that one slip can name for every round."""

from __future__ import annotations

import re
from dataclasses import replace

from kaohe.domain.envelopes import BoxKey
from kaohe.domain.meeting_keys import MeetingKey, derive_meeting_key, round_key_statement, shown_key
from kaohe.domain.record_chain import is_signed

SECRET = b"s" * 32
KEY = derive_meeting_key(SECRET, "m1")
BOX = BoxKey(b"b" * 32).public


def test_a_meeting_has_one_key_and_no_other_has_it() -> None:
    assert derive_meeting_key(SECRET, "m1") == KEY
    others = (derive_meeting_key(SECRET, "m2"), derive_meeting_key(b"t" * 32, "m1"), MeetingKey(SECRET))
    assert len({KEY.public, *(other.public for other in others)}) == 4


def test_its_fingerprint_is_four_groups_of_four() -> None:
    assert [len(part) for part in KEY.fingerprint.split("-")] == [4, 4, 4, 4]


def test_its_private_half_is_in_no_text() -> None:
    assert KEY.private.hex() not in repr(KEY)
    assert repr(KEY.private) not in repr(KEY)


def test_a_round_is_signed_with_its_box_and_no_other() -> None:
    signature = KEY.sign(round_key_statement("r1", BOX))
    assert is_signed(KEY.public, signature, round_key_statement("r1", BOX))
    assert not is_signed(KEY.public, signature, round_key_statement("r2", BOX))
    assert not is_signed(KEY.public, signature, round_key_statement("r1", BoxKey(b"c" * 32).public))
    assert not is_signed(replace(KEY, private=b"x" * 32).public, signature, round_key_statement("r1", BOX))


def test_a_key_is_shown_by_its_fingerprint_and_a_picture_that_is_alike_on_both_sides() -> None:
    shown = shown_key("会议印记", KEY.public)
    assert (shown.label, shown.text) == ("会议印记", KEY.fingerprint)
    squares = {tuple(map(int, place)) for place in re.findall(r"M(\d) (\d)h1v1h-1z", shown.picture)}
    assert shown.picture == "".join(f"M{x} {y}h1v1h-1z" for x, y in sorted(squares, key=lambda place: place[::-1]))
    assert squares == {(6 - x, y) for x, y in squares} <= {(x, y) for x in range(7) for y in range(7)}
    assert shown.picture != shown_key("会议印记", MeetingKey(SECRET).public).picture
