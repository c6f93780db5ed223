"""A hall's server from its port to its last reply, and what it says about itself on the terminal."""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from typing import Self

from flask import Flask
from rich.console import Console
from rich.text import Text

from kaohe.config import Config
from kaohe.domain.errors import TracesLeft
from kaohe.operations.apart import work_apart_from_now_on
from kaohe.operations.count.erasing import erase_what_is_due
from kaohe.operations.server.health import stop_being_ready
from kaohe.operations.server.startup_checks import check_server
from kaohe.server.http_server import (
    Server,
    allow_many_connections,
    check_passwords_in_a_thread,
    listen,
    note_faults_beside_requests,
)
from kaohe.server.logs import write_log
from kaohe.server.tls import ServedCertificate
from kaohe.storage.database import is_sqlite
from kaohe.storage.exclusive_access import hold_presence
from kaohe.storage.round_keys import mark_key_folder
from kaohe.storage.starting import close_database

_LOG = logging.getLogger("kaohe")


@dataclass(frozen=True, slots=True)
class HallServer:
    """A server that listens already and serves as soon as its application is ready."""

    config: Config
    listener: socket.socket
    files_at_most: int | None
    """How many files, and so connections, the system allows; None where it sets no limit."""
    certificate: ServedCertificate | None

    @classmethod
    def listening(cls, config: Config) -> Self:
        """Begin the log and take the port, so that phones that come early wait instead of being turned away.

        Raises:
            PortTaken: another program listens there, or the system does not allow it.
            CertificateUnusable: the files of the certificate cannot be used.
        """
        write_log(config.log_format)
        note_faults_beside_requests()
        certificate = None if config.certificate is None else ServedCertificate(config.certificate)
        files_at_most = allow_many_connections()
        check_passwords_in_a_thread()
        return cls(config, listen(config.listen, config.port), files_at_most, certificate)

    def check(self, console: Console) -> None:
        """Finish the erasing that was interrupted, and print the self-check. Needs an application context."""
        try:
            erase_what_is_due()
        except TracesLeft as error:
            # A hall is served all the same: the next start tries again.
            console.print(f"注意：{error.message}", soft_wrap=True)
        console.print(Text("开机自检", style="bold"))
        for check in check_server(self.files_at_most):
            console.print(
                Text(f"  {'√' if check.is_good else '！'} {check.text}", style="" if check.is_good else "yellow"),
                soft_wrap=True,
            )

    def serve(self, app: Flask, console: Console) -> None:
        """Serve ``app`` until SIGTERM or SIGINT, finish what has begun, and close the database.

        Called outside the application's context: connections that inherited it would share its ``g``, and with it who
        is signed in.
        """

        def say_stopping(count: int) -> None:
            _LOG.info("stopping", extra={"event": "stopping"})
            if count:
                console.print(f"正在停止：先处理完手上的 {count} 个请求……", soft_wrap=True)

        def say_draining() -> None:
            with app.app_context():
                stop_being_ready()
            seconds = self.config.drain_seconds
            console.print(f"{seconds} 秒后停止，期间照常收票；再按一次 Ctrl+C 立即停止。", soft_wrap=True)

        with app.app_context():
            key_folder = "" if is_sqlite() else mark_key_folder()
            work_apart_from_now_on()
        with hold_presence(self.config.database_url, key_folder):
            server = Server(
                self.listener,
                app,
                files_at_most=self.files_at_most,
                proxies=self.config.proxies,
                certificate=self.certificate,
            )
            _LOG.info("serving on port %s", self.config.port, extra={"event": "started"})
            cut = server.run_until_stopped(say_stopping, drain_seconds=self.config.drain_seconds, draining=say_draining)
        with app.app_context():
            close_database()
        if cut:
            console.print(f"有 {cut} 个请求没有来得及处理完，手机会自动重试。", soft_wrap=True)
        _LOG.info("stopped; requests that were cut off: %s", cut, extra={"event": "stopped"})
        console.print("服务器已停止，数据已保存。")
