"""The settings of a process: what is printed can be opened, and a port that was chosen once stays."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from processes import Kaohe

from bench.hall import free_port
from kaohe import config
from kaohe.cli import serve
from kaohe.config import (
    DEFAULT_PORT,
    HTTP_PORT,
    Config,
    is_first_choice_of_port,
    keep_address,
    keep_port,
    own_program,
    read_url,
)
from kaohe.domain.errors import FieldInvalid
from kaohe.network import Card, CardKind, list_cards

SETTINGS = re.findall(r'_setting\("([A-Z_]+)"\)', Path(config.__file__).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.20:8000",
        "http://192.168.1.20",
        "https://kaohe.example.cn",
        "https://kaohe.example.cn:8443",
        "http://[fd00::20]:8000",
        "http://hall",
        "",
    ],
)
def test_an_address_that_phones_can_open_is_taken_as_it_is(url: str) -> None:
    assert read_url(url) == url
    assert read_url(f"{url}/" if url else url) == url


@pytest.mark.parametrize(
    "url",
    [
        "192.0.2.2:21629",
        "http://192.0.2.2:8000/kaohe",
        "https://kaohe.example.cn?x=1",
        "https://kaohe.example.cn#v",
        "https://user@kaohe.example.cn",
        "ftp://kaohe.example.cn",
        "http://",
        "http://考核.cn",
        "http://a b",
        "http://192.0.2.2:0",
        "http://192.0.2.2:70000",
        "http://laptop.local:8000",
        "HTTP://LAPTOP.LOCAL.",
        "http://192.0.2.2\n",
    ],
)
def test_an_address_that_could_not_be_opened_from_a_slip_is_refused(url: str) -> None:
    with pytest.raises(FieldInvalid, match="KAOHE_URL"):
        read_url(url)


def test_a_wrong_address_stops_the_start_in_one_sentence(kaohe: Kaohe) -> None:
    assert "不带路径" in kaohe.refuses("meeting", "list", KAOHE_URL="http://192.0.2.2/kaohe")


@pytest.fixture
def own_settings(monkeypatch: pytest.MonkeyPatch, kaohe: Kaohe) -> Kaohe:
    for name in (
        "PORT",
        "KAOHE_URL",
        "KAOHE_DATABASE_URL",
        "KAOHE_TLS_CERT",
        "KAOHE_TLS_KEY",
        "KAOHE_LISTEN",
        "KAOHE_FONT",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KAOHE_DATA", str(kaohe.data))
    return kaohe


def test_a_port_that_was_chosen_once_stays_so_that_slips_lead_here(
    own_settings: Kaohe, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_first_choice_of_port()
    assert Config.from_environment().port == DEFAULT_PORT
    keep_port(own_settings.data, HTTP_PORT)
    assert not is_first_choice_of_port()
    assert Config.from_environment().port == HTTP_PORT
    assert Config.from_environment().public_url.count(":") == 1
    monkeypatch.setenv("PORT", "8123")
    assert Config.from_environment().port == 8123
    assert Config.from_environment().public_url.endswith(":8123")


def test_the_network_card_that_was_chosen_is_used_at_every_start_at_which_it_is_there(
    own_settings: Kaohe, monkeypatch: pytest.MonkeyPatch
) -> None:
    likely = Card("WLAN", "192.168.3.20", CardKind.WIRELESS, is_up=True, is_on_route=True)
    chosen = Card("Ethernet 2", "10.9.8.7", CardKind.WIRED, is_up=True, is_on_route=False)
    keep_port(own_settings.data, DEFAULT_PORT)
    keep_address(own_settings.data, chosen.address)
    for cards, address in (([likely, chosen], chosen.address), ([likely], likely.address)):
        monkeypatch.setattr("kaohe.config.list_cards", lambda here=cards: here)
        config = Config.from_environment()
        assert (config.public_url, config.follows_card) == (f"http://{address}:{DEFAULT_PORT}", True)
    monkeypatch.setenv("KAOHE_URL", "https://kaohe.example.cn")
    config = Config.from_environment()
    assert (config.public_url, config.follows_card) == ("https://kaohe.example.cn", False)


# gevent leaves a socket that could not be bound to the collector of garbage.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_first_start_takes_the_port_of_browsers_where_it_is_free_and_else_the_usual_one(
    own_settings: Kaohe, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, choose = free_port(), serve._choose_port  # noqa: SLF001 - the choice alone, without a server
    # Another one in its place, as another program of this machine may have it.
    monkeypatch.setattr(serve, "HTTP_PORT", port)
    with socket.create_server(("", port)):
        assert choose(Config.from_environment()).port == DEFAULT_PORT
    (own_settings.data / "port").unlink()
    assert choose(Config.from_environment()).port == port
    assert not is_first_choice_of_port()


@pytest.mark.parametrize("nothing", ["", " "])
def test_a_setting_that_is_left_empty_is_as_one_that_is_not_there(
    own_settings: Kaohe, monkeypatch: pytest.MonkeyPatch, nothing: str
) -> None:
    """Files of settings have lines such as ``PORT=``; data and secrets must not lie in whichever folder one is in."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(own_settings.data.parent)
    unset = Config.from_environment()
    for name in SETTINGS:
        monkeypatch.setenv(name, nothing)

    assert Config.from_environment() == unset
    assert unset.data == own_settings.data.parent / ".kaohe"
    assert is_first_choice_of_port()


def test_an_installation_that_was_used_before_keeps_the_usual_port(own_settings: Kaohe) -> None:
    own_settings.data.mkdir()
    (own_settings.data / "kaohe.sqlite3").touch()

    assert not is_first_choice_of_port()
    assert Config.from_environment().port == DEFAULT_PORT


def test_a_server_with_a_certificate_listens_where_its_address_says(
    own_settings: Kaohe, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"CERT": "kaohe.pem", "KEY": "kaohe.key"}.items():
        monkeypatch.setenv(f"KAOHE_TLS_{name}", value)
    for url, port in (("https://kaohe.example.cn", 443), ("https://kaohe.example.cn:8443", 8443)):
        monkeypatch.setenv("KAOHE_URL", url)
        assert Config.from_environment().port == port


def test_a_start_lists_every_address_and_says_where_the_printed_one_is_wrong(kaohe: Kaohe) -> None:
    with replace(kaohe, public_url="http://10.255.255.1:8000").serving() as server:
        listed = re.findall(r"^  ([0-9.]+) +\S*网卡", server.printed, re.MULTILINE)
        assert listed == [card.address for card in list_cards()]
        assert "10.255.255.1 不是本机的地址" in server.printed


def test_a_font_that_is_no_file_stops_the_start_and_one_that_is_serves(
    own_settings: Kaohe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Config.from_environment().font is None
    monkeypatch.setenv("KAOHE_FONT", str(tmp_path / "gone.ttf"))
    with pytest.raises(FieldInvalid, match="KAOHE_FONT"):
        Config.from_environment()
    (tmp_path / "own.ttf").touch()
    monkeypatch.setenv("KAOHE_FONT", str(tmp_path / "own.ttf"))
    assert Config.from_environment().font == (tmp_path / "own.ttf").resolve()


def test_a_fresh_process_finds_the_program_that_started_it_where_nothing_is_installed(tmp_path: Path) -> None:
    program = own_program("import kaohe; print(kaohe.__path__[0])")
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    assert Path(told.stdout.strip()) == Path(config.__file__).parent
