"""What a phone posts is never longer than what was reckoned for its form."""

from __future__ import annotations

from urllib.parse import urlencode

from ballot_forms import ballots_on, fields_of, style_of, styles
from hypothesis import given, settings
from hypothesis import strategies as st
from stated_forms import FIRST_ONLY, MIXED, PLAIN

from kaohe.domain.ballots import ABSTAIN, BODY_BYTES_AT_MOST, COMMENTS_BYTES, Ballot, comment_field, longest_body
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject
from kaohe.web.bodies import VOTER_BODY

BESIDE = [("ticket", "ABCD-EFGH-JKMN-PQ"), ("nonce", "n" * 64), ("round", "12"), ("back", "1")]
FULL_WIDTH = str.maketrans("0123456789.-", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff0e\uff0d")


def posted(fields: list[tuple[str, str]]) -> int:
    return len(urlencode([*BESIDE, *fields]))


def test_the_server_takes_what_a_phone_pads_for_the_longest_form() -> None:
    assert len(urlencode(BESIDE)) + len("&pad=") + BODY_BYTES_AT_MOST < VOTER_BODY


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_ballot_on_any_form_is_longer_than_was_reckoned(data: st.DataObject) -> None:
    style = data.draw(styles())
    ballot = data.draw(ballots_on(style))
    typed = {cell.field for cell in style.cells if cell.scale is not None}
    fields = [
        (name, mark.translate(FULL_WIDTH) if name in typed and mark != ABSTAIN else mark)
        for name, mark in fields_of(style, ballot)
    ]
    # Fields to type in are posted blank as well: numbers of whom is left out or abstained from, and comments.
    named = {name for name, mark in fields if mark != ABSTAIN}
    blank = {cell.field for cell in style.cells if cell.scale is not None} - named
    commented = {comment_field(s.key) for part in style.sections if part.scheme.comments_wanted for s in part.subjects}
    assert posted([*fields, *((name, "") for name in blank | (commented - named))]) <= longest_body(style)


def test_the_longest_ballot_comes_close_to_what_was_reckoned() -> None:
    people = [Subject(f"s{number}", f"人{number}") for number in range(1, 101)]
    style = style_of(load_preset("de-neng-qin-ji-lian"), *people)
    marks = dict.fromkeys(style.items, "basically_competent")
    length = posted(fields_of(style, Ballot(marks, {})))
    assert length <= longest_body(style) <= length * 1.03


def test_a_form_with_comments_has_room_for_all_of_them_and_for_the_blank_ones() -> None:
    text = "评" * (COMMENTS_BYTES // 3 - 10)
    fields = [*fields_of(MIXED, FIRST_ONLY)[:-1], (comment_field("s1"), text), (comment_field("s2"), "")]
    assert posted(fields) <= longest_body(MIXED)
    assert longest_body(PLAIN) < COMMENTS_BYTES
