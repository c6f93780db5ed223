"""The wireless network of the hall (会场无线网络), which every phone joins before it votes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import WIRELESS_NAME_BYTES, WIRELESS_PASSWORD_LENGTH


@dataclass(frozen=True, slots=True)
class Wireless:
    """A network by its name; without a password it is open to everybody."""

    name: str
    """'' where nobody has said any."""
    password: str

    @property
    def joining_text(self) -> str:
        """What a phone's camera reads to join the network."""
        name, password = (re.sub(r'([\\;,:"])', r"\\\1", text) for text in (self.name, self.password))
        return f"WIFI:T:WPA;S:{name};P:{password};;" if password else f"WIFI:T:nopass;S:{name};;"


def read_wireless(name: str, password: str) -> Wireless:
    """The network that a person typed; both left empty for none.

    Raises:
        FieldInvalid: the name is too long, or the password is none that a network can have.
    """
    name = name.strip()
    if len(name.encode()) > WIRELESS_NAME_BYTES or not name.isprintable():
        raise FieldInvalid(
            f"无线网络名称最多 {WIRELESS_NAME_BYTES} 个字母（汉字 {WIRELESS_NAME_BYTES // 3} 个），请照路由器上的写。"
        )
    if password and not name:
        raise FieldInvalid("请填写无线网络的名称；不用无线网络的，名称和密码都不填。")
    fewest, most = WIRELESS_PASSWORD_LENGTH
    if password and not (fewest <= len(password) <= most and password.isascii() and password.isprintable()):
        raise FieldInvalid(f"无线网络的密码应为 {fewest} 到 {most} 位字母、数字或符号；没有密码的不填。")
    return Wireless(name, password)
