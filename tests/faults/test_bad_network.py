"""R10: a network that loses, doubles, delays and reorders, between phones that do not give up and the real box.

Hypothesis plays it: every request and every reply is a parcel that is delivered, dropped or delivered again at a
moment of its choosing, while the chair pauses, closes, and the server is started anew.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from faults.hall_under_fault import IS_LONG
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from scene import CHAIR, filled, hold_meeting
from sqlalchemy import Connection

from kaohe.config import Config, sqlite_url
from kaohe.domain.envelopes import envelope_tag
from kaohe.domain.errors import KaoheError, MeetingClosed, MeetingPaused
from kaohe.factory import create_app
from kaohe.operations.chair.voting import close_meeting, pause_meeting, resume_meeting
from kaohe.operations.hall import casting
from kaohe.operations.hall.boards import load_board
from kaohe.storage import redeeming
from kaohe.storage.ballot_box import CastRequest
from kaohe.storage.box_contents import envelopes
from kaohe.storage.database import reading
from kaohe.storage.numbers import figures_of_round
from kaohe.storage.starting import close_database

PHONES = 12
EXAMPLES, STEPS = (500, 100) if IS_LONG else (8, 40)

_TEMPLATE: list[Path] = []
"""The data folder that every play begins with a copy of."""


@pytest.fixture(autouse=True)
def template(migrated_sqlite: Path) -> Iterator[None]:
    _TEMPLATE[:] = [migrated_sqlite]
    yield
    _TEMPLATE.clear()


@dataclass
class Phone:
    """A voter's phone: one ticket, one nonce, and what it believes."""

    code: str
    nonce: str
    has_sent: bool = False
    receipt: str | None = None
    refusal: type[KaoheError] | None = None


class BadNetwork(RuleBasedStateMachine):
    """Parcels in flight between the phones and the box."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="kaohe-network-"))
        shutil.copy(_TEMPLATE[0], self.folder / "kaohe.sqlite3")
        self.requests: list[int] = []
        self.replies: list[tuple[int, str | type[KaoheError]]] = []
        self.reported: int | None = None
        self.is_paused = False
        self._start()
        with self.app.app_context():
            scene = hold_meeting()
            self.meeting_id = scene.meeting_id
            self.round_id = load_board(scene.meeting_id).round.id
            self.fields = filled(scene.meeting_id, "excellent")
        self.phones = [Phone(code, secrets.token_hex(16)) for code in scene.all_codes[:PHONES]]

    def _start(self) -> None:
        self.app = create_app(Config(self.folder, sqlite_url(self.folder), public_url="http://127.0.0.1"))

    @initialize()
    def everybody_taps(self) -> None:
        """Two have their receipts; what the others have sent is on its way."""
        for number in range(PHONES):
            self.send(number)
        for _ in range(2):
            number = self.requests.pop(0)
            self.phones[number].receipt = str(self._cast(self.phones[number]))

    @rule(number=st.integers(0, PHONES - 1))
    def send(self, number: int) -> None:
        """A phone sends its ballot, for the first time or again as long as it has heard nothing."""
        if self.phones[number].receipt is None:
            self.phones[number].has_sent = True
            self.requests.append(number)

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), is_kept=st.booleans(), is_reply_lost=st.booleans())
    def deliver_request(self, data: st.DataObject, *, is_kept: bool, is_reply_lost: bool) -> None:
        """Any request arrives; a copy may go on waiting, and the reply may be lost."""
        place = data.draw(st.integers(0, len(self.requests) - 1))
        number = self.requests[place] if is_kept else self.requests.pop(place)
        reply = self._cast(self.phones[number])
        if not is_reply_lost:
            self.replies.append((number, reply))

    @precondition(lambda self: self.requests)
    @rule(data=st.data())
    def lose_request(self, data: st.DataObject) -> None:
        self.requests.pop(data.draw(st.integers(0, len(self.requests) - 1)))

    @precondition(lambda self: self.replies)
    @rule(data=st.data())
    def deliver_reply(self, data: st.DataObject) -> None:
        """Any reply arrives, however old."""
        number, reply = self.replies.pop(data.draw(st.integers(0, len(self.replies) - 1)))
        phone = self.phones[number]
        if isinstance(reply, str):
            assert phone.receipt in (None, reply), "one ballot has one receipt"
            phone.receipt = reply
        else:
            phone.refusal = reply

    @precondition(lambda self: self.reported is None)
    @rule()
    def pause_or_resume(self) -> None:
        act = resume_meeting if self.is_paused else pause_meeting
        with self.app.app_context():
            act(CHAIR, self.meeting_id)
        self.is_paused = not self.is_paused

    @rule()
    def start_anew(self) -> None:
        """The server ends and begins again, remembering nothing but what it has stored."""
        with self.app.app_context():
            close_database()
        self._start()

    @precondition(lambda self: len(self._receipts()) >= 4)
    @rule()
    def close(self) -> None:
        with self.app.app_context():
            number = close_meeting(CHAIR, self.meeting_id)
        assert self.reported in (None, number), "every close reports the same number"
        self.reported = number

    @invariant()
    def whoever_was_told_so_is_in_the_box_once(self) -> None:
        with self.app.app_context(), reading() as session:
            sealed = list(envelopes(session, self.round_id))
            spent = sum(numbers.spent for numbers in figures_of_round(session, self.round_id).values())
        stored = [envelope.receipt for envelope in sealed]
        assert len(stored) == len(set(stored)) == spent, "one envelope for each ticket"
        assert set(stored) >= self._receipts() | {reply for _, reply in self.replies if isinstance(reply, str)}
        sent = {envelope_tag(self.round_id, phone.nonce) for phone in self.phones if phone.has_sent}
        assert {envelope.tag for envelope in sealed} <= sent, "nothing that nobody has sent"
        assert self.reported in (None, len(stored)), "nothing comes in after the close"

    @invariant()
    def nobody_hears_what_is_not_so(self) -> None:
        for phone in self.phones:
            assert phone.refusal in (None, MeetingPaused, MeetingClosed), "no phone is told that its ticket is used"

    def teardown(self) -> None:
        with self.app.app_context():
            close_database()
        shutil.rmtree(self.folder)

    def _receipts(self) -> set[str]:
        return {phone.receipt for phone in self.phones if phone.receipt is not None}

    def _cast(self, phone: Phone) -> str | type[KaoheError]:
        with self.app.app_context():
            try:
                return casting.cast_ballot(
                    self.meeting_id,
                    "1",
                    ticket=phone.code,
                    nonce=phone.nonce,
                    round_number="",
                    fields=self.fields,
                ).receipt
            except KaoheError as refusal:
                return type(refusal)


def play(examples: int = EXAMPLES, steps: int = STEPS) -> None:
    """Seeded, so that a run can be repeated; nothing is kept from one run to the next."""
    run_state_machine_as_test(
        BadNetwork,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_the_network_does_every_ballot_that_was_acknowledged_counts_once() -> None:
    play()


def test_a_box_that_does_not_know_a_retry_again_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casting, "retry_digest", lambda *_: secrets.token_bytes(32))
    with pytest.raises(AssertionError, match="no phone is told that its ticket is used"):
        play(20, 40)


def test_a_ticket_that_pays_as_often_as_it_is_shown_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    store = vars(redeeming)["_STORE"]

    def store_again(connection: Connection, accepted: Sequence[CastRequest]) -> None:
        for request in accepted:
            envelope = request.envelope
            row = {"group_key": envelope.group_key, "tag": envelope.tag, "box": envelope.box}
            connection.execute(store, [{"round_id": request.round_id, "id": secrets.token_bytes(16), **row}])

    monkeypatch.setattr(redeeming, "_refusal", lambda *_: None)
    monkeypatch.setattr(redeeming, "_store", store_again)
    with pytest.raises(AssertionError, match="one envelope for each ticket"):
        play(20, 40)


def test_a_box_that_is_deaf_to_the_close_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (redeeming, casting):
        monkeypatch.setattr(module, "require_collecting", lambda *_, **__: None)
    with pytest.raises(AssertionError, match="nothing comes in after the close"):
        play(20, 40)
