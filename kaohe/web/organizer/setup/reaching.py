"""Whether phones reach this machine: the address that slips will carry, whose it is, and a code to try a phone with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from kaohe.network import Card, is_address_elsewhere, is_own_alone, list_cards
from kaohe.operations.setup.printing import phone_check_url
from kaohe.reports.ticket_slips import qr_svg_path
from kaohe.storage.installation import this_config
from kaohe.web.organizer.shell.forms import Option


@dataclass(frozen=True, slots=True)
class Reaching:
    """What an organizer looks at before slips are printed."""

    address: str
    card_text: str
    """The card of this machine that has the address; '' where it is a name, or none has it."""
    warning: str
    """Why phones will hardly reach it; '' where nothing speaks against it."""
    cards: Sequence[Option]
    """The network cards that phones could come by; empty where there is nothing to choose."""
    check_url: str
    qr_size: int
    qr_path: str


def reaching(meeting_id: str) -> Reaching:
    """The address that the server has now, looked at beside this machine's own network cards."""
    config, cards = this_config(), list_cards()
    url = config.public_url
    host = urlsplit(url).hostname or ""
    card = next((each for each in cards if each.address == host), None)
    check = phone_check_url(meeting_id)
    size, path = qr_svg_path(check)
    return Reaching(
        address=url,
        card_text=f"{card.kind}“{card.name}”" if card else "",
        warning=_warning(host, card, cards, follows_card=config.follows_card),
        cards=card_options(),
        check_url=check,
        qr_size=size,
        qr_path=path,
    )


def card_options() -> Sequence[Option]:
    """The network cards to choose from, the likeliest first, each by its address; none where there is no other one."""
    config = this_config()
    host = urlsplit(config.public_url).hostname or ""
    cards = list_cards() if config.follows_card else ()
    if all(card.address == host for card in cards):
        return ()
    return tuple(
        Option(card.address, card.address, card.address == host, f"{card.kind}“{card.name}”{_likelihood(card)}")
        for card in cards
    )


def _likelihood(card: Card) -> str:
    if not card.is_up:
        return "，没有接通"
    return "" if card.is_in_a_hall else "，手机多半打不开"


def _warning(host: str, card: Card | None, cards: Sequence[Card], *, follows_card: bool) -> str:
    if is_own_alone(host):
        what = "接入会场网络，刷新本页，选用接入会场的网卡" if follows_card else "管理员改正网址，重新启动服务器"
        return f"这是本机自己的地址，手机打不开：请{what}，再打印。"
    if is_address_elsewhere(host, cards):
        own = "、".join(each.address for each in cards if each.is_in_a_hall) or "没有接入任何网络"
        return f"{host} 现在不是这台电脑的地址（本机：{own}）。除非前面有代理，扫码会打不开，请改正后再打印。"
    if card is not None and not card.is_in_a_hall:
        return f"{host} 是{card.kind}的地址，会场里的手机多半打不开，请改用接入会场网络的网卡。"
    return ""
