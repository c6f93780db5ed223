"""``kaohe serve``: the server of a hall, and the addresses that people need to begin."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Collection
from io import StringIO
from urllib.parse import urlsplit

import click
import qrcode
from qrcode.constants import ERROR_CORRECT_L
from rich.console import Console
from rich.text import Text

from kaohe.cli.application import ACTOR, application
from kaohe.config import HTTP_PORT, Config, has_screen, is_first_choice_of_port, keep_port
from kaohe.domain.meetings import MeetingState, Shelf
from kaohe.domain.permissions import Role
from kaohe.domain.units import TOP
from kaohe.network import is_address_elsewhere, is_own_alone, list_cards
from kaohe.operations.people.sign_in_links import first_sign_in_url, make_sign_in_link
from kaohe.operations.people.signing_in import has_accounts
from kaohe.operations.people.units import find_unit
from kaohe.operations.setup.preparing import list_meetings, stage_code


@click.command("serve")
@click.option("--example", is_flag=True, help="还没有会议时，先建立一场示例测评会（人员和选票均为虚构）。")
def serve_command(*, example: bool) -> None:
    """启动服务器：控制台、手机选票和大屏幕。端口和数据目录由环境变量 PORT、KAOHE_DATA 指定。"""  # noqa: D415 - help text
    # Only this command has patched the standard library for gevent, so only it may load the server, and the pages.
    from kaohe.factory import create_app  # noqa: PLC0415
    from kaohe.server.hall_server import HallServer  # noqa: PLC0415

    config = Config.from_environment()
    console = Console(highlight=False)
    if is_first_choice_of_port() and config.certificate is None:
        config = _choose_port(config)
    server = HallServer.listening(config)
    with application(make=create_app) as app:
        if example:
            _make_example(console)
        server.check(console)
        _greet(console, config)
    server.serve(app, console)


@click.command("sign-in-link")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([str(role) for role in Role]),
    help="账号的角色，可重复：organizer 组织者（默认）、teller 监票人、hr 人事、observer 纪检、administrator 管理员。",
)
@click.option("--unit", metavar="UNIT", help="新账号的角色属于这个单位；不写则属于最上级单位。")
def sign_in_link_command(roles: tuple[str, ...], unit: str | None) -> None:
    """生成一个一次性登录链接，供人建立账号；24 小时内有效。第一个账号总是组织者兼管理员。"""  # noqa: D415 - help text
    with application():
        unit_id = TOP if unit is None else find_unit(unit).id
        click.echo(sign_in_url([Role(role) for role in roles] or [Role.ORGANIZER], unit_id))


def sign_in_url(roles: Collection[Role] = (Role.ORGANIZER,), unit_id: str = TOP) -> str:
    """A fresh one-time address under which somebody makes an account with these roles, held in a unit."""
    return first_sign_in_url(make_sign_in_link(ACTOR, roles, unit_id))


def projector_url(base_url: str, meeting_id: str) -> str:
    """The projector's secret address on the server that answers at ``base_url``."""
    return f"{base_url.rstrip('/')}/stage/{meeting_id}/{stage_code(meeting_id)}"


def _choose_port(config: Config) -> Config:
    """The port that a browser takes by itself, where it is free; kept for every later start."""
    from kaohe.server.http_server import PortTaken, listen  # noqa: PLC0415 - as above

    try:
        listen(config.listen, HTTP_PORT).close()
    except PortTaken:
        port = config.port
    else:
        port = HTTP_PORT
    keep_port(config.data, port)
    return Config.from_environment()


def _make_example(console: Console) -> None:
    from kaohe.cli.example import make_example  # noqa: PLC0415 - a hall's server does not need it

    if not list_meetings(shelves=[*Shelf]):
        console.print("正在建立示例测评会（人员和选票均为虚构），约需几秒……")
        make_example()


def _greet(console: Console, config: Config) -> None:
    console.print()
    if has_accounts():
        _say(console, "控制台", f"{config.public_url}/desk")
    else:
        first = sign_in_url()
        _say(console, "控制台（首次登录，链接只能用一次）", first)
        if console.is_terminal and has_screen():
            # In a thread of its own: the page can be answered only after this one has begun to serve.
            threading.Thread(target=webbrowser.open, args=(first,), daemon=True).start()
    for line in list_meetings():
        if line.state is not MeetingState.OPEN:
            continue
        from kaohe.cli.example import drawing_url  # noqa: PLC0415 - nor does a start without an open meeting

        _say(console, f"大屏幕 · {line.title}", projector_url(config.public_url, line.id))
        phone = drawing_url(line)
        if phone is not None:
            _say(console, "手机投票（请用手机扫码，一部手机领一张票）", phone)
            for row in _qr_rows(phone):
                console.print(Text(row, style="black on white"), soft_wrap=True)
    console.print()
    _say_addresses(console, config)
    console.print(f"服务器已启动，端口 {config.port}；按 Ctrl+C 停止。", soft_wrap=True)


def _say_addresses(console: Console, config: Config) -> None:
    """Every address of this machine with its card, and what is wrong with the one that is printed."""
    cards = list_cards()
    printed = urlsplit(config.public_url).hostname
    console.print(Text("本机地址", style="bold"))
    for card in cards:
        is_of_use = card.is_in_a_hall or card.address == printed
        notes = [f"{card.kind} {card.name}"]
        notes += ["手机不能访问"] if not is_of_use and card.is_up else []
        notes += ["没有接通"] if not card.is_up else []
        notes += ["票上印这个地址"] if card.address == printed else []
        console.print(
            Text(f"  {card.address:<15}  {'，'.join(notes)}", style="" if is_of_use else "dim"), soft_wrap=True
        )
    if is_own_alone(printed or ""):
        why = "本机没有接入会场网络，手机无法访问；请接入后在控制台“服务器”选网卡，或用 KAOHE_URL 指定。"
        if not config.follows_card:
            why = (
                f"KAOHE_URL 里的 {printed} 是本机自己的地址，手机无法访问；开会前请改成会场里能打开的地址，再重新启动。"
            )
        console.print(f"注意：{why}", soft_wrap=True)
    elif is_address_elsewhere(printed or "", cards):
        console.print(
            f"注意：KAOHE_URL 里的 {printed} 不是本机的地址；除非前面有代理，否则手机打不开，请改用上面的一个。",
            soft_wrap=True,
        )


def _say(console: Console, label: str, url: str) -> None:
    console.print(Text(label, style="bold"), soft_wrap=True)
    # Never wrapped, so that the address can be copied whole.
    console.print(Text(f"  {url}", style="cyan"), soft_wrap=True)


def _qr_rows(url: str) -> list[str]:
    """The code's rows, two modules in one character, to be printed dark on light."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_L, border=3)
    code.add_data(url)
    drawn = StringIO()
    code.print_ascii(drawn)
    return drawn.getvalue().splitlines()
