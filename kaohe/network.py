"""The network cards of this machine, and under which of their addresses the phones of a hall reach it.

No packet is sent: cards and routes are only read.
"""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import ifaddr

LOOPBACK: Final = "127.0.0.1"
_LINUX_CARDS: Final = Path("/sys/class/net")
_ELSEWHERE: Final = ("192.0.2.1", 9)
"""An address of no machine (RFC 5737): the system is asked only which of its own it would send from."""
_WIRELESS: Final = re.compile(r"wi-?fi|wlan|wireless|802\.11|无线", re.IGNORECASE)
_VIRTUAL: Final = re.compile(
    r"virtual|vmware|vbox|hyper-v|vethernet|docker|wsl|vpn|\btap|\btun|wireguard|tailscale|zerotier|loopback|bluetooth",
    re.IGNORECASE,
)
"""What Windows calls cards behind which there is no hall: nothing else tells them from others there."""


class CardKind(StrEnum):
    """What a card is, in the words of the screen."""

    WIRELESS = "无线网卡"
    WIRED = "有线网卡"
    MOBILE = "移动网卡"
    VIRTUAL = "虚拟网卡"


@dataclass(frozen=True, slots=True)
class Card:
    """One IPv4 address of this machine and the card that has it."""

    name: str
    address: str
    kind: CardKind
    is_up: bool
    is_on_route: bool
    """Whether the system would send to other networks from this address."""

    @property
    def is_in_a_hall(self) -> bool:
        """Whether phones may be beyond it: it is connected, and neither a mobile network nor made by a program."""
        return self.is_up and self.kind in (CardKind.WIRELESS, CardKind.WIRED)


def list_cards() -> Sequence[Card]:
    """Every IPv4 address of this machine but the loopback ones, the likeliest to be reached by phones first."""
    from_here = _address_on_route()
    found = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            address = ip_address(str(ip.ip)) if ip.is_IPv4 else None
            if address is None or address.is_loopback or address.is_link_local:
                continue
            kind, is_up = _look_at(str(adapter.name), str(adapter.nice_name))
            found.append(Card(str(adapter.nice_name), str(address), kind, is_up, str(address) == from_here))
    return by_likelihood(found)


def by_likelihood(cards: Sequence[Card]) -> Sequence[Card]:
    """The cards, first those of a hall: with a private address, with the route to elsewhere, and without a cable."""

    def rank(card: Card) -> tuple[bool, ...]:
        is_private = ip_address(card.address).is_private
        return (not card.is_in_a_hall, not is_private, not card.is_on_route, card.kind is not CardKind.WIRELESS)

    return sorted(cards, key=rank)


def likely_address(cards: Sequence[Card]) -> str:
    """The address to print; the loopback address where no card is connected.

    A card made by a program counts only where the machine reaches everything through it, as a container does.
    """
    in_halls = [card for card in by_likelihood(cards) if card.is_in_a_hall]
    through = [card for card in cards if card.is_up and card.is_on_route]
    return (in_halls or through)[0].address if in_halls or through else LOOPBACK


def is_own_alone(host: str) -> bool:
    """Whether ``host`` leads every machine to itself, so that no phone can be led to this one by it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_address_elsewhere(host: str, cards: Sequence[Card]) -> bool:
    """Whether ``host`` is a private address that no card of this machine has."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.version == 4 and address.is_private and host not in {card.address for card in cards}  # noqa: PLR2004 - of IP


def own_addresses() -> frozenset[str]:
    """Every address that a network card of this machine has at this moment."""
    return frozenset(
        str(address.ip if address.is_IPv4 else address.ip[0]).lower()
        for card in ifaddr.get_adapters()
        for address in card.ips
    )


def look_at_linux_card(folder: Path) -> tuple[CardKind, bool]:
    """What the card in ``folder`` of Linux is, and whether it is connected."""
    state = _read(folder / "operstate")
    is_up = state == "up" or (state == "unknown" and _read(folder / "carrier") == "1")
    described = _read(folder / "uevent")
    if "DEVTYPE=wwan" in described:
        return CardKind.MOBILE, is_up
    if not _is_of_hardware(folder):
        return CardKind.VIRTUAL, is_up
    return CardKind.WIRELESS if "DEVTYPE=wlan" in described else CardKind.WIRED, is_up


def _is_of_hardware(folder: Path) -> bool:
    """A card of its own, or a bridge or bond over one."""
    below = (folder.parent / path.name.removeprefix("lower_") for path in folder.glob("lower_*"))
    return (folder / "device").exists() or any((path / "device").exists() for path in below)


def _look_at(name: str, described: str) -> tuple[CardKind, bool]:
    if sys.platform == "linux":
        return look_at_linux_card(_LINUX_CARDS / name)
    # A card that is not connected has no address there, or one of its own making that was left out.
    if _VIRTUAL.search(described) or (sys.platform == "darwin" and not re.fullmatch(r"en\d+", name)):
        return CardKind.VIRTUAL, True
    return CardKind.WIRELESS if _WIRELESS.search(described) else CardKind.WIRED, True


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:  # a card that is off has no carrier to read
        return ""


def _address_on_route() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(_ELSEWHERE)
        except OSError:
            return ""
        return str(asking.getsockname()[0])
