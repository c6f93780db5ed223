"""The tables. Columns and constraints only; no rule lives here.

Tickets, envelopes, ballots and comments carry no time, no sequence, no address and no foreign key among each
other: what is not stored cannot be joined. They are WITHOUT ROWID under random keys, so that SQLite keeps no hidden
counter either.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from kaohe.domain.keeping import DEFAULT_KEEP_MONTHS
from kaohe.domain.meetings import Custody, HallView, MeetingState, Shelf
from kaohe.domain.units import TOP


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can speak of it on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)

_WITHOUT_ROWID = {"sqlite_with_rowid": False}


class AwareTime(TypeDecorator[datetime]):
    """An aware UTC time, also on SQLite, which stores no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Restore the zone that SQLite dropped."""
        del dialect
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - the base class says Any
        """Store UTC."""
        del dialect
        return value.astimezone(UTC) if value is not None else None


def table_of(row_type: type[Base]) -> Table:
    """The table itself, for statements on the hot path, which need no objects."""
    table = row_type.__table__
    assert isinstance(table, Table)  # noqa: S101 - every row type here maps one table; said for the type checker
    return table


def _one_of(column: str, values: list[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class UnitRow(Base):
    """One unit of the tree; none is ever deleted, so that what belongs to it is found by its id."""

    __tablename__ = "units"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int]
    """The order in which units were made."""
    name: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[str | None] = mapped_column(Text)
    is_closed: Mapped[bool] = mapped_column(default=False)


class AccountRow(Base):
    """Someone who may sign in to the console."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str] = mapped_column(Text)
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(AwareTime)
    roles: Mapped[str] = mapped_column(Text)
    """Names of roles with blanks between them."""
    unit_id: Mapped[str] = mapped_column(Text, default=TOP)
    """The unit in which these roles are held."""
    is_locked: Mapped[bool] = mapped_column(default=False)
    """Locked by an administrator, until one unlocks it."""
    wrapped_totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The shared secret of the second factor under the wrapping key."""
    totp_is_on: Mapped[bool] = mapped_column(default=False)
    """Whether a first code has proven that the secret arrived in somebody's authenticator."""
    totp_step: Mapped[int] = mapped_column(default=0)
    """The half minute of the last code that was taken; no older or equal one is taken again."""


class SecretsMarkRow(Base):
    """Which secrets the database was made with; one row, from which none of them can be learned."""

    __tablename__ = "secrets_mark"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    mark: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """The public half of the key that signs the record of acts; it outlives the secrets that it belongs to."""


class SignInRow(Base):
    """One signed-in browser. The cookie holds the secret, the table its digest."""

    __tablename__ = "sign_ins"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(AwareTime)
    seen_at: Mapped[datetime] = mapped_column(AwareTime)
    is_half: Mapped[bool] = mapped_column(default=False)
    """The password was right and the code of the second factor is still to come."""


class RecoveryCodeRow(Base):
    """One unused recovery code of an account, as a peppered digest."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class SignInLinkRow(Base):
    """A one-time link that makes an account, or sets a new password for one."""

    __tablename__ = "sign_in_links"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(AwareTime)
    roles: Mapped[str] = mapped_column(Text)
    """The roles of the account that it makes."""
    unit_id: Mapped[str] = mapped_column(Text, default=TOP)
    """The unit in which that account holds them."""
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    """Whose password it sets; empty for a new account."""


class MeetingRow(Base):
    """What the organizer has set up so far."""

    __tablename__ = "meetings"
    __table_args__ = (_one_of("hall_view", [str(v) for v in HallView]), _one_of("custody", [str(c) for c in Custody]))

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    """The unit as it is written on sheets and screens."""
    unit_id: Mapped[str] = mapped_column(Text, default=TOP)
    """The unit that the meeting belongs to."""
    held_on: Mapped[date | None]
    scheme: Mapped[str] = mapped_column(Text)
    """The scheme document as JSON."""
    hall_view: Mapped[str] = mapped_column(Text, default=str(HallView.BATCHED))
    custody: Mapped[str] = mapped_column(Text, default=str(Custody.SERVER))
    shared_group: Mapped[str | None] = mapped_column(Text)
    ballot_list_wanted: Mapped[bool] = mapped_column(default=False)
    two_people: Mapped[bool] = mapped_column(default=False)
    """Whether close, count, void and purge are done by two people."""
    stage_code: Mapped[str] = mapped_column(Text)
    """The secret part of the projector's address."""
    keep_months: Mapped[int] = mapped_column(default=DEFAULT_KEEP_MONTHS)
    """How long after publication whole ballots are kept."""
    spot_of: Mapped[str | None] = mapped_column(Text, index=True)
    """The meeting within which this one is a vote on the spot (现场票决)."""
    is_dismissed: Mapped[bool] = mapped_column(default=False)
    """Whether the projector has gone back from a vote on the spot to its meeting."""
    wireless_name: Mapped[str] = mapped_column(Text, default="")
    wireless_password: Mapped[str] = mapped_column(Text, default="")
    """Both stand on the wall for everybody to read."""
    emblem: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """A PNG of this server's own making, read only where it is sent."""
    emblem_digest: Mapped[str] = mapped_column(Text, default="", server_default="")
    sheet_marks: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What stands in the head of its sheets and who signs them, as JSON; empty for nothing."""
    shelf: Mapped[str] = mapped_column(Text, default=str(Shelf.CURRENT))
    """Where the list keeps it."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(AwareTime)


class SubjectRow(Base):
    """One subject in the organizer's own order."""

    __tablename__ = "subjects"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    post: Mapped[str] = mapped_column(Text)
    class_label: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    section: Mapped[str] = mapped_column(Text)
    """The key of the section that asks about it; empty where its kind says so."""


class PersonRow(Base):
    """One person of the register."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    unit_id: Mapped[str] = mapped_column(Text)
    """The unit that keeps the register of this person."""
    merged_into: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The id of the record that this one was merged into; empty for a record that stands by itself."""


class PersonSpellRow(Base):
    """Name, unit, post and standing of a person from a day on."""

    __tablename__ = "person_spells"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    post: Mapped[str] = mapped_column(Text)
    standing: Mapped[str] = mapped_column(Text)
    since: Mapped[date | None]


class SubjectPersonRow(Base):
    """Which person of the register a subject of a meeting is. Subjects are graded; nobody here is a voter."""

    __tablename__ = "subject_people"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    subject_key: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))


class MaterialRow(Base):
    """A text about a subject that voters may read before they grade."""

    __tablename__ = "materials"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    subject_key: Mapped[str] = mapped_column(Text, primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class VoterGroupRow(Base):
    """One voter group of a meeting."""

    __tablename__ = "voter_groups"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int]
    label: Mapped[str] = mapped_column(Text)
    weight: Mapped[str] = mapped_column(Text)
    """A fraction as text: '2/5'."""
    entitled: Mapped[int]
    part_of: Mapped[str] = mapped_column(Text, default="")
    """The key of the voter group that it is a part of; empty where it is one itself."""
    part_of_label: Mapped[str] = mapped_column(Text, default="")
    may_grade: Mapped[str] = mapped_column(Text, default="")
    """The keys of the subjects that a part may grade, with blanks between them."""
    is_named: Mapped[bool] = mapped_column(default=False)


class RoundRow(Base):
    """One holding of a meeting; a rehearsal is a round of its own that can be wiped."""

    __tablename__ = "rounds"
    __table_args__ = (_one_of("state", [str(s) for s in MeetingState]),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    is_rehearsal: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(Text, default=str(MeetingState.DRAFT))
    is_paused: Mapped[bool] = mapped_column(default=False)
    frozen: Mapped[str | None] = mapped_column(Text)
    """The set-up as it stood when the round opened, as JSON."""
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    canary: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A known text under the key that the tellers hold; none where the servers hold it."""
    key_proven: Mapped[bool] = mapped_column(default=False)
    share_digests: Mapped[str | None] = mapped_column(Text)
    """Where the tellers' key is split: what is known of the sheets, and which have been tried, as JSON."""
    held_share: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The first of two shares, under the wrapping key, until the second comes."""
    pool_code: Mapped[str | None] = mapped_column(Text)
    printed_url: Mapped[str | None] = mapped_column(Text)
    """The server's address as it stands on the slips of this round."""
    void_reason: Mapped[str | None] = mapped_column(Text)
    revealed_count: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None] = mapped_column(AwareTime)
    closed_at: Mapped[datetime | None] = mapped_column(AwareTime)
    counted_at: Mapped[datetime | None] = mapped_column(AwareTime)
    published_at: Mapped[datetime | None] = mapped_column(AwareTime)
    stripped_at: Mapped[datetime | None] = mapped_column(AwareTime)
    box_digest: Mapped[str | None] = mapped_column(Text)
    """Of all envelopes, as they were taken apart from the tickets."""
    traces_due: Mapped[str | None] = mapped_column(Text)
    """The act after which deleted rows are still to be wiped from the files."""
    challenge_limit: Mapped[int] = mapped_column(default=0)
    """How many ballots of the tellers' own may be opened to be compared (抽查)."""
    kept_counts: Mapped[str | None] = mapped_column(Text)
    """What a purged round's result is computed from, as JSON."""
    purge_on: Mapped[date | None]
    purged_at: Mapped[datetime | None] = mapped_column(AwareTime)
    ballots_salt: Mapped[str | None] = mapped_column(Text)
    """What the record's digest of the opened ballots is salted with, from the count until they are purged."""
    tickets_lost: Mapped[bool] = mapped_column(default=False)
    """Whether its slips were made with secrets that are no more, so that no later round can take them over."""
    scene: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What the chair has put on the wall; empty for the scene that follows by itself."""
    reveal_order: Mapped[str] = mapped_column(Text, default="", server_default="")
    """In which order the result is revealed, as JSON; empty for the order of the list."""


class RoundNumbersRow(Base):
    """What the organizer counted by hand in one round: heads and slips left over."""

    __tablename__ = "round_numbers"

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True)
    group_key: Mapped[str] = mapped_column(Text, primary_key=True)
    present: Mapped[int | None]
    left_over: Mapped[int] = mapped_column(default=0)
    paper_issued: Mapped[int] = mapped_column(default=0)
    paper_cast: Mapped[int] = mapped_column(default=0)
    paper_void: Mapped[int | None]
    """How many of these are void as a whole, where ballots are kept in pieces; None where the ballots say it."""


class PaperSheetRow(Base):
    """One ballot on paper as one of two people has read it; gone once it is counted.

    The number stands on the paper, where it was written after the papers had been collected.
    """

    __tablename__ = "paper_sheets"
    __table_args__ = (_WITHOUT_ROWID,)

    round_id: Mapped[str] = mapped_column(Text, primary_key=True)
    typist: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group_key: Mapped[str] = mapped_column(Text)
    marks: Mapped[str] = mapped_column(Text)
    """JSON: [subject key, item, mark] of every cell that is not empty."""


class ProposalRow(Base):
    """An act that one person has proposed and another one has to confirm; one at a time for each act."""

    __tablename__ = "proposals"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    act: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(AwareTime)
    expires_at: Mapped[datetime] = mapped_column(AwareTime)


class TicketRow(Base):
    """One ticket. Its code is stored as a peppered digest, and sealed for the printer."""

    __tablename__ = "tickets"
    # Whoever makes codes up is told so at the price of one look, however many tickets there are.
    __table_args__ = (Index("ix_tickets_digest", "digest"), _WITHOUT_ROWID)

    round_id: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    group_key: Mapped[str] = mapped_column(Text)
    is_spent: Mapped[bool] = mapped_column(default=False)
    is_void: Mapped[bool] = mapped_column(default=False)
    is_drawn: Mapped[bool] = mapped_column(default=False)
    """Drawn by the shared code; such tickets are never printed."""
    retry_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    wrapped_code: Mapped[bytes | None] = mapped_column(LargeBinary)


class EnvelopeRow(Base):
    """One sealed ballot, until the box is opened."""

    __tablename__ = "envelopes"
    __table_args__ = (Index("uq_envelopes_tag", "round_id", "tag", unique=True), _WITHOUT_ROWID)

    round_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    group_key: Mapped[str] = mapped_column(Text)
    tag: Mapped[bytes] = mapped_column(LargeBinary)
    box: Mapped[bytes] = mapped_column(LargeBinary)


class ScreenRow(Base):
    """What the hall has been shown of one round, where several servers show it; gone with the envelopes' names."""

    __tablename__ = "screens"
    __table_args__ = (_WITHOUT_ROWID,)

    round_id: Mapped[str] = mapped_column(Text, primary_key=True)
    note: Mapped[bytes] = mapped_column(LargeBinary)
    """Under the wrapping key; empty before the first picture."""


class BallotRow(Base):
    """One opened ballot, shuffled among all of its round."""

    __tablename__ = "ballots"
    __table_args__ = (_WITHOUT_ROWID,)

    round_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    group_key: Mapped[str] = mapped_column(Text)
    marks: Mapped[bytes] = mapped_column(LargeBinary)


class CommentRow(Base):
    """One comment, cut off from its ballot."""

    __tablename__ = "comments"
    __table_args__ = (_WITHOUT_ROWID,)

    round_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    subject_key: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)


class CommentReviewRow(Base):
    """What was decided about a comment, by its random name. By whom and why stands in the record of acts."""

    __tablename__ = "comment_reviews"
    __table_args__ = (_WITHOUT_ROWID,)

    round_id: Mapped[str] = mapped_column(Text, primary_key=True)
    comment_id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    verdict: Mapped[str] = mapped_column(Text)
    shown: Mapped[str] = mapped_column(Text)


class ReceiptRow(Base):
    """One receipt of an envelope that was in the box."""

    __tablename__ = "receipts"
    __table_args__ = (_WITHOUT_ROWID,)

    round_id: Mapped[str] = mapped_column(Text, primary_key=True)
    receipt: Mapped[str] = mapped_column(Text, primary_key=True)


class EnvelopeDigestRow(Base):
    """The digest of one envelope that was in a box when it was stripped, the tellers' own among them."""

    __tablename__ = "envelope_digests"
    __table_args__ = (_WITHOUT_ROWID,)

    round_id: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class SpeakingRow(Base):
    """The speeches of a meeting: the order as drawn, and who is speaking."""

    __tablename__ = "speaking"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    drawn: Mapped[str] = mapped_column(Text)
    """JSON: [subject key, name] in the order drawn; the names tell whether the list has changed since."""
    limit_minutes: Mapped[int]
    current: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime | None] = mapped_column(AwareTime)
    is_shown: Mapped[bool] = mapped_column(default=False)


class ChallengeRow(Base):
    """One ballot of the tellers' own that was named to be compared and is not counted (抽查票)."""

    __tablename__ = "challenges"
    __table_args__ = (_WITHOUT_ROWID,)

    round_id: Mapped[str] = mapped_column(Text, primary_key=True)
    receipt: Mapped[str] = mapped_column(Text, primary_key=True)
    group_key: Mapped[str] = mapped_column(Text)


class OwnSchemeRow(Base):
    """A scheme that the unit has made its own (本单位方案)."""

    __tablename__ = "own_schemes"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    unit_id: Mapped[str] = mapped_column(Text, default=TOP)
    title: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    """The scheme as TOML, as it was written."""
    saved_by: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(AwareTime)


class ImportedScoreRow(Base):
    """The score of one component of one subject, from a sheet or from another meeting."""

    __tablename__ = "imported_scores"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    component_key: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_key: Mapped[str] = mapped_column(Text, primary_key=True)
    score: Mapped[str] = mapped_column(Text)
    """A fraction as text: '181/2'."""
    source_meeting: Mapped[str] = mapped_column(Text)
    """The meeting whose result it is; empty for a sheet."""


class PeriodRow(Base):
    """What an earlier period came to for one subject."""

    __tablename__ = "periods"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    subject_key: Mapped[str] = mapped_column(Text, primary_key=True)
    label: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int]
    """The order of the periods, equal for all rows of a label; the oldest is the first."""
    score: Mapped[str | None] = mapped_column(Text)
    tier: Mapped[str | None] = mapped_column(Text)
    flags: Mapped[str] = mapped_column(Text)
    """JSON: the keys of its flags."""
    source_meeting: Mapped[str] = mapped_column(Text)


class DecisionRow(Base):
    """A clause that people applied to a subject (组织认定). When and by whom stands in the record of acts."""

    __tablename__ = "decisions"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    subject_key: Mapped[str] = mapped_column(Text)
    clause_key: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    amount: Mapped[str | None] = mapped_column(Text)
    matter: Mapped[str] = mapped_column(Text)


class RulingRow(Base):
    """What people ruled about a recommended tier at one step (审定). When and by whom stands in the record of acts."""

    __tablename__ = "rulings"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_key: Mapped[str] = mapped_column(Text, primary_key=True)
    """Empty for everybody whom nothing else is ruled about."""
    tier: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[str] = mapped_column(Text)
    minute: Mapped[str] = mapped_column(Text)


class ResultVersionRow(Base):
    """What one version of a published result was made from beside the votes; the first one is what was published."""

    __tablename__ = "result_versions"

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inputs: Mapped[str] = mapped_column(Text)
    """The text whose digest stands in the record of acts."""
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(AwareTime)


class PublishedResultRow(Base):
    """What the published result of a round says of each subject, as personnel offices look it up.

    All of it can be computed anew: ``kaohe upgrade`` fills in what a migration that changes the text has emptied.
    """

    __tablename__ = "published_results"

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    """JSON, as ``domain.published_results`` writes it."""


class ReviewRow(Base):
    """A review that was asked for after the publication (复核). By whom it was entered stands in the record of acts."""

    __tablename__ = "reviews"

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_key: Mapped[str] = mapped_column(Text)
    asked_on: Mapped[date]
    request: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    decided_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text)
    answered_on: Mapped[date | None]
    version: Mapped[int | None]


class ApiTokenRow(Base):
    """What a personnel system reads published results with, by its digest; the token itself is nowhere."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    unit_id: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text, unique=True)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(AwareTime)
    revoked_at: Mapped[datetime | None] = mapped_column(AwareTime)


class RecordEntryRow(Base):
    """One act of an organizer (操作记录). Never one per ballot: that would be an order of ballots."""

    __tablename__ = "record_entries"
    __table_args__ = (UniqueConstraint("meeting_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    meeting_id: Mapped[str | None] = mapped_column(Text, index=True)
    at: Mapped[datetime] = mapped_column(AwareTime)
    actor: Mapped[str] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    seq: Mapped[int]
    """Its number in the chain of its meeting, from 1."""
    prev: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(Text)
