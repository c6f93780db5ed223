"""What the organizer waits for, measured within this process on a data folder of its own."""

from __future__ import annotations

import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from http import HTTPStatus
from pathlib import Path

from flask import Flask

from bench.hall import ACTOR, GRADES, ROOT, open_hall
from kaohe.config import Config, sqlite_url
from kaohe.domain.ballots import Ballot, encode_ballot
from kaohe.domain.envelopes import Envelope, envelope_tag, retry_digest, ticket_digest
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.sealing import Sealer, binding_of
from kaohe.factory import create_app
from kaohe.operations.archive.filing import load_filing
from kaohe.operations.archive.packing import all_in_one
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.importing_scores import import_periods
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.setup.ballot_styles import ballot_style
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.issuing_missing import issue_missing_tickets
from kaohe.operations.setup.preparing import create_meeting, load_meeting
from kaohe.operations.setup.relations import divide_by_unit
from kaohe.operations.setup.subjects import change_subjects
from kaohe.reports.ticket_slips import qr_svg_path
from kaohe.storage.ballot_box import BALLOT_BOX, CastRequest
from kaohe.storage.database import reading
from kaohe.storage.installation import these_secrets
from kaohe.storage.rounds import round_setup, voting_round
from kaohe.storage.starting import bring_up_to_date, close_database
from kaohe.tally.model import Period, SubjectKind
from kaohe.tally.scheme.scheme import Relation
from kaohe.web.access import SIGN_IN_KEY

_TALLY = """
import resource, secrets, sys, time
from dataclasses import replace
from kaohe.schemes import load_preset
from kaohe.tally.scores.counting import count_marks
from kaohe.tally.model import Subject
count, items = int(sys.argv[1]), int(sys.argv[2])
scheme = load_preset("si-deng")
subjects = tuple(Subject(f"s{n}", f"人{n}") for n in range(items))
dimension = scheme.dimensions[0].key
grades = [grade.key for grade in scheme.grades]
cells = [(subject.key, dimension) for subject in subjects]
def ballots():
    pool = [{cell: grades[b % len(grades)] for cell, b in zip(cells, secrets.token_bytes(items))} for _ in range(200)]
    for number in range(count):
        yield scheme.groups[0].key, pool[number % 200]
begun = time.perf_counter()
count_marks(scheme, subjects, ballots())
print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def close_and_count(voters: int, subjects: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds from the close to the result, with ``voters`` ballots in the box.

    ``time.process_time`` as the clock gives the time that this process computes, whatever else the machine does.
    """
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        data = Path(folder)
        hall = open_hall(data, voters=voters, subjects=subjects)
        app = create_app(Config(data, sqlite_url(data), public_url="http://127.0.0.1"))
        with app.app_context():
            with reading() as session:
                row = voting_round(session, hall.meeting_id)
                style = ballot_style(row, round_setup(session, row), "1")
            public = row.public_key or b""
            sealer = Sealer(public, binding_of(style, public))
            pepper = these_secrets().pepper
            for code in hall.codes:
                choices = secrets.token_bytes(len(style.items))
                marks = {item: GRADES[byte % 4] for item, byte in zip(style.items, choices, strict=True)}
                nonce = secrets.token_hex(16)
                tag = envelope_tag(row.id, nonce)
                envelope = Envelope("all", tag, sealer.seal(encode_ballot(style, Ballot(marks, {})), tag))
                BALLOT_BOX.cast(CastRequest(row.id, ticket_digest(pepper, code), retry_digest(row.id, nonce), envelope))
            begun = clock()
            close_meeting(ACTOR, hall.meeting_id)
            count_meeting(ACTOR, hall.meeting_id)
            load_counted(hall.meeting_id)
            seconds = clock() - begun
            close_database()
    return seconds


def file_everything(subjects: int) -> float:
    """Seconds from a closed box to one ZIP of every file of its result."""
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        data = Path(folder)
        hall = open_hall(data, voters=20, subjects=subjects)
        app = create_app(Config(data, sqlite_url(data), public_url="http://127.0.0.1"))
        with app.app_context():
            close_meeting(ACTOR, hall.meeting_id)
            count_meeting(ACTOR, hall.meeting_id)
            begun = time.perf_counter()
            all_in_one(load_filing(hall.meeting_id))
            seconds = time.perf_counter() - begun
            close_database()
    return seconds


def tally_many(ballots: int, items: int) -> tuple[float, float]:
    """(seconds for ``ballots``, MB of memory more than for a tenth of them), each in a process of its own."""
    seconds, large = _tally(ballots, items)
    _, small = _tally(ballots // 10, items)
    return seconds, large - small


def _tally(ballots: int, items: int) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", _TALLY, str(ballots), str(items)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


@contextmanager
def _meeting_of_many(title: str, preset_id: str, units: int, people: int) -> Iterator[tuple[Flask, str, str]]:
    """An installation of its own, somebody's sign-in, and a meeting about ``people`` of each of the ``units``."""
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        data = Path(folder)
        app = create_app(Config(data, sqlite_url(data), public_url="http://127.0.0.1"))
        with app.app_context():
            bring_up_to_date()
            secret = create_account(make_sign_in_link(ACTOR), ACTOR, secrets.token_hex(16))
            meeting_id = create_meeting(ACTOR, title=title, unit="青山区", held_on=None, preset_id=preset_id)
            entries = [
                SubjectEntry(f"张{chr(0x4E00 + number)}", f"{unit}局", "", "", SubjectKind.PERSON, "")
                for unit in range(units)
                for number in range(people)
            ]
            change_subjects(ACTOR, meeting_id, 1, entries)
        yield app, secret, meeting_id
        with app.app_context():
            close_database()


def year_of_many(units: int, people: int) -> tuple[float, float]:
    """Processor seconds of a year's page, and of settling, computing and reading the year, for so many people."""
    with _meeting_of_many("2026年度考核", "zhen-pingshi-niandu", units, people) as (app, secret, meeting_id):
        with app.app_context():
            subjects = load_meeting(meeting_id)[0].subjects
            quarters = [f"第{number}季度" for number in "一二三四"]
            history = {each.key: [Period(label, Fraction(90)) for label in quarters] for each in subjects}
            import_periods(ACTOR, meeting_id, history)
        with app.app_context():
            begun = time.process_time()
            open_meeting(ACTOR, meeting_id)
            count_meeting(ACTOR, meeting_id)
            load_counted(meeting_id)
            computed = time.process_time() - begun
        client = app.test_client()
        with client.session_transaction(base_url="http://127.0.0.1") as session:
            session[SIGN_IN_KEY] = secret
        begun = time.process_time()
        reply = client.get(f"/desk/{meeting_id}/inputs", base_url="http://127.0.0.1")
        page = time.process_time() - begun
        if reply.status_code != HTTPStatus.OK:
            raise RuntimeError(f"the page of the year answered {reply.status}")
    return page, computed


def who_grades_whom(units: int, people: int, voters: int) -> tuple[float, float, float]:
    """Processor seconds for forms by unit: dividing, making all tickets, and the page with the grid and its check list.

    Each of ``units`` has so many ``people`` on the list and so many ``voters``, each with a ticket.
    """
    with _meeting_of_many("第一季度考核", "beian-pingshi", units, people) as (app, secret, meeting_id):
        with app.app_context():
            setup = load_meeting(meeting_id)[0]
            begun = time.process_time()
            divide_by_unit(ACTOR, meeting_id, setup.version, setup.groups[0].key, Relation.OWN_UNIT, voters)
            divided = time.process_time() - begun
            begun = time.process_time()
            made = issue_missing_tickets(ACTOR, meeting_id)
            issued = time.process_time() - begun
        if made != units * voters:
            raise RuntimeError(f"{made} tickets were made")
        client = app.test_client()
        with client.session_transaction(base_url="http://127.0.0.1") as session:
            session[SIGN_IN_KEY] = secret
        begun = time.process_time()
        reply = client.get(f"/desk/{meeting_id}/relations", base_url="http://127.0.0.1")
        page = time.process_time() - begun
        if reply.status_code != HTTPStatus.OK:
            raise RuntimeError(f"the page of relations answered {reply.status}")
    return divided, issued, page


def print_slips(count: int) -> float:
    """Seconds for the codes of ``count`` tickets and their QR pictures, which is all that slips cost."""
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        data = Path(folder)
        hall = open_hall(data, voters=1, subjects=3)
        app = create_app(Config(data, sqlite_url(data), public_url="http://127.0.0.1"))
        with app.app_context():
            void_round(ACTOR, hall.meeting_id, "再投一轮")
            issue_tickets(ACTOR, hall.meeting_id, "all", count, 0)
            begun = time.perf_counter()
            for ticket in list_tickets(hall.meeting_id):
                qr_svg_path(ticket.url)
            seconds = time.perf_counter() - begun
            close_database()
    return seconds
