"""A server that proves its name: pages, ballots' connections and live screens over HTTPS."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import struct
import time
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from certificates import write_certificate
from processes import TWO_SUBJECTS, Kaohe

from kaohe.config import Certificate
from kaohe.server.tls import CertificateUnusable, ServedCertificate


@pytest.fixture
def secured(kaohe: Kaohe, tmp_path: Path) -> Kaohe:
    chain, key = write_certificate(tmp_path, "localhost", "127.0.0.1")
    settings = {"KAOHE_TLS_CERT": str(chain), "KAOHE_TLS_KEY": str(key), "KAOHE_LISTEN": "::"}
    return replace(kaohe, public_url=f"https://localhost:{kaohe.port}", settings=settings)


def trusting(kaohe: Kaohe) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=kaohe.settings["KAOHE_TLS_CERT"])


def test_pages_screens_and_silent_clients_over_https(secured: Kaohe) -> None:
    meeting_id = secured.meeting(TWO_SUBJECTS)
    secured.does("meeting", "open", meeting_id)
    with secured.serving() as server:
        # The test can trust no other one than a certificate that vouches for itself; phones would not.
        assert "！ 证书：是自签的，每部手机都会报警" in server.printed
        assert f"https://localhost:{secured.port}/desk" in server.printed
        # No card can be chosen where the settings say the address.
        assert "注意：KAOHE_URL 里的 localhost 是本机自己的地址" in server.printed
        assert "网卡，或" not in server.printed
        # One connection for several requests, over either family of addresses.
        for host in ("127.0.0.1", "::1"):
            with closing(http.client.HTTPSConnection(host, secured.port, timeout=30)) as phone:
                phone.sock = trusting(secured).wrap_socket(
                    socket.create_connection((host, secured.port), timeout=30), server_hostname="localhost"
                )
                for _ in range(3):
                    phone.request("GET", f"/v/{meeting_id}/1", headers={"Host": f"localhost:{secured.port}"})
                    with phone.getresponse() as reply:
                        assert reply.status == 200
                        assert "张伟" in reply.read().decode()

        # A live screen gets its first picture and then each change.
        (stage,) = re.findall(rf"https://[^/]+(/stage/{meeting_id}/\S+)", server.printed)
        with closing(http.client.HTTPSConnection("localhost", secured.port, context=trusting(secured))) as screen:
            screen.request("GET", f"{stage}/live")
            with screen.getresponse() as stream:
                assert stream.status == 200
                secured.does("meeting", "pause", meeting_id)
                assert any("暂停" in line.decode() for line in iter(stream.readline, b""))

        # Plain HTTP is answered nothing, and somebody who never speaks holds up no stop.
        with socket.create_connection(("127.0.0.1", secured.port), timeout=30) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            with suppress(ConnectionResetError):
                assert not plain.recv(4096).startswith(b"HTTP")
        with socket.create_connection(("127.0.0.1", secured.port), timeout=30):
            before = server.printed
            assert server.stop() == 0
        assert server.printed.removeprefix(before).strip() == "服务器已停止，数据已保存。"


def test_who_is_gone_before_or_after_the_handshake_leaves_nothing_in_the_log(secured: Kaohe) -> None:
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    with secured.serving() as server:
        before = server.printed
        for is_secure, sent in (
            (False, b"GET / HTTP/1.1"),
            (True, b"GET /desk/sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ):
            for _ in range(5):
                line = socket.create_connection(("127.0.0.1", secured.port), timeout=30)
                line = anybody.wrap_socket(line) if is_secure else line
                line.sendall(sent)
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                line.close()
        assert _name_seen(secured, trusting(secured))
        assert server.stop() == 0
    assert server.printed.removeprefix(before).strip() == "服务器已停止，数据已保存。"


def _name_seen(kaohe: Kaohe, context: ssl.SSLContext) -> str:
    with (
        socket.create_connection(("127.0.0.1", kaohe.port), timeout=30) as line,
        context.wrap_socket(line, server_hostname="localhost") as secure,
    ):
        return str(secure.getpeercert()["serialNumber"])


def test_a_new_certificate_is_served_without_a_restart(secured: Kaohe, tmp_path: Path) -> None:
    with secured.serving():
        old = _name_seen(secured, trusting(secured))
        write_certificate(tmp_path, "localhost")
        renewed = trusting(secured)
        for _ in range(100):
            try:
                assert _name_seen(secured, renewed) != old
                break
            except ssl.SSLCertVerificationError:
                time.sleep(0.1)
        else:
            raise AssertionError("the server still shows the old certificate")


def test_files_that_do_not_fit_together_are_passed_over_until_they_do(tmp_path: Path) -> None:
    served = ServedCertificate(Certificate(*write_certificate(tmp_path, "localhost")))
    assert not served.look_again()
    write_certificate(tmp_path, "localhost", has_own_key=False)
    assert not served.look_again()
    write_certificate(tmp_path, "localhost")
    assert served.look_again()
    (tmp_path / "kaohe.pem").unlink()
    assert not served.look_again()


@pytest.mark.parametrize("fault", ["another key", "no file", "no certificate"])
def test_a_certificate_that_cannot_be_used_is_refused_at_the_start(fault: str, secured: Kaohe, tmp_path: Path) -> None:
    chain, _ = write_certificate(tmp_path, "localhost", has_own_key=fault != "another key")
    if fault == "no file":
        chain.unlink()
    if fault == "no certificate":
        chain.write_text("证书")

    assert secured.apart.refuses("serve") == CertificateUnusable.text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"KAOHE_TLS_KEY": ""}, "要一起设置"),
        ({"KAOHE_TLS_CERT": ""}, "要一起设置"),
        ({"KAOHE_URL": "http://localhost"}, "https://"),
        ({"KAOHE_URL": ""}, "https://"),
        ({"KAOHE_LISTEN": "192.0.2.77"}, "本机没有 192.0.2.77"),
        ({"KAOHE_LISTEN": "localhost"}, "KAOHE_LISTEN"),
    ],
)
def test_settings_that_do_not_fit_are_refused_in_a_sentence(
    settings: dict[str, str], said: str, secured: Kaohe
) -> None:
    assert said in secured.apart.refuses("serve", **settings)
