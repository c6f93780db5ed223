"""A hall that votes while the same server packs the files of many meetings: what its phones and the office wait for."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from flask import Flask

from bench.hall import ACTOR, Hall, open_halls, serving
from bench.phones import BurstSeen, burst, phones_of, post_request, post_through
from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.storage.starting import close_database
from kaohe.web.access import SIGN_IN_KEY

SERVE = ("-m", "kaohe", "serve")
_SUBJECTS, _BALLOTS = 15, 12
_PHONES_A_SECOND = 10


@dataclass
class Packed:
    """What the office got, and when."""

    seconds: float = 0
    folders: int = 0
    told: set[str] = field(default_factory=set)


def pack_beside_a_vote(meetings: int, seconds: float) -> tuple[BurstSeen, BurstSeen, Packed]:
    """(a hall's phones alone, as many of them beside the packing, the packing), over so many seconds each."""
    phones = int(_PHONES_A_SECOND * seconds)
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        data = Path(folder)
        *held, hall = open_halls(data, meetings + 1, voters=max(2 * phones, _BALLOTS), subjects=_SUBJECTS)
        with serving(SERVE, data) as server:
            for each in held:
                _vote(server.port, each)
        app = create_app(Config(data, sqlite_url(data), public_url="http://127.0.0.1"))
        with app.app_context():
            secret = create_account(make_sign_in_link(ACTOR), ACTOR, secrets.token_hex(16))
            for each in held:
                close_meeting(ACTOR, each.meeting_id)
                count_meeting(ACTOR, each.meeting_id)
        cookie = _cookie(app, secret)
        with app.app_context():
            close_database()
        with serving(SERVE, data) as server:
            alone = _burst(server.port, hall, hall.codes[:phones], seconds)
            packed = Packed()
            office = threading.Thread(target=_pack, args=(server.port, cookie, held, packed))
            office.start()
            beside = _burst(server.port, hall, hall.codes[phones : 2 * phones], seconds)
            office.join()
    return alone, beside, packed


def _vote(port: int, hall: Hall) -> None:
    requests = [
        post_request(hall.path, hall.sealed_body(code, secrets.token_hex(16))) for code in hall.codes[:_BALLOTS]
    ]
    done = asyncio.run(post_through(port, requests, 4))
    if done.errors:
        raise RuntimeError(f"{len(done.errors)} refused, the first: {done.errors[0]}")


def _burst(port: int, hall: Hall, codes: Sequence[str], seconds: float) -> BurstSeen:
    return asyncio.run(burst(port, hall.path, phones_of(codes, hall.sealed_body, hall.path, seconds=seconds)))


def _cookie(app: Flask, secret: str) -> str:
    client = app.test_client()
    with client.session_transaction("/desk/", base_url="http://127.0.0.1") as session:
        session[SIGN_IN_KEY] = secret
    cookie = client.get_cookie("kaohe_desk", domain="127.0.0.1", path="/desk")
    if cookie is None:
        raise RuntimeError("nobody is signed in")
    return f"{cookie.key}={cookie.value}"


def _pack(port: int, cookie: str, held: Sequence[Hall], packed: Packed) -> None:
    base = f"http://127.0.0.1:{port}/documents"
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(0.5):
            part = _got(f"{base}/packing?job=bench&asked=1", cookie).decode()
            packed.told.add(part.partition(">")[2].partition("<")[0])

    asking = threading.Thread(target=ask)
    asking.start()
    begun = time.perf_counter()
    chosen = "&".join(f"meeting={each.meeting_id}" for each in held)
    try:
        content = _got(f"{base}/pack.zip?job=bench&{chosen}", cookie)
    finally:
        ended.set()
        asking.join()
    packed.seconds = time.perf_counter() - begun
    with ZipFile(BytesIO(content)) as opened:
        packed.folders = len({name.partition("/")[0] for name in opened.namelist() if "/" in name})


def _got(url: str, cookie: str) -> bytes:
    request = urllib.request.Request(url, headers={"Cookie": cookie, "HX-Request": "true"})
    with urllib.request.urlopen(request, timeout=300) as reply:
        content: bytes = reply.read()
    return content
