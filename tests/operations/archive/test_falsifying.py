"""Somebody who can write in the database, and has not the secrets, changes a count between two acts."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from scene import CHAIR, THREE_GROUPS, Scene, cast, filled, hold_meeting
from sqlalchemy import text

from kaohe.domain.bundles import MANIFEST, SIGNATURE, check_bundle, pack_bundle
from kaohe.domain.errors import (
    BoxDamaged,
    BundleBroken,
    CountAltered,
    CountBroken,
    EditedMeanwhile,
    RecordBroken,
)
from kaohe.domain.meetings import Custody
from kaohe.domain.record_chain import chain_start, chain_time, entry_digest
from kaohe.domain.sealing import Binding, Sealer
from kaohe.operations.archive.bundling import make_bundle
from kaohe.operations.archive.documents import file_documents
from kaohe.operations.archive.filing import load_filing
from kaohe.operations.archive.purging import purge_meeting
from kaohe.operations.chair import publishing
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.receipts import load_receipts, require_issued
from kaohe.operations.count.results import load_counted
from kaohe.operations.count.stripping import box_digest, strip_box
from kaohe.operations.hall.boards import record_numbers
from kaohe.operations.hall.casting import cast_ballot
from kaohe.storage.box_contents import envelopes
from kaohe.storage.database import transaction
from kaohe.storage.installation import these_secrets
from kaohe.storage.tables import EnvelopeRow, RecordEntryRow, RoundRow


def closed(**settings: object) -> Scene:
    scene = hold_meeting(**settings)
    for number, code in enumerate(scene.all_codes[:8]):
        cast(scene.meeting_id, code, "excellent" if number % 2 else "incompetent", "competent", "competent")
    close_meeting(CHAIR, scene.meeting_id)
    return scene


def counted(**settings: object) -> Scene:
    scene = closed(**settings)
    count_meeting(CHAIR, scene.meeting_id, scene.key_text)
    return scene


def published() -> Scene:
    scene = counted()
    publish_result(CHAIR, scene.meeting_id)
    return scene


def in_the_database(statement: str, **values: object) -> None:
    with transaction() as session:
        session.execute(text(statement), values)


def one_ballot_for_all() -> None:
    in_the_database("UPDATE ballots SET marks = (SELECT marks FROM ballots ORDER BY id LIMIT 1)")


def other_ballots_without_a_salt() -> None:
    one_ballot_for_all()
    in_the_database("UPDATE rounds SET ballots_salt = NULL")


def unreadable_ballots() -> None:
    in_the_database("UPDATE ballots SET marks = :marks", marks=b"\xff")


def fewer_ballots_and_tickets() -> None:
    in_the_database("DELETE FROM ballots WHERE id = (SELECT id FROM ballots ORDER BY id LIMIT 1)")
    in_the_database(
        "UPDATE tickets SET is_spent = false WHERE digest = (SELECT digest FROM tickets WHERE is_spent LIMIT 1)"
    )


def other_receipts() -> None:
    in_the_database("DELETE FROM receipts WHERE receipt = (SELECT min(receipt) FROM receipts)")


def better_grades() -> None:
    with transaction() as session:
        frozen = session.execute(text("SELECT frozen FROM rounds")).scalar_one()
        kinder = frozen.replace('"points": "60"', '"points": "95"')
        assert kinder != frozen
        session.execute(text("UPDATE rounds SET frozen = :frozen"), {"frozen": kinder})


@pytest.mark.parametrize(
    "falsify",
    [
        one_ballot_for_all,
        other_ballots_without_a_salt,
        unreadable_ballots,
        fewer_ballots_and_tickets,
        other_receipts,
        better_grades,
    ],
)
def test_what_was_changed_after_the_count_gives_no_result_no_sheet_and_no_publication(
    falsify: Callable[[], None],
) -> None:
    scene = counted()
    assert load_counted(scene.meeting_id).result.subjects
    falsify()

    for attempt in (load_counted, load_filing, file_documents, make_bundle):
        with pytest.raises(CountAltered):
            attempt(scene.meeting_id)
    with pytest.raises(CountAltered):
        publish_result(CHAIR, scene.meeting_id)


@pytest.mark.parametrize(
    "act", ["opened", "closed", "stripped", "counted", "published"], ids=lambda act: f"cut off before {act}"
)
def test_a_record_whose_end_was_cut_off_is_found_by_what_the_round_has_behind_it(act: str) -> None:
    scene = published()
    in_the_database(
        "DELETE FROM record_entries WHERE meeting_id = :meeting AND seq >="
        " (SELECT seq FROM record_entries WHERE meeting_id = :meeting AND act = :act)",
        meeting=scene.meeting_id,
        act=act,
    )
    with pytest.raises(RecordBroken, match="缺少"):
        load_counted(scene.meeting_id)
    with pytest.raises(RecordBroken, match="缺少"):
        make_bundle(scene.meeting_id)


def test_a_record_that_lost_the_end_of_the_voting_is_found_though_it_was_counted_on() -> None:
    scene = closed()
    # Who closed, how many were cast and which tickets were void then is in the last entry, which nothing follows yet.
    in_the_database(
        "DELETE FROM record_entries WHERE meeting_id = :meeting AND act = 'closed'", meeting=scene.meeting_id
    )
    with pytest.raises(RecordBroken, match="缺少第 1 轮的“结束投票”"):
        count_meeting(CHAIR, scene.meeting_id, scene.key_text)


def rewrite_the_record(meeting_id: str) -> None:
    """All of it, without a signature and without the digests."""
    with transaction() as session:
        prev = chain_start(meeting_id)
        for row in session.query(RecordEntryRow).filter_by(meeting_id=meeting_id).order_by(RecordEntryRow.seq):
            kept = {"round", "cast", "box"} & json.loads(row.detail).keys()
            detail = {name: json.loads(row.detail)[name] for name in sorted(kept)}
            row.detail, row.prev, row.signature = json.dumps(detail), prev, ""
            row.digest = prev = entry_digest(row.seq, chain_time(row.at), row.actor, row.act, detail, prev)


def test_a_record_written_anew_without_signatures_is_found() -> None:
    scene = counted()
    rewrite_the_record(scene.meeting_id)
    one_ballot_for_all()

    with pytest.raises(RecordBroken):
        load_counted(scene.meeting_id)
    with pytest.raises(RecordBroken):
        make_bundle(scene.meeting_id)


def test_a_voided_round_does_not_come_back_to_life_in_the_database() -> None:
    scene = counted()
    void_round(CHAIR, scene.meeting_id, "核对有误")
    in_the_database("DELETE FROM tickets WHERE round_id = (SELECT id FROM rounds WHERE number = 2)")
    in_the_database("DELETE FROM rounds WHERE number = 2")
    in_the_database("UPDATE rounds SET void_reason = NULL")

    with pytest.raises(RecordBroken, match="作废"):
        make_bundle(scene.meeting_id)


@pytest.mark.parametrize("custody", [Custody.SERVER, Custody.TELLERS])
def test_envelopes_that_were_exchanged_after_the_stripping_are_not_opened(custody: Custody) -> None:
    """The public key lies in the database, so anybody there can seal; the digest beside the box is changed to fit."""
    scene = closed(custody=custody)
    strip_box(CHAIR, scene.meeting_id)
    with transaction() as session:
        row = session.query(RoundRow).one()
        first = next(envelopes(session, row.id))
        forged = Sealer(row.public_key or b"", Binding(row.id, "1", "", "", 20)).seal(b"\0" * 20, first.tag)
        session.get_one(EnvelopeRow, (row.id, first.id)).box = forged
        session.flush()
        session.expire_all()
        row.box_digest = box_digest(envelopes(session, row.id))

    with pytest.raises(BoxDamaged):
        count_meeting(CHAIR, scene.meeting_id, scene.key_text)


def test_a_ballot_that_was_exchanged_in_the_box_is_missing_from_the_list_of_digests() -> None:
    """Nothing else shows it before the stripping: the number is right, and the receipts are those of what is there."""
    scene = hold_meeting()
    ticket = {"ticket": scene.all_codes[0], "nonce": "a-nonce-of-one-phone", "round_number": ""}
    mine = cast_ballot(scene.meeting_id, "1", **ticket, fields=filled(scene.meeting_id, "excellent"))
    with transaction() as session:
        row = session.query(RoundRow).one()
        (sealed,) = envelopes(session, row.id)
        exchanged = Sealer(row.public_key or b"", Binding(row.id, "1", "", "", 20)).seal(b"\0" * 20, sealed.tag)
        session.get_one(EnvelopeRow, (row.id, sealed.id)).box = exchanged
    close_meeting(CHAIR, scene.meeting_id)
    strip_box(CHAIR, scene.meeting_id)
    at_the_stripping = load_receipts(scene.meeting_id).digests
    count_meeting(CHAIR, scene.meeting_id, scene.key_text)
    checked = check_bundle(make_bundle(scene.meeting_id).content)

    assert require_issued(mine.signed, scene.meeting_id).digest not in at_the_stripping
    assert checked.files["envelopes.txt"].decode() == "".join(f"{digest.hex()}\n" for digest in at_the_stripping)
    assert mine.receipt not in checked.files["receipts.txt"].decode()


def test_a_list_of_digests_that_was_changed_or_left_out_is_found_by_the_record() -> None:
    checked = check_bundle(make_bundle(published().meeting_id).content)
    files = {name: content for name, content in checked.files.items() if name not in (MANIFEST, SIGNATURE)}
    key, listed = these_secrets().signing_key, files.pop("envelopes.txt")

    for changed in ({}, {"envelopes.txt": listed[65:]}, {"envelopes.txt": listed + b"no digest\n"}):
        with pytest.raises(BundleBroken, match="信封摘要清单"):
            check_bundle(pack_bundle(checked.origin, {**files, **changed}, key))


def test_a_count_does_not_go_on_from_a_record_that_was_changed() -> None:
    scene = closed()
    strip_box(CHAIR, scene.meeting_id)
    in_the_database("UPDATE record_entries SET detail = '{}' WHERE act = 'stripped'")

    with pytest.raises(RecordBroken):
        count_meeting(CHAIR, scene.meeting_id)


def test_numbers_and_scores_are_fixed_when_the_hall_is_told() -> None:
    scene = published()
    in_the_database("UPDATE round_numbers SET present = 12")
    in_the_database(
        "INSERT INTO round_numbers (round_id, group_key, present, left_over, paper_issued, paper_cast)"
        " SELECT id, 'all', 12, 0, 0, 0 FROM rounds WHERE NOT EXISTS (SELECT 1 FROM round_numbers)"
    )

    with pytest.raises(CountAltered, match="实到"):
        load_counted(scene.meeting_id)


def test_a_number_that_is_changed_while_the_result_is_being_published_is_published_by_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = counted()
    looked = publishing.load_counted

    def looked_and_then_changed(meeting_id: str, number: int | None = None) -> object:
        found = looked(meeting_id, number)
        record_numbers(CHAIR, meeting_id, "all", present=10, left_over=0)
        return found

    monkeypatch.setattr(publishing, "load_counted", looked_and_then_changed)
    with pytest.raises(EditedMeanwhile):
        publish_result(CHAIR, scene.meeting_id)


def test_what_cannot_be_shown_is_not_published_so_that_its_numbers_can_still_be_mended() -> None:
    scene = counted()
    record_numbers(CHAIR, scene.meeting_id, "all", present=None, left_over=8)
    with pytest.raises(CountBroken):
        publish_result(CHAIR, scene.meeting_id)

    record_numbers(CHAIR, scene.meeting_id, "all", present=None, left_over=0)
    publish_result(CHAIR, scene.meeting_id)


def test_the_counts_that_are_kept_after_the_purge_are_those_that_the_record_speaks_of() -> None:
    scene = published()
    purge_meeting(CHAIR, scene.meeting_id, forced_reason="考核办书面同意")
    before = load_counted(scene.meeting_id).result
    assert before.subjects
    with transaction() as session:
        kept = json.loads(session.execute(text("SELECT kept_counts FROM rounds")).scalar_one())
        kept["counted"]["cells"][0][3][0] = [8, 0, 0, 0]
        session.execute(text("UPDATE rounds SET kept_counts = :kept"), {"kept": json.dumps(kept)})

    with pytest.raises(CountAltered, match="保留的票数"):
        load_counted(scene.meeting_id)


def test_whoever_holds_the_signing_key_cannot_exchange_numbers_or_receipts_under_a_photographed_head() -> None:
    data = make_bundle(published().meeting_id).content
    checked = check_bundle(data)
    files = {name: content for name, content in checked.files.items() if name not in (MANIFEST, SIGNATURE)}
    key = these_secrets().signing_key
    numbers = files["numbers.json"].replace(b'"entitled": 12', b'"entitled": 11')
    receipts = files["receipts.txt"].replace(files["receipts.txt"][:4], b"AAAA", 1)
    assert numbers != files["numbers.json"]
    assert receipts != files["receipts.txt"]

    for name, content, told in (("numbers.json", numbers, "应到"), ("receipts.txt", receipts, "回执")):
        with pytest.raises(BundleBroken, match=told):
            check_bundle(pack_bundle(checked.origin, {**files, name: content}, key))


def test_a_bundle_without_the_end_of_its_record_is_broken() -> None:
    """Without the entry of the count nothing would tie the ballots to the record, and any ballots would do."""
    data = make_bundle(counted().meeting_id).content
    checked = check_bundle(data)
    files = {name: content for name, content in checked.files.items() if name not in (MANIFEST, SIGNATURE)}
    lines = files["record.jsonl"].splitlines(keepends=True)
    sequence = next(number for number, line in enumerate(lines) if b'"act": "counted"' in line)

    with pytest.raises(BundleBroken, match="开箱计票"):
        check_bundle(
            pack_bundle(
                checked.origin, {**files, "record.jsonl": b"".join(lines[:sequence])}, these_secrets().signing_key
            )
        )


def test_nothing_is_altered_in_an_honest_meeting_with_groups_and_numbers() -> None:
    """The control: the same looks at a meeting in which nobody has changed anything."""
    scene = counted(groups=THREE_GROUPS)
    record_numbers(CHAIR, scene.meeting_id, "a", present=6, left_over=0)
    publish_result(CHAIR, scene.meeting_id)
    first = load_counted(scene.meeting_id).result
    assert check_bundle(make_bundle(scene.meeting_id).content)
    purge_meeting(CHAIR, scene.meeting_id, forced_reason="考核办书面同意")

    assert load_counted(scene.meeting_id).result == first
