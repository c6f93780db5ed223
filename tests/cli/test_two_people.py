"""Two people at one command line, where the meeting asks for them."""

from __future__ import annotations

import pytest
from processes import Kaohe

from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.operations.people.sign_in_links import create_account
from kaohe.storage.starting import close_database

PASSWORD = "一把好用的长密码"
MEETING = """
title = "两人操作测评会"
unit = "青山区统计局"
preset = "si-deng"
hall_view = "turnout"
two_people = true
subjects = ["张伟", "李娜"]
[[groups]]
label = "全体"
entitled = 3
"""


@pytest.fixture
def meeting_id(kaohe: Kaohe) -> str:
    for name, role in (("王主持", "organizer"), ("李监票", "teller")):
        link = kaohe.does("sign-in-link", "--role", role).strip()
        with create_app(Config(kaohe.data, sqlite_url(kaohe.data))).app_context():
            create_account(link.rpartition("#")[2], name, PASSWORD)
            close_database()
    found = kaohe.meeting(MEETING)
    kaohe.does("meeting", "open", found)
    return found


def test_one_person_is_told_how_two_do_it_and_nothing_happens(kaohe: Kaohe, meeting_id: str) -> None:
    for arguments in (("close",), ("void", "--reason", "核对")):
        assert "--confirm-as" in kaohe.refuses("meeting", arguments[0], meeting_id, *arguments[1:])
    assert kaohe.show(meeting_id)["state"] == "open"


def test_two_people_with_their_passwords_close_and_count(kaohe: Kaohe, meeting_id: str) -> None:
    both = ("--as", "王主持", "--confirm-as", "李监票")
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    assert "收回 0 张" in kaohe.does("meeting", "close", meeting_id, *both, typed=typed)
    assert "共 0 张" in kaohe.does("meeting", "count", meeting_id, *both, typed=typed)
    assert kaohe.show(meeting_id)["state"] == "counted"


@pytest.mark.parametrize(
    ("first", "second", "typed", "said"),
    [
        ("王主持", "王主持", f"{PASSWORD}\n{PASSWORD}\n", "两个人"),
        ("王主持", "李监票", f"{PASSWORD}\nwrong\n", "密码不正确"),
        ("李监票", "王主持", f"{PASSWORD}\n{PASSWORD}\n", "只有组织者"),
        ("无此人", "李监票", f"{PASSWORD}\n{PASSWORD}\n", "密码不正确"),
    ],
)
def test_two_names_that_are_not_two_people_close_nothing(
    kaohe: Kaohe, meeting_id: str, first: str, second: str, typed: str, said: str
) -> None:
    assert said in kaohe.refuses("meeting", "close", meeting_id, "--as", first, "--confirm-as", second, typed=typed)
    assert kaohe.show(meeting_id)["state"] == "open"
