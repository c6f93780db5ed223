"""The server with one leak planted in it, so that the attackers can show that they would find it.

``python leaky_server.py LEAK serve``. None of this can be switched on in the product.
"""

from __future__ import annotations

import sys
from typing import Any


def _plant_access_log() -> None:
    from kaohe.server import http_server  # noqa: PLC0415 - after the patching

    def handle(self: Any, sock: Any, address: tuple[str, int]) -> None:
        line = http_server.Connection(sock, address, self)
        self.lines.join(line, b"")
        line.handle()
        self.lines.leave(line)

    def log_request(self: Any) -> None:
        asked = f"{self.environ['REQUEST_METHOD']} {self.environ['PATH_INFO']}"
        print(f'{self.client_address[0]} - - "{asked}" {self.code}', flush=True)  # noqa: T201 - the leak

    http_server.Server.handle = handle
    http_server.Connection.log_request = log_request


def _plant_unsealed() -> None:
    from kaohe.domain.sealing import Sealer  # noqa: PLC0415 - after the patching

    def seal(self: Any, plain: bytes, tag: bytes) -> bytes:
        return b"\x01" + plain

    Sealer.seal = seal


def _plant_unpadded() -> None:
    from kaohe.domain.sealing import Sealer  # noqa: PLC0415 - after the patching

    seal_padded = Sealer.seal

    def seal(self: Any, plain: bytes, tag: bytes) -> bytes:
        return seal_padded(self, plain.rstrip(b"\0"), tag)

    Sealer.seal = seal


def _plant_bare_note() -> None:
    from kaohe.storage.secrets_file import Secrets  # noqa: PLC0415 - after the patching

    wrap, unwrap = Secrets.wrap, Secrets.unwrap

    def bare(self: Any, plain: bytes, purpose: str) -> bytes:
        return plain if purpose.startswith("screen|") else wrap(self, plain, purpose)

    def as_it_is(self: Any, wrapped: bytes, purpose: str) -> bytes:
        return wrapped if purpose.startswith("screen|") else unwrap(self, wrapped, purpose)

    Secrets.wrap, Secrets.unwrap = bare, as_it_is


_LEAKS = {
    "access-log": _plant_access_log,
    "unsealed": _plant_unsealed,
    "unpadded": _plant_unpadded,
    "bare-note": _plant_bare_note,
}

if __name__ == "__main__":
    from gevent import monkey

    # As `kaohe serve` does it: before anything else is imported.
    monkey.patch_all()
    _LEAKS[sys.argv.pop(1)]()
    from kaohe.cli import main

    main()
