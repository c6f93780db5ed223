"""The check list: everything that a meeting still lacks before it may open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from kaohe.domain.ballot_style_checks import style_faults
from kaohe.domain.inputs import fitting_inputs, misplaced_periods, missing_inputs
from kaohe.domain.key_shares import SHARE_COUNT
from kaohe.domain.meeting_styles import held_forms
from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup
from kaohe.domain.record_chain import REPLACED, ChainEntry
from kaohe.domain.relations import listed
from kaohe.domain.voter_groups import idle_groups
from kaohe.domain.voting_mode import subjects_at_most, takes_ballots
from kaohe.network import is_own_alone
from kaohe.operations.people.second_person import people_for_two
from kaohe.operations.setup.group_findings import Finding as Finding
from kaohe.operations.setup.group_findings import about_relations, about_tickets
from kaohe.operations.setup.key import SharesState, shares_state
from kaohe.operations.setup.printing import is_address_gone
from kaohe.storage.database import Transaction
from kaohe.storage.disk import free_mb
from kaohe.storage.exclusive_access import key_folders_present
from kaohe.storage.inputs import stored_inputs
from kaohe.storage.installation import this_config
from kaohe.storage.meetings import load_setup
from kaohe.storage.numbers import GroupFigures, round_figures
from kaohe.storage.record import chain_of
from kaohe.storage.round_keys import key_folder_mark
from kaohe.storage.rounds import current_round
from kaohe.storage.settings_read_back import Promise, wrong_settings
from kaohe.tally.notes.warnings import FEWEST_GROUP_BALLOTS
from kaohe.tally.scores.sectioning import subjects_of_sections

UNSEEN = "defaults_unseen"
"""The finding of a step that nobody has looked at: nothing is missing, and it is not done."""
_SHARED_CODE = (
    "用会场码领票，系统认不出人：有人多领几张票，就可能由分批更新的结果推算别人的票。建议大屏改为只显示进度。"
)


def check_meeting(session: Transaction, meeting_id: str) -> Sequence[Finding]:
    """The check list of a meeting, blocking findings first, read within the caller's transaction."""
    setup = load_setup(session, meeting_id)
    if not takes_ballots(setup.full_scheme):
        return _check_computed(session, setup)
    row = current_round(session, meeting_id)
    numbers = round_figures(session, (meeting_id,))
    entries = chain_of(session, meeting_id)
    happened = {entry.act for entry in entries}
    found = [
        *_about_setup(setup),
        *_about_defaults(entries, has_votes=True),
        *_about_view(setup, row.batch_size),
        *(_about_forms(setup) or _about_classes(setup)),
    ]
    ended = "，更换密钥以前的票已全部失效，请收回后重新制票" if REPLACED in happened else ""
    idle = idle_groups(setup.full_scheme, setup.subjects)
    found += _about_groups([group for group in setup.groups if group.counted_as not in idle and not group.part_of])
    found += about_relations(setup)
    figures = {group.key: numbers.get((row.id, group.key), GroupFigures()) for group in setup.groups}
    found += about_tickets(setup, idle, figures, ended)
    if setup.custody is Custody.TELLERS and not row.key_proven:
        what = "监票人的钥匙还没有试开通过，不能开始投票。" if row.public_key else "还没有生成监票人保管的钥匙。"
        found.append(Finding("key_not_proven", what, "hall", is_blocking=True))
    found += _about_shares(shares_state(row))
    found += _about_inputs(session, setup)
    found += _about_second_person(session, setup)
    found += _about_address(row.printed_url)
    found += _about_disk()
    if "wiped_rehearsal" not in happened:
        found.append(Finding("not_rehearsed", "还没有试投过，建议用自己的手机试投一次。", "check", is_blocking=False))
    return sorted(found, key=lambda finding: not finding.is_blocking)


def _check_computed(session: Transaction, setup: MeetingSetup) -> Sequence[Finding]:
    """Without a vote, what is brought is all there is: nothing can be computed while any of it is missing."""
    found = [*_about_names(setup), *_about_defaults(chain_of(session, setup.id), has_votes=False)]
    found += _about_forms(setup) or _about_classes(setup)
    found += [*_about_inputs(session, setup), *_about_second_person(session, setup)]
    found = [replace(finding, is_blocking=True) if finding.code == "inputs_missing" else finding for finding in found]
    return sorted(found, key=lambda finding: not finding.is_blocking)


def second_person_missing(session: Transaction, setup: MeetingSetup) -> str:
    """Why a meeting that asks for two people cannot be held, as a sentence; '' where it can."""
    if not setup.two_people or people_for_two(session, setup.id) > 1:
        return ""
    return "本场会议要求两人操作，但能操作的账号不足两个：请管理员再邀请一位组织者或监票人，或取消两人操作。"


def database_refused(session: Transaction) -> str:
    """Why no ballots may come into this database as it is set up now, in sentences; '' where they may."""
    wrong = wrong_settings(session)
    told, lost = (
        "、".join(
            {f"{each.name}={each.found}": None for each in wrong if (each.promise is Promise.SILENT) is is_silent}
        )
        for is_silent in (True, False)
    )
    sentences = [
        f"数据库的设置 {told} 会把选票或投票时间记到日志或别处，请数据库管理员改正后再开始。" if told else "",
        f"数据库的设置 {lost} 可能丢失已收到的票，请数据库管理员改正后再开始。" if lost else "",
    ]
    return "".join(sentences)


def servers_without_keys(session: Transaction) -> str:
    """Why a key that the servers hold could not be read by every one of them, in a sentence; '' where it could.

    This process and the servers that are connected to the database must share one folder of keys.
    """
    present = key_folders_present(session)
    if present <= {key_folder_mark()} - {""}:
        return ""
    return (
        "有正在运行的服务器读不到同一个钥匙目录，票箱的钥匙只有一部分服务器能用："
        "请让所有服务器的 KAOHE_KEYS 指向共用的目录并重新启动，或改由监票人保管钥匙。"
    )


def _about_second_person(session: Transaction, setup: MeetingSetup) -> list[Finding]:
    message = second_person_missing(session, setup)
    return [Finding("second_person_missing", message, "hall", is_blocking=True)] if message else []


def _about_defaults(entries: Sequence[ChainEntry], *, has_votes: bool) -> list[Finding]:
    """Steps that are as a new meeting has them, and that nobody has saved; a copy has what was decided before."""
    if any(entry.act == "created" and "like" in entry.detail for entry in entries):
        return []
    happened = {entry.act for entry in entries}
    steps = {
        "scheme": ("changed_scheme", "考核方案"),
        "hall": ("changed_hall", "会场与钥匙" if has_votes else "两人操作"),
    }
    return [
        Finding(UNSEEN, f"“{label}”还是新建时的样子，请打开看一遍，合适就保存。", step, is_blocking=False)
        for step, (act, label) in steps.items()
        if act not in happened
    ]


def _about_setup(setup: MeetingSetup) -> list[Finding]:
    found = _about_names(setup)
    limit = setup.scheme.top_grade_limit
    if limit is not None and limit >= len(setup.subjects) > 0:
        found.append(
            Finding("limit_without_effect", "最高等次的上限不小于考核对象数，不起作用。", "scheme", is_blocking=False)
        )
    return found


def _about_view(setup: MeetingSetup, batch: int) -> list[Finding]:
    found = []
    if setup.hall_view is HallView.INSTANT and setup.custody is Custody.SERVER:
        found.append(
            Finding(
                "instant_view",
                "大屏逐票更新：旁人可能由进度推知个人选择，涉及对人的评价时建议改为分批更新。",
                "hall",
                is_blocking=False,
            )
        )
    if setup.hall_view is HallView.BATCHED:
        found += _about_batches(setup, batch)
        if setup.shared_group is not None:
            found.append(Finding("batches_shared_code", _SHARED_CODE, "hall", is_blocking=False))
    return found


def _about_batches(setup: MeetingSetup, batch: int) -> list[Finding]:
    """The forms of which the hall sees nothing before the reveal, as too few people fill them."""
    forms = held_forms(setup)
    few = [form.groups for form in forms if 0 < sum(group.entitled for group in form.groups) < 2 * batch]
    if not few:
        return []
    whose = "全场" if len(forms) == 1 else listed([group.label for groups in few for group in groups])
    same = "" if len(forms) == 1 else "填同一种票的"
    message = (
        f"{whose}{same}不足 {2 * batch} 人：分批更新要多收 {batch} 票才显示前一批，投票期间大屏不会出现其各等次票数。"
    )
    return [Finding("batches_too_few", message, "hall", is_blocking=False)]


def _about_names(setup: MeetingSetup) -> list[Finding]:
    found = []
    if not setup.subjects:
        found.append(Finding("no_subjects", "还没有录入考核对象。", "subjects", is_blocking=True))
    if len(setup.subjects) > (at_most := subjects_at_most(setup.full_scheme)):
        message = f"考核对象有 {len(setup.subjects)} 个，现在的方案最多 {at_most} 个，请分场进行。"
        found.append(Finding("too_many_subjects", message, "subjects", is_blocking=True))
    if not setup.unit:
        found.append(Finding("no_unit", "没有填写测评单位，汇总表抬头将空缺。", "basics", is_blocking=False))
    return found


def _about_forms(setup: MeetingSetup) -> list[Finding]:
    return [Finding(fault.code, fault.message, fault.step, is_blocking=True) for fault in style_faults(setup)]


def _about_classes(setup: MeetingSetup) -> list[Finding]:
    """Classes that no rule knows where rules name classes: what they would mark is never marked."""
    found = []
    for section, subjects in subjects_of_sections(setup.full_scheme, setup.subjects):
        rules = [flag for flag in section.scheme.flags if flag.classes]
        known = list(dict.fromkeys(label for flag in rules for label in flag.classes))
        strange = list(dict.fromkeys(each.class_label for each in subjects if each.class_label not in known))
        if rules and strange:
            message = (
                f"类别{listed([label or '（未填）' for label in strange])}不在方案的规则中，这些考核对象得不到"
                f"“{rules[0].label}”等标记；规则中的类别有{'、'.join(known)}。"
            )
            found.append(Finding("class_unknown", message, "subjects", is_blocking=False))
    return found


def _about_groups(groups: Sequence[Group]) -> list[Finding]:
    found = []
    for group in groups:
        if group.entitled == 0:
            found.append(Finding("no_entitled", f"“{group.label}”还没有填写应到人数。", "voters", is_blocking=True))
        elif group.entitled == 1:
            found.append(
                Finding(
                    "group_of_one", f"“{group.label}”仅 1 人，等同实名，建议并入其他票种。", "voters", is_blocking=False
                )
            )
        elif group.entitled < FEWEST_GROUP_BALLOTS:
            found.append(
                Finding(
                    "small_group",
                    f"“{group.label}”只有 {group.entitled} 人：分组结果不单独公布，"
                    "但仍可能由总分推算出该组的选择，建议并入其他票种。"
                    "计票后系统会逐项核算：能推算出来的，大屏只公布得分和名次。",
                    "voters",
                    is_blocking=False,
                )
            )
    return found


def _about_shares(state: SharesState | None) -> list[Finding]:
    """A lost sheet is told before the voting, never after."""
    if state is None or not state.proven:
        return []
    missing = [str(number) for number in range(1, SHARE_COUNT + 1) if number not in state.proven]
    if not missing:
        return []
    message = f"第 {'、'.join(missing)} 张钥匙单还没有试过：印错或丢失，现在重新生成还来得及。"
    return [Finding("share_not_proven", message, "hall", is_blocking=False)]


def _about_inputs(session: Transaction, setup: MeetingSetup) -> list[Finding]:
    """Scores may come after the vote, so that what is missing never stops the opening; without a vote it does."""
    when = "可以在投票后补，补齐才能公布。" if takes_ballots(setup.full_scheme) else "补齐才能汇总。"
    scheme, brought = setup.full_scheme, stored_inputs(session, setup.id)
    kept = fitting_inputs(scheme, setup.subjects, brought, setup.title)
    found = [
        Finding("inputs_missing", f"{sentence}。{when}", "inputs", is_blocking=False)
        for sentence in (*misplaced_periods(kept), *missing_inputs(scheme, setup.subjects, kept))
    ]
    strange = len(brought.decisions) - len(kept.decisions)
    if strange:
        message = f"有 {strange} 条认定的条款不在现在的考核方案中，不会计入，请核对后撤销。"
        found.append(Finding("decisions_strange", message, "inputs", is_blocking=False))
    return found


def _about_address(printed_url: str | None) -> list[Finding]:
    config = this_config()
    address, found = config.public_url, []
    if printed_url is not None and printed_url != address:
        found.append(
            Finding(
                "address_changed",
                f"票上印的网址是 {printed_url}，服务器现在是 {address}：扫码将打不开，请重新打印，或恢复原来的网址。",
                "tickets",
                is_blocking=True,
            )
        )
    if is_own_alone(urlsplit(address).hostname or ""):
        message = "服务器没有接入会场网络，手机无法访问；请接入网络后选择网卡。"
        if not config.follows_card:
            message = f"网址 {address} 是服务器自己的地址，手机无法访问；请管理员改正网址，再重新启动服务器。"
        found.append(Finding("loopback", message, "tickets" if config.follows_card else "check", is_blocking=False))
    elif is_address_gone():
        message = f"票上的网址 {address} 已经不是这台电脑的地址，手机打不开：请选择网卡，再重新打印。"
        found.append(Finding("address_gone", message, "tickets", is_blocking=False))
    return found


def _about_disk() -> list[Finding]:
    free, floor = free_mb(), this_config().disk_floor_mb
    if free >= floor:
        return []
    what = f"服务器磁盘只剩 {free} MB，少于 {floor} MB，投票中可能存不下选票：请先腾出空间。"
    return [Finding("disk_low", what, "check", is_blocking=True)]
