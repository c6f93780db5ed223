"""How the hall gets to its ballots: the wireless network, the code to scan, and what to do then."""

from __future__ import annotations

from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.ticket_codes import grouped
from kaohe.domain.wireless import Wireless
from kaohe.live.snapshots import HowToVote, ReceiptsCode, WirelessCode
from kaohe.operations.hall.boards import Board
from kaohe.operations.setup.issuing import pool_address, pool_url
from kaohe.operations.setup.key import load_keys
from kaohe.reports.ticket_slips import qr_svg_path
from kaohe.tally.scores.ballot_layouts import seats_in_all


def wireless_code(wireless: Wireless) -> WirelessCode | None:
    """The network as the wall shows it; None where nobody has said any."""
    if not wireless.name:
        return None
    return WirelessCode(*qr_svg_path(wireless.joining_text), wireless.name, wireless.password)


def receipts_code(setup: MeetingSetup) -> ReceiptsCode:
    """Where every voter can look for the own receipt, once the result is published."""
    url = f"{pool_url(setup)}/receipts"
    return ReceiptsCode(*qr_svg_path(url), url)


def how_to_vote(board: Board) -> HowToVote:
    """What the hall scans, and what it does with the ballot then."""
    url, asked = pool_url(board.setup), _asked_text(board.setup)
    names = tuple(subject.full_name for subject in board.setup.subjects) if board.setup.full_scheme.choose else ()
    pool_code, keys = board.round.pool_code, load_keys(board.setup.id)
    if pool_code is None:
        size, path = qr_svg_path(url)
        steps = ("扫描手中票上的二维码", asked, "核对无误后提交")
        return HowToVote(size, path, "票上的码扫不出？扫这里，再输入票码", steps, names, url, None, None, keys)
    size, path = qr_svg_path(pool_address(board.setup, pool_code))
    steps = ("用手机扫描屏幕上的二维码", asked, "核对无误后提交")
    if len(board.setup.groups) > 1:
        label = _shared_label(board.setup)
        steps = (f"{label}：扫描屏幕上的二维码；持二维码票的，扫描票上的二维码", *steps[1:])
    caution = "一部手机领一张票，领满到会人数为止。"
    return HowToVote(size, path, "用手机扫码领票", steps, names, url, grouped(pool_code), caution, keys)


def _asked_text(setup: MeetingSetup) -> str:
    """What a voter does with the ballot, in the words that fit its scheme."""
    scheme = setup.full_scheme
    if scheme.choose is not None:
        most = scheme.choose.most or seats_in_all(scheme.choose, setup.subjects)
        return f"选 {most} 人" if len({each.class_label for each in setup.subjects}) == 1 else f"各类共选 {most} 人"
    return "逐项选择等次" if scheme.grades and scheme.number is None else "逐项填写"


def _shared_label(setup: MeetingSetup) -> str:
    return next((group.label for group in setup.groups if group.key == setup.shared_group), "其他人员")
