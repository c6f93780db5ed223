"""Who may do what, and when: one table that a personnel officer can read (谁可以做什么).

组 is the organizer (组织者), 监 the teller (监票人), 人 HR (人事), 纪 the observer (纪检), 管 the administrator
(管理员). A dash says that nobody may, because the act has no sense in that state; the act itself then says so. An
account may have several roles. They are held in one unit and count there and in all units below it: what belongs to
another unit is for such an account as if it did not exist. What concerns the whole installation asks for a role that is
held at the top.
The same table is printed in ``docs/permissions.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kaohe.domain.errors import NotAllowed
from kaohe.domain.meetings import MeetingState
from kaohe.domain.state_words import state_word


class Role(StrEnum):
    """What an account is there for."""

    ORGANIZER = "organizer"
    TELLER = "teller"
    HR = "hr"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"


class Act(StrEnum):
    """What a page of the console shows or does; every route of it names one."""

    ENTER = "enter"
    OWN_ACCOUNT = "own_account"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_UNITS = "manage_units"
    MANAGE_API_TOKENS = "manage_api_tokens"
    RUN_INSTALLATION = "run_installation"
    LIST_MEETINGS = "list_meetings"
    REGISTER_PEOPLE = "register_people"
    LOOK_UP = "look_up"
    MERGE_PEOPLE = "merge_people"
    BUILD_YEARS = "build_years"
    CREATE_MEETING = "create_meeting"
    COPY_MEETING = "copy_meeting"
    PUT_AWAY = "put_away"
    WRITE_SCHEMES = "write_schemes"
    PREPARE = "prepare"
    DRAW_UP_KEY = "draw_up_key"
    PROVE_KEY = "prove_key"
    ISSUE_TICKETS = "issue_tickets"
    REPLACE_TICKETS = "replace_tickets"
    REISSUE_TICKET = "reissue_ticket"
    MAKE_LATE_SLIPS = "make_late_slips"
    REHEARSE = "rehearse"
    SEE_BOARD = "see_board"
    RECORD_NUMBERS = "record_numbers"
    BRING_INPUTS = "bring_inputs"
    STEER_WALL = "steer_wall"
    LEAD_SPEECHES = "lead_speeches"
    CALL_SPOT_VOTES = "call_spot_votes"
    TYPE_PAPER = "type_paper"
    CHALLENGE = "challenge"
    OPEN = "open"
    PAUSE = "pause"
    CLOSE = "close"
    COUNT = "count"
    RULE = "rule"
    PUBLISH = "publish"
    CORRECT = "correct"
    REVIEW = "review"
    REVIEW_COMMENTS = "review_comments"
    REVEAL = "reveal"
    VOID = "void"
    PROPOSE = "propose"
    SECOND = "second"
    SEE_RESULT = "see_result"
    SEE_RECORD = "see_record"
    TAKE_DOCUMENTS = "take_documents"
    PRINT_MATERIAL = "print_material"
    TAKE_BALLOTS = "take_ballots"
    KEEP = "keep"
    PURGE = "purge"


ROLE_LABELS: Mapping[Role, str] = {
    Role.ORGANIZER: "组织者",
    Role.TELLER: "监票人",
    Role.HR: "人事",
    Role.OBSERVER: "纪检",
    Role.ADMINISTRATOR: "管理员",
}
ROLE_HINTS: Mapping[Role, str] = {
    Role.ORGANIZER: "筹备和主持会议，查看结果，导出文件。",
    Role.TELLER: "看票数和操作记录，试开钥匙，监票抽查，录入纸质票，开箱计票，确认两人操作；看不到会议设置。",
    Role.HR: "登记、合并人员，查找和比较结果，录入其他成绩和认定，审定等次，汇总单位年度，处理复核申请，审核意见建议，"
    "取归档文件，为人事系统生成接口令牌；看不到选票。",
    Role.OBSERVER: "现场监督：看票数和操作记录，不做任何操作；看不到会议设置和结果。",
    Role.ADMINISTRATOR: "管理账号和单位，查看服务器状态，到期清除选票；不看任何会议的设置、票数和结果。",
}
STATE_LABELS: Mapping[MeetingState, str] = {
    state: state_word(state, is_paused=False, has_votes=True) for state in MeetingState
}

_ANY_TIME = """
进入控制台               | enter            | 组监人纪管
管理自己的账号           | own_account      | 组监人纪管
管理账号                 | manage_accounts  | 管
管理单位                 | manage_units     | 管
管理接口令牌             | manage_api_tokens | 组人
查看会议列表             | list_meetings    | 组监人纪
查看、登记人员           | register_people  | 组人
查找、比较已公布的结果   | look_up          | 组人
合并人员记录、撤销合并   | merge_people     | 人
汇总、公布各单位的年度   | build_years      | 组人
新建测评会               | create_meeting   | 组
查看、修改本单位方案     | write_schemes    | 组
"""
_AT_THE_TOP = """
查看服务器状态、运行指标 | run_installation | 管
"""
_BY_STATE = """
                                            未始 | 投票 | 结束 | 计票 | 公布 | 清除
查看设置和票，开始前修改 | prepare        | 组   | 组   | 组   | 组   | 组   | 组
照这场会议新建一场       | copy_meeting   | 组   | 组   | 组   | 组   | 组   | 组
归档、删除、放回列表     | put_away       | 组   | 组   | 组   | 组   | 组   | 组
生成监票人的钥匙单       | draw_up_key    | 组   | –    | –    | –    | –    | –
试开钥匙                 | prove_key      | 组监 | –    | –    | –    | –    | –
制票、印票、导出票码     | issue_tickets  | 组   | –    | –    | –    | –    | –
作废测评票、更换会场码   | replace_tickets | 组  | 组   | –    | –    | –    | –
换发测评票               | reissue_ticket | 组   | 组   | –    | –    | –    | –
为迟到的人另制新票       | make_late_slips | –   | 组   | –    | –    | –    | –
试投                     | rehearse       | 组   | –    | –    | –    | –    | –
查看票数和主持页面       | see_board      | 组监纪 | 组监纪 | 组监纪 | 组监纪 | 组监纪 | 组监纪
登记实到和未发出         | record_numbers | 组   | 组   | 组   | 组   | –    | –
其他成绩、往期和认定     | bring_inputs   | 组人 | 组人 | 组人 | 组人 | 组人 | 组人
大屏换画面               | steer_wall     | 组   | 组   | 组   | 组   | 组   | 组
演讲抽签与计时           | lead_speeches  | 组   | 组   | 组   | –    | –    | –
现场票决                 | call_spot_votes | 组  | 组   | 组   | 组   | 组   | 组
录入纸质票               | type_paper     | –    | –    | 组监 | –    | –    | –
监票抽查                 | challenge      | 组监 | –    | 组监 | –    | –    | –
开始投票                 | open           | 组   | –    | –    | –    | –    | –
暂停、恢复收票           | pause          | –    | 组   | –    | –    | –    | –
结束投票                 | close          | –    | 组   | –    | –    | –    | –
开箱计票                 | count          | –    | –    | 组监 | –    | –    | –
审定等次                 | rule           | –    | –    | –    | 组人 | 组人 | 组人
公布结果                 | publish        | –    | –    | –    | 组   | –    | –
更正已公布的结果         | correct        | –    | –    | –    | –    | 组   | 组
登记、处理复核申请       | review         | –    | –    | –    | –    | 组人 | 组人
审核意见建议             | review_comments | –   | –    | –    | 组   | 组人 | –
大屏揭晓                 | reveal         | –    | –    | –    | –    | 组   | –
本轮作废                 | void           | –    | 组   | 组   | 组   | 组   | –
提出两人操作             | propose        | –    | 组监 | 组监 | 组   | 组管 | 组管
确认或撤回两人操作       | second         | –    | 组监 | 组监 | 组监 | 组监管 | 组监管
查看测评结果             | see_result     | 组   | 组   | 组   | 组人 | 组人 | 组人
查看操作记录             | see_record     | 组监纪 | 组监纪 | 组监纪 | 组监人纪 | 组监人纪 | 组监人纪
取归档文件               | take_documents | –    | –    | –    | 组人 | 组人 | 组人
取整票清单和归档包       | take_ballots   | –    | –    | –    | 组   | 组   | 组
打印述职、自评材料       | print_material | 组   | 组   | 组   | 组   | 组人 | 组人
保存期和清除日期         | keep           | 组   | 组   | 组   | 组   | 组管 | 组管
清除整票                 | purge          | –    | –    | –    | –    | 组管 | 组管
"""
_LETTERS = {"组": Role.ORGANIZER, "监": Role.TELLER, "人": Role.HR, "纪": Role.OBSERVER, "管": Role.ADMINISTRATOR}
_NOBODY = "–"


@dataclass(frozen=True, slots=True)
class Permission:
    """One act: its name in words, and who may do it in each state of a meeting."""

    act: Act
    label: str
    by_state: Mapping[MeetingState, frozenset[Role]]
    is_of_a_meeting: bool
    """Otherwise every state holds the same roles."""
    is_at_the_top: bool
    """Whether it concerns the whole installation, and the role must be held in the unit at the top."""

    @property
    def ever(self) -> frozenset[Role]:
        """Who may do it in some state."""
        return frozenset().union(*self.by_state.values())


def may(roles: Collection[Role], act: Act, state: MeetingState | None = None, *, is_at_the_top: bool = True) -> bool:
    """Whether somebody with these roles may do it; without a state: in some state.

    ``is_at_the_top`` says whether the roles are held in the unit at the top. Whether the meeting belongs to a unit
    within their reach is ``units.Reach``'s to say.
    """
    permission = PERMISSIONS[act]
    allowed = permission.ever if state is None else permission.by_state[state]
    return not allowed.isdisjoint(roles) and (is_at_the_top or not permission.is_at_the_top)


def require_may(
    roles: Collection[Role], act: Act, state: MeetingState | None = None, *, is_at_the_top: bool = True
) -> None:
    """Let the act pass for whoever may do it now; ``is_at_the_top`` as in ``may``.

    Where nobody may in this state, whoever may in another one passes: the act itself refuses it in its own words.

    Raises:
        NotAllowed: saying who may.
    """
    if may(roles, act, state, is_at_the_top=is_at_the_top):
        return
    permission = PERMISSIONS[act]
    if state is not None and not permission.by_state[state] and may(roles, act):
        return
    allowed = permission.by_state[state] if state is not None else permission.ever
    when = f"在会议处于“{STATE_LABELS[state]}”状态时" if state is not None and allowed and may(roles, act) else ""
    where = "最上级单位的" if permission.is_at_the_top else ""
    raise NotAllowed(
        f"“{permission.label}”{when}只有{where}{roles_text(allowed or permission.ever)}可以操作，"
        f"您的角色是{roles_text(roles)}。如需此权限，请联系管理员。"
    )


def roles_text(roles: Collection[Role]) -> str:
    """The roles in words, in their fixed order."""
    return "、".join(label for role, label in ROLE_LABELS.items() if role in roles)


def _read() -> dict[Act, Permission]:
    found: dict[Act, Permission] = {}
    for table in (_ANY_TIME, _AT_THE_TOP, _BY_STATE):
        is_of_a_meeting = table is _BY_STATE
        for line in table.strip().splitlines()[int(is_of_a_meeting) :]:
            label, name, *cells = (part.strip() for part in line.split("|"))
            roles = [frozenset(_LETTERS[letter] for letter in cell if letter != _NOBODY) for cell in cells]
            by_state = dict(zip(MeetingState, roles if is_of_a_meeting else roles * len(MeetingState), strict=True))
            found[Act(name)] = Permission(
                Act(name), label, by_state, is_of_a_meeting=is_of_a_meeting, is_at_the_top=table is _AT_THE_TOP
            )
    return {act: found[act] for act in Act}


PERMISSIONS: Mapping[Act, Permission] = _read()
"""Every act, in the order of ``Act``; an act that the table has forgotten stops the program."""
