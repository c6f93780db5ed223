"""One frozen Config; the only reader of the environment."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import ifaddr

from kaohe.domain.errors import FieldInvalid

DEFAULT_PORT = 8000
DISK_FLOOR_MB = 500
TOKEN_LENGTH = 16
"""The least length of the metrics token, so that it cannot be guessed."""
_DATABASE_FILE = "kaohe.sqlite3"
_HOST = re.compile(r"[a-z0-9._-]{1,253}|[0-9a-f:.]{2,45}")


@dataclass(frozen=True, slots=True)
class Config:
    """Where kaohe keeps its data and where phones reach it."""

    data: Path
    """The folder of the database and of the secrets (KAOHE_DATA)."""
    database_url: str
    """An SQLAlchemy address (KAOHE_DATABASE_URL); SQLite inside ``data`` by default."""
    port: int = DEFAULT_PORT
    public_url: str = ""
    """What the QR codes begin with (KAOHE_URL), without a slash at the end; the machine's own address by default."""
    disk_floor_mb: int = DISK_FLOOR_MB
    """With less free space beside the data no meeting is opened (KAOHE_DISK_FLOOR_MB)."""
    metrics_token: str = ""
    """Lets a program read the figures of the server without signing in (KAOHE_METRICS_TOKEN); none by default."""
    hosts: frozenset[str] = frozenset()
    """Further names under which this server may be asked (KAOHE_HOSTS, with commas between them)."""
    keys: Path | None = None
    """Where the keys of open boxes lie (KAOHE_KEYS), for all servers that share a database; ``data`` by default."""
    proxies: frozenset[str] = frozenset()
    """Addresses that speak for many clients, so that none of the bounds on one address is theirs (KAOHE_PROXIES)."""
    is_testing: bool = False

    @property
    def key_folder(self) -> Path:
        """The folder of the key files."""
        return self.keys or self.data

    @classmethod
    def from_environment(cls) -> Config:
        """The settings of this process.

        Raises:
            FieldInvalid: PORT is not a port number, KAOHE_HOSTS not a list of names, KAOHE_PROXIES not a list of
                addresses, the disk floor no number of megabytes, or the token too short.
        """
        data = _data_folder()
        port = read_port(os.environ.get("PORT", str(DEFAULT_PORT)))
        return cls(
            data=data,
            database_url=os.environ.get("KAOHE_DATABASE_URL") or sqlite_url(data),
            port=port,
            public_url=os.environ.get("KAOHE_URL", "").rstrip("/") or own_url(port),
            disk_floor_mb=_read_floor(os.environ.get("KAOHE_DISK_FLOOR_MB", str(DISK_FLOOR_MB))),
            metrics_token=_read_token(os.environ.get("KAOHE_METRICS_TOKEN", "")),
            hosts=read_hosts(os.environ.get("KAOHE_HOSTS", "")),
            keys=Path(keys).resolve() if (keys := os.environ.get("KAOHE_KEYS")) else None,
            proxies=_read_proxies(os.environ.get("KAOHE_PROXIES", "")),
        )


def program_folder() -> Path:
    """Where templates, static files and migrations lie: in the package once installed, beside it in the source tree."""
    package = Path(__file__).resolve().parent
    return package if (package / "templates").is_dir() else package.parent


def has_screen() -> bool:
    """Whether a browser that is opened now would be seen by whoever started the program."""
    if "SSH_CONNECTION" in os.environ:
        return False
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def has_database() -> bool:
    """Whether anything can have been stored: a database of one's own choice, or the file of the embedded one."""
    return bool(os.environ.get("KAOHE_DATABASE_URL")) or (_data_folder() / _DATABASE_FILE).is_file()


def _data_folder() -> Path:
    return Path(os.environ.get("KAOHE_DATA", ".kaohe")).resolve()


def sqlite_url(data: Path) -> str:
    """The address of the embedded database in the data folder."""
    return f"sqlite:///{data / _DATABASE_FILE}"


def read_port(text: str) -> int:
    """A port number.

    Raises:
        FieldInvalid: not a whole number from 1 to 65535.
    """
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:  # noqa: PLR2004 - the range of ports
        raise FieldInvalid(f"端口 PORT={text} 不正确，请填 1–65535 之间的整数。")
    return int(text)


def _read_floor(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 7:  # noqa: PLR2004 - ten terabytes
        raise FieldInvalid(f"KAOHE_DISK_FLOOR_MB={text} 不正确，请填磁盘剩余空间下限的兆字节数，例如 500。")
    return int(text)


def _read_token(text: str) -> str:
    if text and len(text) < TOKEN_LENGTH:
        raise FieldInvalid(f"KAOHE_METRICS_TOKEN 太短，请用至少 {TOKEN_LENGTH} 个字符的随机串。")
    return text


def read_hosts(text: str) -> frozenset[str]:
    """Names of hosts, or addresses, with commas between them; without scheme, port and path.

    Raises:
        FieldInvalid: one of them is something else.
    """
    names = frozenset(name.strip().lower().strip("[]") for name in text.split(",") if name.strip())
    wrong = sorted(name for name in names if not _HOST.fullmatch(name))
    if wrong:
        raise FieldInvalid(f"KAOHE_HOSTS 中的“{wrong[0]}”不是主机名，请写成 kaohe.example.cn，多个之间用逗号。")
    return names


def _read_proxies(text: str) -> frozenset[str]:
    try:
        return frozenset(str(ip_address(each.strip())) for each in text.split(",") if each.strip())
    except ValueError as error:
        raise FieldInvalid("KAOHE_PROXIES 应填反向代理的 IP 地址，例如 127.0.0.1，多个之间用逗号。") from error


def own_url(port: int) -> str:
    """The address under which phones in the same network reach this machine."""
    return f"http://{own_address()}:{port}"


def own_addresses() -> frozenset[str]:
    """Every address that a network card of this machine has at this moment; no packet is sent."""
    return frozenset(
        str(address.ip if address.is_IPv4 else address.ip[0]).lower()
        for card in ifaddr.get_adapters()
        for address in card.ips
    )


def own_address() -> str:
    """The first private IPv4 address of a real network card; the loopback address where there is none.

    No packet is sent: the cards are only read.
    """
    addresses = [
        str(address.ip)
        for card in ifaddr.get_adapters()
        for address in card.ips
        if address.is_IPv4 and not str(address.ip).startswith(("127.", "169.254."))
    ]
    private = [a for a in addresses if a.startswith(("192.168.", "10.")) or _is_172_private(a)]
    return next(iter(private or addresses), "127.0.0.1")


def _is_172_private(address: str) -> bool:
    first, second = address.split(".")[:2]
    return first == "172" and 16 <= int(second) <= 31  # noqa: PLR2004 - RFC 1918
