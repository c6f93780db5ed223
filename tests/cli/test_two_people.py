"""Two people at one command line, where the meeting asks for them."""

from __future__ import annotations

from collections.abc import Callable

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


YEAR = """
title = "2026年度考核"
preset = "zhen-pingshi-niandu"
two_people = true
subjects = ["张伟"]
periods_file = "quarters.csv"
"""
BOTH = ("--as", "王主持", "--confirm-as", "李监票")


@pytest.fixture
def two(kaohe: Kaohe) -> Kaohe:
    """An installation with two organizers and a teller."""
    for name, role in (("王主持", "organizer"), ("李监票", "teller"), ("张组织", "organizer")):
        link = kaohe.does("sign-in-link", "--role", role).strip()
        with create_app(Config(kaohe.data, sqlite_url(kaohe.data))).app_context():
            create_account(link.rpartition("#")[2], name, PASSWORD)
            close_database()
    return kaohe


@pytest.fixture
def meeting_id(two: Kaohe) -> str:
    found = two.meeting(MEETING)
    two.does("meeting", "open", found)
    return found


def test_one_person_is_told_how_two_do_it_and_nothing_happens(kaohe: Kaohe, meeting_id: str) -> None:
    for arguments in (("close",), ("void", "--reason", "核对")):
        assert "--confirm-as" in kaohe.refuses("meeting", arguments[0], meeting_id, *arguments[1:])
    assert kaohe.show(meeting_id)["state"] == "open"


def test_two_people_with_their_passwords_close_and_count(kaohe: Kaohe, meeting_id: str) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    assert "收回 0 张" in kaohe.does("meeting", "close", meeting_id, *BOTH, typed=typed)
    assert "共 0 张" in kaohe.does("meeting", "count", meeting_id, *BOTH, typed=typed)
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


def test_who_rules_by_script_is_a_person_and_another_one_publishes(two: Kaohe, folder: Callable[..., str]) -> None:
    folder("quarters.csv", "姓名,时段,得分\n张伟,第一季度,91\n")
    year = two.does("meeting", "create", folder("year.toml", YEAR)).strip()
    two.does("meeting", "open", year)
    two.does("meeting", "count", year, *BOTH, typed=f"{PASSWORD}\n{PASSWORD}\n")
    others = ("ruling", "others", year, "审定")
    rule = ("ruling", "rule", year, "审定", "称职", "张伟", "--reason", "经研究")
    withdraw = ("ruling", "withdraw", year, "审定", "--reason", "再议")
    for command in (others, rule, withdraw, ("meeting", "publish", year)):
        assert "请用 --as 写明操作人" in two.refuses(*command)
    assert "密码不正确" in two.refuses(*rule, "--as", "王主持", typed="wrong\n")
    assert "组织者" in two.refuses(*rule, "--as", "李监票", typed=f"{PASSWORD}\n")
    assert two.show(year)["result"]["subjects"][0]["tier"] == "优秀"
    two.does(*rule, "--as", "王主持", typed=f"{PASSWORD}\n")
    publish = ("meeting", "publish", year, "--without-present")
    assert "另一位组织者" in two.refuses(*publish, "--as", "王主持", typed=f"{PASSWORD}\n")
    assert two.show(year)["state"] == "counted"
    two.does(*publish, "--as", "张组织", typed=f"{PASSWORD}\n")
    assert two.show(year)["result"]["subjects"][0]["tier"] == "称职"
