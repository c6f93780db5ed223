"""Attackers U1 to U7 of docs/security.md. Each takes the evidence and says which content belongs to which ticket.

They are the same for the product and for the planted leaks; only the second shows that they can see.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from linkage.evidence import Content, Dump, Evidence, TableRow

from kaohe.domain.envelopes import envelope_tag, retry_digest

Guess = Mapping[int, int]
"""Number of the ticket, in the order of use, to the number of the content."""

SEALED_MOMENTS = ("voting", "closed", "stripped")
PANEL_OUTPUT = ("kaohe.sqlite3", "kaohe.sqlite3-wal", "backup.sqlite3", "base/", "pg_wal/", "pg_dump", "pageinspect")
"""Where opened ballots and comments may stand, once the box has been opened."""


@dataclass(frozen=True)
class Order:
    """A sequence of contents that some place on a disk suggests."""

    name: str
    contents: tuple[int, ...]


def readable(evidence: Evidence) -> dict[str, int]:
    """U1 and U7: contents in the clear, by moment and file; where only ciphertext may be there must be none.

    Every page image that SQLite's log ever held before the count, deleted or overwritten since, counts as a file.
    """
    found = {}
    for moment, dump in evidence.dumps.items():
        for name, data in dump.files.items():
            if moment in SEALED_MOMENTS or not name.startswith(PANEL_OUTPUT):
                found[f"{moment} {name}"] = len({number for _, number in evidence.found_in(data)})
    found["voting, every page ever logged"] = len(
        {number for image in evidence.wal for _, number in evidence.found_in(image)}
    )
    found["the projector's stream"] = len(
        {number for _, block in evidence.stream for _, number in evidence.found_in(block)}
    )
    return found


def orders(evidence: Evidence) -> Iterator[Order]:
    """U2 and U3: every sequence of opened ballots and of comments that rows, pages, indexes and exports suggest."""
    for moment in ("before_erasing", "opened"):
        dump = evidence.dumps.get(moment)
        if dump is None:
            continue
        for name, contents in _orders_of(evidence, dump):
            seen = tuple(dict.fromkeys(contents))
            if len(seen) >= 0.9 * len(evidence.contents):
                yield Order(f"{moment}: {name}", seen)


def _orders_of(evidence: Evidence, dump: Dump) -> Iterator[tuple[str, list[int]]]:
    for table in ("ballots", "comments"):
        rows = dump.tables.get(table, [])
        if not rows:
            continue
        yield f"{table} as read", _contents_of(evidence, rows)
        for key in rows[0].hidden:
            yield f"{table} by {key}", _contents_of(evidence, sorted(rows, key=lambda row: row.hidden[key]))
        for column in rows[0].values:
            try:
                by_column = sorted(rows, key=lambda row: row.values[column])  # type: ignore[return-value] # whatever can be sorted
            except TypeError:
                continue
            if len({row.values[column] for row in rows}) > 1:
                yield f"{table} by {column}", _contents_of(evidence, by_column)
    for name, data in dump.files.items():
        for what, found in (("marks", [*evidence.marks_in(data)]), ("comments", [*evidence.comments_in(data)])):
            if not found:
                continue
            yield f"{_kind(name)}, {what} by position", [number for _, number in found]
            # Within a page, cells and tuples are allocated from the end downwards.
            backwards = sorted(found, key=lambda at: (at[0] // dump.page_size, -(at[0] % dump.page_size)))
            yield f"{_kind(name)}, {what} by offset in the page", [number for _, number in backwards]


def _kind(name: str) -> str:
    return re.sub(r"(base|pg_wal)/.*", r"\1", name)


def _contents_of(evidence: Evidence, rows: Sequence[TableRow]) -> list[int]:
    by_marks = {content.marks: number for number, content in enumerate(evidence.contents)}
    by_comment = {content.comment: number for number, content in enumerate(evidence.contents)}
    found = []
    for row in rows:
        marks, text = row.values.get("marks"), row.values.get("text")
        number = by_marks.get(bytes(marks)) if isinstance(marks, bytes) else by_comment.get(str(text))
        if number is not None:
            found.append(number)
    return found


def guess_by(order: Order) -> Guess:
    """The i-th ticket paid for the i-th content."""
    return dict(enumerate(order.contents))


def envelopes_of_tickets(evidence: Evidence) -> dict[int, TableRow]:
    """Which envelope each ticket paid for: from the pages of SQLite's log, or from PostgreSQL's ``xmin``.

    This link exists by necessity, since one transaction holds both. What must be worth nothing is its second half.
    """
    dump = evidence.dumps["closed"]
    tickets = {bytes(row.values["digest"]): row for row in dump.tables["tickets"]}
    rows = dump.tables["envelopes"]
    ticket_of: dict[int, int] = {}
    if any("xmin" in row.hidden for row in rows):
        together: dict[object, list[object]] = defaultdict(list)
        for number, used in enumerate(evidence.tickets):
            together[tickets[used.digest].hidden["xmin"]].append(number)
        for place, row in enumerate(rows):
            alike = together.get(row.hidden["xmin"], [])
            if alike:
                ticket_of[place] = int(str(alike.pop(0)))
    else:
        written = _first_commits(evidence, [bytes(row.values["id"]) for row in rows])
        redeemed = _first_commits(
            evidence,
            [bytes(tickets[used.digest].values["retry_digest"] or b"") for used in evidence.tickets],
        )
        waiting: dict[int, list[int]] = defaultdict(list)
        for number, commit in redeemed.items():
            waiting[commit].append(number)
        for place, commit in written.items():
            if waiting.get(commit):
                ticket_of[place] = waiting[commit].pop(0)
    return {number: rows[place] for place, number in ticket_of.items()}


def _first_commits(evidence: Evidence, needles: Sequence[bytes]) -> dict[int, int]:
    """The first commit whose pages hold each needle."""
    wanted = {needle: place for place, needle in enumerate(needles) if needle}
    found: dict[int, int] = {}
    pattern = re.compile(b"|".join(re.escape(needle[:4]) for needle in wanted)) if wanted else None
    length = len(next(iter(wanted), b""))
    for commit, image in zip(evidence.wal_commits, evidence.wal, strict=True):
        for match in pattern.finditer(image) if pattern else ():
            place = wanted.get(image[match.start() : match.start() + length])
            if place is not None:
                found.setdefault(place, commit)
    return found


def by_reading(evidence: Evidence, envelopes: Mapping[int, TableRow]) -> Guess:
    """Read what is in the envelope of a ticket, if anything can be read."""
    guess = {}
    for ticket, row in envelopes.items():
        for _, number in evidence.found_in(bytes(row.values["box"])):
            guess[ticket] = number
            break
    return guess


def by_length(evidence: Evidence, envelopes: Mapping[int, TableRow]) -> Guess:
    """The longer the envelope, the longer the comment."""
    by_box = sorted(envelopes, key=lambda ticket: len(bytes(envelopes[ticket].values["box"])))
    lengths = {len(bytes(row.values["box"])) for row in envelopes.values()}
    if len(lengths) < 2:
        return {}

    def size(number: int) -> int:
        content = evidence.contents[number]
        return len(content.comment.encode())

    return dict(zip(by_box, sorted(range(len(evidence.contents)), key=size), strict=False))


def by_digest(evidence: Evidence, envelopes: Mapping[int, TableRow]) -> Guess:
    """Choices can be enumerated: see whether the digests beside tickets and envelopes are made from them."""
    dump = evidence.dumps["closed"]
    meanings: dict[bytes, int] = {}
    for number, content in enumerate(evidence.contents):
        for nonce in nonces_from(content):
            meanings[retry_digest(evidence.round_id, nonce)] = number
            meanings[envelope_tag(evidence.round_id, nonce)] = number
            meanings[hashlib.sha256(nonce.encode()).digest()] = number
        meanings[hashlib.sha256(content.marks).digest()] = number
    retries = {bytes(row.values["digest"]): row.values["retry_digest"] for row in dump.tables["tickets"]}
    guess = {}
    for ticket, used in enumerate(evidence.tickets):
        for digest in (retries[used.digest], envelopes[ticket].values["tag"] if ticket in envelopes else None):
            if digest is not None and bytes(digest) in meanings:
                guess[ticket] = meanings[bytes(digest)]
    return guess


def nonces_from(content: Content) -> Iterator[str]:
    """What a careless phone might make of a ballot."""
    for text in (content.marks, content.marks.hex().encode(), content.comment.encode()):
        for make in (hashlib.sha256, hashlib.sha1, hashlib.md5):
            yield make(text).hexdigest()
            yield make(text).hexdigest()[:32]
    yield content.marks.hex()


DIRECT: Mapping[str, Callable[[Evidence, Mapping[int, TableRow]], Guess]] = {
    "the envelope can be read": by_reading,
    "the envelope's length": by_length,
    "a digest of the choices": by_digest,
}


def phones_in_logs(evidence: Evidence) -> Guess:
    """U4: the i-th line about a cast ballot, and the phone it names, belong to the i-th ticket.

    Returns the number of the ticket whose phone's address stands there.
    """
    addresses = {used.address: number for number, used in enumerate(evidence.tickets)}
    best: dict[int, int] = {}
    for dump in evidence.dumps.values():
        for name, data in dump.files.items():
            if not name.startswith("log/"):
                continue
            lines = [line for line in data.decode(errors="replace").splitlines() if "/v/" in line and "POST" in line]
            guess = {}
            for place, line in enumerate(lines):
                for address in re.findall(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+", line):
                    if address in addresses:
                        guess[place] = addresses[address]
            best = max(best, guess, key=len)
    return best


def addresses_kept(evidence: Evidence) -> int:
    """How many phones' addresses stand anywhere on a disk."""
    pattern = re.compile(rb"127\.77\.[0-9]+\.[0-9]+")
    known = {used.address.encode() for used in evidence.tickets}
    return len(
        {
            match
            for dump in evidence.dumps.values()
            for data in dump.files.values()
            for match in pattern.findall(data)
            if match in known
        }
    )


_COUNTED = re.compile(r"已计入 <strong>([0-9]+)</strong>")


def steps_on_screen(evidence: Evidence) -> list[int]:
    """U4 and U5: by how many ballots any two pictures of the tally differ, the final result included.

    Whatever can be worked out from published counts is a sum over such a difference.
    """
    counted = {0, len(evidence.tickets)}
    for _, block in evidence.stream:
        counted.update(int(number) for number in _COUNTED.findall(block.decode()))
    shown = sorted(counted)
    return [later - earlier for earlier, later in pairwise(shown)]


_BASE64 = re.compile(rb"[A-Za-z0-9+/]{22,}")


def named_by_the_note(evidence: Evidence) -> int:
    """U5: how many ballots the note that several servers share tells of, in the clear or in a common encoding.

    Beside pictures of the tally it would say which ballots made the difference between any two of them.
    """
    names = {bytes(row.values["id"]) for dump in evidence.dumps.values() for row in dump.tables.get("envelopes", [])}
    found = set()
    for note in notes_on_disk(evidence):
        encoded = [base64.b64decode(match[: len(match) // 4 * 4]) for match in _BASE64.findall(note)]
        for text in (note, *encoded):
            found |= {name for name in names if name in text or name.hex().encode() in text}
    return len(found)


def notes_on_disk(evidence: Evidence) -> list[bytes]:
    """Every such note that a copy of the database has held."""
    rows = [row for dump in evidence.dumps.values() for row in dump.tables.get("screens", [])]
    return [bytes(row.values["note"]) for row in rows]


def features(evidence: Evidence, found: Sequence[Order]) -> Callable[[int, int], list[float]]:
    """U6: what a learned matcher looks at for one ticket and one content."""
    size = len(evidence.contents)
    places = [{number: place for place, number in enumerate(order.contents)} for order in found]

    def of(ticket: int, number: int) -> list[float]:
        values = [1.0]
        for place in places:
            distance = abs(ticket - place.get(number, size // 2)) / size
            values += [distance, math.exp(-20 * distance)]
        return values

    return of


def boxes_left(evidence: Evidence) -> dict[str, int]:
    """U7, with the key: how many sealed ballots can still be dug out of each kind of file after the opening."""
    heads = {bytes(row.values["box"])[:32] for row in evidence.dumps["closed"].tables["envelopes"]}
    left: dict[str, int] = defaultdict(int)
    for name, data in evidence.dumps["opened"].files.items():
        left[_kind(name)] += sum(head in data for head in heads)
    return dict(left)
