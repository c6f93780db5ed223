"""Which address of a machine is the one to print."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaohe.network import (
    LOOPBACK,
    Card,
    CardKind,
    by_likelihood,
    is_address_elsewhere,
    likely_address,
    list_cards,
    look_at_linux_card,
    own_addresses,
)

HALL = Card("wlan0", "192.168.1.20", CardKind.WIRELESS, is_up=True, is_on_route=False)
OTHERS = [
    Card("docker0", "172.17.0.1", CardKind.VIRTUAL, is_up=True, is_on_route=False),
    Card("vboxnet0", "192.168.56.1", CardKind.VIRTUAL, is_up=True, is_on_route=False),
    Card("tun0", "10.8.0.6", CardKind.VIRTUAL, is_up=True, is_on_route=True),
    Card("eth1", "10.0.0.5", CardKind.WIRED, is_up=False, is_on_route=False),
    Card("wwan0", "10.64.3.2", CardKind.MOBILE, is_up=True, is_on_route=True),
]


@pytest.mark.parametrize("other", OTHERS, ids=lambda card: card.name)
def test_the_card_of_the_hall_comes_before_every_other_wherever_it_is_listed(other: Card) -> None:
    assert by_likelihood([other, HALL])[0] == by_likelihood([HALL, other])[0] == HALL
    assert likely_address([other, HALL]) == HALL.address


def test_of_two_cards_in_halls_the_one_with_the_route_comes_first_and_else_the_one_without_a_cable() -> None:
    wired = Card("eth0", "192.168.1.9", CardKind.WIRED, is_up=True, is_on_route=False)
    routed = Card("eth0", "192.168.1.9", CardKind.WIRED, is_up=True, is_on_route=True)
    public = Card("eth2", "203.0.114.9", CardKind.WIRED, is_up=True, is_on_route=True)

    assert likely_address([wired, HALL]) == HALL.address
    assert likely_address([HALL, routed]) == routed.address
    assert likely_address([public, HALL]) == HALL.address


def test_without_a_card_in_a_hall_only_the_way_out_of_a_container_is_printed() -> None:
    inside = Card("eth0", "172.18.0.3", CardKind.VIRTUAL, is_up=True, is_on_route=True)

    assert likely_address([OTHERS[0], inside]) == inside.address
    assert likely_address([OTHERS[0], OTHERS[3]]) == LOOPBACK
    assert likely_address([]) == LOOPBACK


@pytest.mark.parametrize(
    ("files", "links", "found"),
    [
        ({"operstate": "up", "uevent": "DEVTYPE=wlan\nINTERFACE=wlan0"}, {"device": "/"}, (CardKind.WIRELESS, True)),
        ({"operstate": "up", "uevent": "INTERFACE=eth0"}, {"device": "/"}, (CardKind.WIRED, True)),
        ({"operstate": "down", "uevent": "INTERFACE=eth0"}, {"device": "/"}, (CardKind.WIRED, False)),
        ({"operstate": "up", "uevent": "DEVTYPE=wwan"}, {"device": "/"}, (CardKind.MOBILE, True)),
        ({"operstate": "unknown", "carrier": "1", "uevent": "INTERFACE=tun0"}, {}, (CardKind.VIRTUAL, True)),
        ({"operstate": "unknown", "uevent": "INTERFACE=tun0"}, {}, (CardKind.VIRTUAL, False)),
        ({"operstate": "up", "uevent": "DEVTYPE=bridge"}, {"lower_veth1": "/"}, (CardKind.VIRTUAL, True)),
        ({"operstate": "up", "uevent": "DEVTYPE=bridge"}, {"lower_real": "/"}, (CardKind.WIRED, True)),
    ],
)
def test_linux_tells_cards_of_hardware_from_those_that_a_program_made(
    files: dict[str, str], links: dict[str, str], found: tuple[CardKind, bool], tmp_path: Path
) -> None:
    for name in ("real", "card"):
        (tmp_path / name).mkdir()
    (tmp_path / "real" / "device").symlink_to("/")
    for name, text in files.items():
        (tmp_path / "card" / name).write_text(f"{text}\n")
    for name, target in links.items():
        (tmp_path / "card" / name).symlink_to(target)

    assert look_at_linux_card(tmp_path / "card") == found


def test_the_cards_of_this_machine_are_listed_without_the_loopback() -> None:
    cards = list_cards()
    assert {card.address for card in cards} <= own_addresses() - {LOOPBACK}
    assert likely_address(cards) == LOOPBACK or likely_address(cards) in {card.address for card in cards}


def test_a_printed_private_address_that_no_card_has_is_noticed_and_a_name_is_not() -> None:
    assert is_address_elsewhere("192.168.9.9", [HALL])
    assert not is_address_elsewhere(HALL.address, [HALL])
    assert not is_address_elsewhere("kaohe.example.cn", [HALL])
    assert not is_address_elsewhere("203.0.114.9", [HALL])
