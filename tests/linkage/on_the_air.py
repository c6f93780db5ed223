"""The row "on the air" of the linkage game: somebody records all that phones, screens and server say to each other.

Every second phone of the hall seals its ballot; the others have no scripts, and send theirs for the server to seal.
That the recorder reads those shows that he would read the sealed ones too, if anything of them could be read.
"""

from __future__ import annotations

import base64
import re
import select
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

from linkage.attackers import Guess, nonces_from
from linkage.evidence import Evidence, OnTheAir, Played

from kaohe.domain.envelopes import envelope_tag, retry_digest

GRADES = ("excellent", "competent", "basically_competent", "incompetent")
Sealing = Callable[[str, str, Sequence[tuple[str, str]], str], Mapping[str, str]]
"""What a phone posts that seals, beside ticket and round: for meeting, form, fields and nonce."""
_MARK = re.compile(rb"[?&]?i\.[^=&]+=([a-z_]+)")
_Ballots = Mapping[int, OnTheAir]


class _Relay(socketserver.ThreadingTCPServer):
    """Passes on what either side says, and keeps it."""

    allow_reuse_address = True
    # Closing waits for every exchange to be over.
    daemon_threads = False
    request_queue_size = 256

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.to = port
        self.heard: list[OnTheAir] = []


class _Passing(socketserver.BaseRequestHandler):
    server: Any

    def handle(self) -> None:
        said: dict[Any, list[tuple[float, bytes]]] = {}
        with socket.create_connection(("127.0.0.1", self.server.to)) as server:
            other = {self.request: server, server: self.request}
            said = {self.request: [], server: []}
            while True:
                ready, _, _ = select.select([*other], [], [])
                pieces = [(side, _piece(side)) for side in ready]
                if not all(piece for _, piece in pieces):
                    break
                for side, piece in pieces:
                    said[side].append((time.time(), piece))
                    other[side].sendall(piece)
            self.server.heard.append(_exchange(self.client_address[0], said[self.request], said[server]))


def _piece(side: socket.socket) -> bytes:
    try:
        return side.recv(65536)
    except OSError:
        return b""


def _exchange(address: str, asked: Sequence[tuple[float, bytes]], told: Sequence[tuple[float, bytes]]) -> OnTheAir:
    moment = asked[0][0] if asked else 0.0
    took = told[0][0] - asked[-1][0] if asked and told else 0.0
    return OnTheAir(address, moment, took, *(b"".join(piece for _, piece in side) for side in (asked, told)))


@contextmanager
def recorded(port: int) -> Iterator[tuple[int, list[OnTheAir]]]:
    """(The port that phones are to use in place of the server's, every exchange once it is over)."""
    with _Relay(port) as relay:
        threading.Thread(target=relay.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield relay.server_address[1], relay.heard
        finally:
            relay.shutdown()


def ballots_on_the_air(evidence: Evidence) -> dict[int, OnTheAir]:
    """The exchange in which each ticket was spent; by its address the worst onlooker knows whose it is."""
    phones = {used.address: ticket for ticket, used in enumerate(evidence.tickets)}
    return {
        phones[said.address]: said
        for said in evidence.air
        if said.address in phones and said.asked.startswith(b"POST") and b"ticket=" in said.asked
    }


def is_sealed(said: OnTheAir) -> bool:
    """Whether the phone has sealed."""
    return b"&box=" in said.asked


def links(played: Played, *, sealed: bool) -> dict[str, tuple[int, int]]:
    """By attack: how many of the ballots that phones sealed, or did not, it links rightly, and how many there are."""
    ballots = {
        ticket: said for ticket, said in ballots_on_the_air(played.evidence).items() if is_sealed(said) is sealed
    }
    found = {}
    for name, attack in ATTACKS.items():
        guess = attack(played.evidence, ballots)
        right = sum(played.truth[ticket] == number for ticket, number in guess.items())
        found[name] = right, len(ballots)
    return found


def _by_reading(evidence: Evidence, ballots: _Ballots) -> Guess:
    """Look for marks and comments in all that a phone says and is told, as they are, escaped, and in base64."""
    by_marks = {content.marks: number for number, content in enumerate(evidence.contents)}
    phones = {said.address: ticket for ticket, said in ballots.items()}
    guess = {}
    for said in evidence.air:
        if said.address not in phones:
            continue
        for text in (said.asked, said.told):
            plain = unquote_to_bytes(text.replace(b"+", b" "))
            marks = bytes(GRADES.index(name.decode()) for name in _MARK.findall(plain) if name.decode() in GRADES)
            numbers = [number for each in (plain, _box_of(text)) for _, number in evidence.found_in(each)]
            numbers += [by_marks[marks]] if marks in by_marks else []
            if numbers:
                guess[phones[said.address]] = numbers[0]
    return guess


def _box_of(text: bytes) -> bytes:
    box = _fields(text).get("box", "")
    return base64.urlsafe_b64decode(box + "=" * (-len(box) % 4))


def _fields(text: bytes) -> dict[str, str]:
    body = text.partition(b"\r\n\r\n")[2].decode("latin-1")
    return {name: values[0] for name, values in parse_qs(body).items()}


def _by_digest(evidence: Evidence, ballots: _Ballots) -> Guess:
    """See whether what stands beside the seal is made from the choices."""
    meanings = {}
    for number, content in enumerate(evidence.contents):
        for nonce in nonces_from(content):
            meanings[nonce] = number
            meanings[envelope_tag(evidence.round_id, nonce).hex()] = number
            meanings[retry_digest(evidence.round_id, nonce).hex()] = number
    return {
        ticket: meanings[value]
        for ticket, said in ballots.items()
        for value in _fields(said.asked).values()
        if value in meanings
    }


def _by(measure: Callable[[OnTheAir], float]) -> Callable[[Evidence, _Ballots], Guess]:
    """The more there is of something, the longer the comment; nothing where there is the same of it on every ballot."""

    def attack(evidence: Evidence, ballots: _Ballots) -> Guess:
        if len({measure(said) for said in ballots.values()}) < 2:
            return {}
        longest = sorted(range(len(evidence.contents)), key=lambda number: len(evidence.contents[number].comment))
        # Of all comments only so many belong to these phones; which, nobody knows.
        step = len(longest) / len(ballots)
        ranked = sorted(ballots, key=lambda ticket: measure(ballots[ticket]))
        return {ticket: longest[int(place * step)] for place, ticket in enumerate(ranked)}

    return attack


def _by_order(evidence: Evidence, ballots: _Ballots) -> Guess:
    """The list of ballots that the panel gets, in the order in which they were heard."""
    ranked = sorted(ballots, key=lambda ticket: ballots[ticket].moment)
    step = len(evidence.contents) / len(ballots)
    return {ticket: int(place * step) for place, ticket in enumerate(ranked)}


ATTACKS: Mapping[str, Callable[[Evidence, _Ballots], Guess]] = {
    "what is said can be read": _by_reading,
    "a digest of the choices": _by_digest,
    "the length of the ballot": _by(lambda said: len(said.asked.partition(b"\r\n\r\n")[2])),
    "the length of the reply": _by(lambda said: len(said.told)),
    "the time until the reply": _by(lambda said: said.took),
    "the order": _by_order,
}
