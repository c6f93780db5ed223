"""One frozen Config; the only reader of the environment."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from kaohe.domain.errors import FieldInvalid
from kaohe.network import likely_address, list_cards

DEFAULT_PORT = 8000
HTTP_PORT = 80
"""What a browser takes where an address names none."""
_HTTPS_PORT = 443
DISK_FLOOR_MB = 500
TOKEN_LENGTH = 16
"""The least length of the metrics token, so that it cannot be guessed."""
_DRAIN_AT_MOST = 600
_DATABASE_FILE = "kaohe.sqlite3"
_PORT_FILE = "port"
_ADDRESS_FILE = "address"
_URL = re.compile(
    r"https?://(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?"
)
_HOST = re.compile(r"[a-z0-9._-]{1,253}|[0-9a-f:.]{2,45}")


class LogFormat(StrEnum):
    """How a running server writes its events."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM: a certificate with those that vouch for it, and its private key."""

    chain: Path
    key: Path


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
    follows_card: bool = False
    """Whether ``public_url`` is the address of a network card, and another may be chosen: KAOHE_URL says none."""
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
    listen: str = "0.0.0.0"  # noqa: S104 - phones must reach it
    """The address of this machine that is listened on (KAOHE_LISTEN); all of IPv4 by default."""
    certificate: Certificate | None = None
    """What the server proves its name with (KAOHE_TLS_CERT, KAOHE_TLS_KEY); plain HTTP by default."""
    drain_seconds: int = 0
    """How long a server that was told to stop serves on, while ``/ready`` says so (KAOHE_DRAIN_SECONDS)."""
    font: Path | None = None
    """The font file that PDFs are written in (KAOHE_FONT); by default the best one that is installed here."""
    log_format: LogFormat = LogFormat.TEXT
    """Lines for people, or one JSON object a line (KAOHE_LOG)."""
    is_testing: bool = False

    @property
    def key_folder(self) -> Path:
        """The folder of the key files."""
        return self.keys or self.data

    @classmethod
    def from_environment(cls) -> Config:
        """The settings of this process.

        Raises:
            FieldInvalid: PORT is not a port number, KAOHE_URL or KAOHE_LISTEN no address, KAOHE_HOSTS not a list of
                names, KAOHE_PROXIES not a list of addresses, the disk floor no number of megabytes, the seconds to
                drain out of bounds, the token too short, KAOHE_FONT no file, KAOHE_LOG no format, or a certificate
                without its key or name.
        """
        data = _data_folder()
        url = read_url(_setting("KAOHE_URL"))
        certificate = _read_certificate(url)
        usual = kept_port(data) if certificate is None else urlsplit(url).port or _HTTPS_PORT
        port = read_port(wanted) if (wanted := _setting("PORT")) else usual
        return cls(
            data=data,
            database_url=_setting("KAOHE_DATABASE_URL") or sqlite_url(data),
            port=port,
            public_url=url or own_url(port, _kept_address(data)),
            follows_card=not url,
            disk_floor_mb=_read_floor(_setting("KAOHE_DISK_FLOOR_MB") or str(DISK_FLOOR_MB)),
            metrics_token=_read_token(_setting("KAOHE_METRICS_TOKEN")),
            hosts=read_hosts(_setting("KAOHE_HOSTS")),
            keys=Path(keys).resolve() if (keys := _setting("KAOHE_KEYS")) else None,
            proxies=_read_proxies(_setting("KAOHE_PROXIES")),
            listen=_read_listen(_setting("KAOHE_LISTEN") or "0.0.0.0"),  # noqa: S104 - phones must reach it
            certificate=certificate,
            drain_seconds=_read_drain(_setting("KAOHE_DRAIN_SECONDS")),
            font=_read_font(_setting("KAOHE_FONT")),
            log_format=_read_log_format(_setting("KAOHE_LOG") or LogFormat.TEXT),
        )


def program_folder() -> Path:
    """Where templates, static files and migrations lie: in the package once installed, beside it in the source tree."""
    package = Path(__file__).resolve().parent
    return package if (package / "templates").is_dir() else package.parent


def own_program(statement: str) -> str:
    """A program for ``python -c`` that finds this very kaohe, installed or not, and then does ``statement``."""
    return f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parents[1])!r}); {statement}"


def has_screen() -> bool:
    """Whether a browser that is opened now would be seen by whoever started the program."""
    if "SSH_CONNECTION" in os.environ:
        return False
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def has_database() -> bool:
    """Whether anything can have been stored: a database of one's own choice, or the file of the embedded one."""
    return bool(_setting("KAOHE_DATABASE_URL")) or (_data_folder() / _DATABASE_FILE).is_file()


def _setting(name: str) -> str:
    """A variable of the environment; '' where it is not there or, as in many files of settings, left empty or blank."""
    return os.environ.get(name, "").strip()


def _data_folder() -> Path:
    return Path(_setting("KAOHE_DATA") or ".kaohe").resolve()


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


def _read_drain(text: str) -> int:
    if text and (not text.isascii() or not text.isdigit() or int(text) > _DRAIN_AT_MOST):
        raise FieldInvalid(f"KAOHE_DRAIN_SECONDS={text} 不正确，请填 0–{_DRAIN_AT_MOST} 之间的秒数。")
    return int(text or 0)


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


def read_url(text: str) -> str:
    """The address that tickets begin with, without a slash at the end; '' for none.

    Raises:
        FieldInvalid: it is not a scheme and a host, with a port or none: what is printed could not be opened.
    """
    if not text:
        return ""
    found = _URL.fullmatch(text.rstrip("/"))
    if found is None or (found["port"] and not 1 <= int(found["port"]) <= 65535):  # noqa: PLR2004 - the range of ports
        raise FieldInvalid(
            f"KAOHE_URL={text} 不正确，请写成 http://192.168.1.20:8000 或 https://kaohe.example.cn，不带路径和参数。"
        )
    if found["host"].lower().rstrip(".").endswith(".local"):
        raise FieldInvalid(f"KAOHE_URL={text} 用了 .local 名字，许多手机打不开，请改用 IP 地址或正式的域名。")
    return text.rstrip("/")


def _read_font(text: str) -> Path | None:
    if text and not Path(text).is_file():
        raise FieldInvalid(f"KAOHE_FONT={text} 不是文件，请填字体文件（TTF、TTC 或 OTF）的完整路径。")
    return Path(text).resolve() if text else None


def _read_log_format(text: str) -> LogFormat:
    try:
        return LogFormat(text)
    except ValueError as error:
        raise FieldInvalid(f"KAOHE_LOG={text} 不正确，请填 text（给人看）或 json（每行一个 JSON 对象）。") from error


def _read_listen(text: str) -> str:
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError as error:
        raise FieldInvalid(
            f"KAOHE_LISTEN={text} 不正确，请填本机的一个 IP 地址；0.0.0.0 表示本机的所有地址，:: 表示连同 IPv6。"
        ) from error


def _read_certificate(public_url: str) -> Certificate | None:
    chain, key = _setting("KAOHE_TLS_CERT"), _setting("KAOHE_TLS_KEY")
    if not chain and not key:
        return None
    if not chain or not key:
        raise FieldInvalid("KAOHE_TLS_CERT 和 KAOHE_TLS_KEY 要一起设置：证书文件和它的私钥文件。")
    if not public_url.startswith("https://"):
        raise FieldInvalid("使用证书时请把 KAOHE_URL 设为证书上的名字，例如 https://kaohe.example.cn。")
    return Certificate(Path(chain).resolve(), Path(key).resolve())


def own_url(port: int, wanted: str = "") -> str:
    """The address under which phones in the same network reach this machine, by the card that has ``wanted`` now."""
    cards = list_cards()
    address = wanted if wanted in {card.address for card in cards} else likely_address(cards)
    return f"http://{address}" if port == HTTP_PORT else f"http://{address}:{port}"


def kept_port(data: Path) -> int:
    """The port of earlier starts that were told none, so that printed slips keep leading here; 8000 by default."""
    try:
        return read_port((data / _PORT_FILE).read_text(encoding="ascii").strip())
    except OSError:
        return DEFAULT_PORT


def _kept_address(data: Path) -> str:
    """The address of the network card that was chosen for phones; '' for none."""
    try:
        return (data / _ADDRESS_FILE).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def keep_address(data: Path, address: str) -> None:
    """Use the network card with this address at every later start at which it is there."""
    (data / _ADDRESS_FILE).write_text(f"{address}\n", encoding="ascii")


def keep_port(data: Path, port: int) -> None:
    """Use ``port`` at every later start that is told none."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / _PORT_FILE).write_text(f"{port}\n", encoding="ascii")


def is_first_choice_of_port() -> bool:
    """Whether nobody has said which port to use, and nothing that was printed can name one."""
    return not _setting("PORT") and not has_database() and not (_data_folder() / _PORT_FILE).exists()
