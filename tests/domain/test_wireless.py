"""The wireless network of the hall, as a camera reads it and as people type it."""

from __future__ import annotations

import pytest

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.wireless import Wireless, read_wireless


@pytest.mark.parametrize(
    ("name", "password", "text"),
    [
        ("会场-5G", "kaohe2026", "WIFI:T:WPA;S:会场-5G;P:kaohe2026;;"),
        ("hall", "", "WIFI:T:nopass;S:hall;;"),
        ('a;b"c', "p:1,2\\3;45", 'WIFI:T:WPA;S:a\\;b\\"c;P:p\\:1\\,2\\\\3\\;45;;'),
    ],
)
def test_a_camera_reads_name_and_password_whatever_signs_they_hold(name: str, password: str, text: str) -> None:
    assert read_wireless(f" {name} ", password) == Wireless(name, password)
    assert Wireless(name, password).joining_text == text


@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [
        ("无线" * 6, "kaohe2026", "名称最多"),
        ("a\nb", "kaohe2026", "名称最多"),
        ("", "kaohe2026", "请填写无线网络的名称"),
        ("hall", "short", "8 到 63 位"),
        ("hall", "密码密码密码密码", "8 到 63 位"),
        ("hall", "x" * 64, "8 到 63 位"),
    ],
)
def test_what_no_network_can_have_is_refused(name: str, password: str, sentence: str) -> None:
    with pytest.raises(FieldInvalid, match=sentence):
        read_wireless(name, password)


def test_nothing_typed_is_no_network() -> None:
    assert read_wireless("  ", "") == Wireless("", "")
