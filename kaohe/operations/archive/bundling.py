"""Makes the archive bundle (归档包) of a counted round, which another machine can verify and recount.

Once the ballots were purged, the counts that are kept of them stand in it in their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kaohe.domain.bundles import (
    BALLOTS,
    ENVELOPES,
    INPUTS,
    KEPT,
    NUMBERS,
    RECEIPTS,
    RECORD,
    RESULT,
    SCHEME,
    SETUP,
    SUBJECTS,
    BundleOrigin,
    check_bundle,
    pack_bundle,
    record_text,
    version_file,
)
from kaohe.domain.errors import GroupTooSmall
from kaohe.domain.inputs import CountInputs
from kaohe.domain.record_chain import ChainEntry
from kaohe.domain.recorded_digests import receipts_text
from kaohe.domain.setup_documents import subjects_document
from kaohe.domain.signed_receipts import digests_text
from kaohe.operations.archive.documents import Document, documents_of
from kaohe.operations.archive.filing import Filing, heading_of, load_filing
from kaohe.operations.count.opened_ballots import opened_marks
from kaohe.operations.count.receipts import listed_digests
from kaohe.operations.count.recording import whole_record
from kaohe.operations.count.results import CountedRound, load_counted
from kaohe.operations.count.turnouts import numbers_of
from kaohe.reports.archive_texts import ballots_text, counts_text, inputs_text, json_text, result_document
from kaohe.reports.heading import sheet_title
from kaohe.reports.sheet import file_stem
from kaohe.storage.database import reading
from kaohe.storage.installation import these_secrets
from kaohe.storage.rounds import round_setup, rounds_of
from kaohe.tally.notes.warnings import FEWEST_GROUP_BALLOTS
from kaohe.tally.scheme_document.document import scheme_document
from kaohe.tally.scores.counting import MarkedBallot

_PURGED_NOTE = "documents/选票已清除.txt"


@dataclass(frozen=True, slots=True)
class BundleSource:
    """All that the archive of a counted round is made from."""

    filing: Filing
    ballots: Sequence[MarkedBallot]
    """Empty once they were purged."""
    kept: str
    """The counts that were kept of the ballots when these were purged, byte for byte; '' until then."""
    entries: Sequence[ChainEntry]
    """The whole record of acts."""
    frozen: str
    """The set-up, as it was frozen at the opening."""
    salt: str
    digests: Sequence[bytes]
    """Of every envelope that was in the box; none of one that an earlier version has stripped."""
    earlier: Sequence[CountedRound]
    """The versions of the result that were corrected, the first one first."""


def make_bundle(meeting_id: str, round_number: int | None = None) -> Document:
    """The archive of a counted round, the latest one unless a number is given. The same state gives the same bytes.

    It holds whole ballots with their voter groups, or once they were purged the counts by group, so it is for the
    panel and its sealed archive, never for the public.

    Raises:
        What ``load_bundle`` raises.
    """
    return bundle_document(load_bundle(meeting_id, round_number))


def load_bundle(meeting_id: str, round_number: int | None = None) -> BundleSource:
    """What the archive of a counted round is made from, the latest one unless a number is given.

    Raises:
        What ``load_filing`` raises.
        RecordBroken: the record of acts was changed in the database.
    """
    with reading() as session:
        filing = load_filing(meeting_id, round_number, for_the_panel=True)
        number = filing.counted.round.number
        row = next(row for row in rounds_of(session, meeting_id) if row.number == number)
        ballots = list(opened_marks(session, row, round_setup(session, row)))
        entries = whole_record(session, meeting_id)
        frozen, salt, kept = row.frozen or "", row.ballots_salt or "", row.kept_counts or ""
        corrected = [each.number for each in filing.counted.versions if each.number < filing.counted.version]
        earlier = [load_counted(meeting_id, number, version) for version in corrected]
        digests = listed_digests(session, row)
    return BundleSource(filing, ballots, kept, entries, frozen, salt, digests, earlier)


def bundle_document(source: BundleSource) -> Document:
    """The archive as a file. It asks the database nothing."""
    filing = source.filing
    counted, result = filing.counted, filing.counted.result
    meeting_id, setup, number = counted.setup.id, counted.setup, counted.round.number
    inputs = CountInputs() if counted.missing else counted.inputs
    signing_key = these_secrets().signing_key
    texts = {
        "meeting.json": json_text(_meeting_document(counted)),
        SETUP: source.frozen,
        # While inputs are missing the result is that of the votes alone, by what is left of the scheme then.
        SCHEME: json_text(scheme_document(result.scheme)),
        SUBJECTS: json_text(subjects_document(setup.subjects)),
        NUMBERS: numbers_of(result, counted.board),
        INPUTS: inputs_text(inputs),
        "counts.csv": counts_text(setup.full_scheme, setup.subjects, counted.cells),
        RESULT: json_text(result_document(result)),
        **(_kept_texts(source) if source.kept else _ballot_texts(source)),
    }
    for one in source.earlier:
        texts[version_file(one.version, INPUTS)] = inputs_text(one.inputs)
        texts[version_file(one.version, RESULT)] = json_text(result_document(one.result))
    files = {name: text.encode() for name, text in texts.items()}
    files[RECORD] = record_text(source.entries)
    files.update({f"documents/{document.name}": document.content for document in documents_of(filing)})
    origin = BundleOrigin(meeting_id, number, source.salt)
    content = pack_bundle(origin, files, signing_key)
    check_bundle(content)
    title = sheet_title(heading_of(setup, counted.round), "归档包")
    again = f"（第{number}轮）" if number > 1 else ""
    again += "（选票已清除）" if source.kept else ""
    return Document(f"{file_stem(title.replace(f'{setup.unit} ', setup.unit, 1))}{again}.zip", content)


def load_bundle_for_console(meeting_id: str, round_number: int) -> BundleSource:
    """What a bundle for a download is made from, where it tells no more of a small voter group than the sheets do.

    Raises:
        GroupTooSmall: a group cast so few ballots that its part of the bundle would be a list of who chose what.
        What ``load_bundle`` raises.
    """
    source = load_bundle(meeting_id, round_number)
    groups = source.filing.counted.board.groups
    if len(groups) > 1 and any(group.cast < FEWEST_GROUP_BALLOTS for group in groups):
        raise GroupTooSmall
    return source


def _ballot_texts(source: BundleSource) -> dict[str, str]:
    setup = source.filing.counted.setup
    texts = {
        BALLOTS: ballots_text(setup.full_scheme, setup.subjects, source.ballots),
        RECEIPTS: receipts_text(source.filing.counted.receipts),
    }
    if source.digests:
        texts[ENVELOPES] = digests_text(source.digests)
    return texts


def _kept_texts(source: BundleSource) -> dict[str, str]:
    day = _purge_day(source.filing.counted)
    told = f"本轮的选票、意见建议、回执和票码已于 {day} 清除，本归档包中没有选票，只有保留的票数（{KEPT}）。"
    return {KEPT: source.kept, _PURGED_NOTE: f"{told}\r\n结果可以由票数重新计算，不能再逐票核对。\r\n"}


def _purge_day(counted: CountedRound) -> str:
    """The day on which the ballots were destroyed, as the clocks here showed it; '' while they are there."""
    at = counted.round.purged_at
    return at.astimezone().date().isoformat() if at else ""


def _meeting_document(counted: CountedRound) -> dict[str, object]:
    setup, day = counted.setup, _purge_day(counted)
    return {
        "id": setup.id,
        "title": setup.title,
        "unit": setup.unit,
        "held_on": setup.held_on.isoformat() if setup.held_on else None,
        "round": counted.round.number,
        "custody": str(setup.custody),
        "hall_view": str(setup.hall_view),
        **({"purged_on": day} if day else {}),
    }
