from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from kaohe.domain.record_chain import (
    ChainEntry,
    broken_at,
    chain_start,
    chain_time,
    entry_digest,
    head_text,
    public_half,
    sign,
)

KEY = bytes(range(32))
PUBLIC = public_half(KEY)


def chain(*acts: str, signed_from: int = 1) -> list[ChainEntry]:
    entries, prev = [], chain_start("m")
    for seq, act in enumerate(acts, start=1):
        at = f"2026-12-18T09:00:{seq:02d}.000000+00:00"
        digest = entry_digest(seq, at, "王主持", act, {"cast": "12"}, prev)
        signature = sign(KEY, digest.encode()).hex() if seq >= signed_from else ""
        entries.append(ChainEntry(seq, at, "王主持", act, {"cast": "12"}, prev, digest, signature))
        prev = digest
    return entries


def test_a_record_as_it_was_written_is_whole() -> None:
    assert broken_at("m", [], PUBLIC) is None
    assert broken_at("m", chain("created", "opened", "closed"), PUBLIC) is None


@pytest.mark.parametrize("field", [field.name for field in fields(ChainEntry)])
def test_a_change_of_any_field_is_found_at_its_place(field: str) -> None:
    entries = chain("created", "opened", "closed")
    changed: dict[str, object] = {"seq": 7, "detail": {"cast": "13"}, "signature": ""}
    entries[1] = replace(entries[1], **{field: changed.get(field, entries[0].prev)})

    assert broken_at("m", entries, PUBLIC) == 2


def test_an_entry_that_is_missing_or_out_of_order_is_found() -> None:
    created, opened, closed = chain("created", "opened", "closed")

    assert broken_at("m", [created, closed], PUBLIC) == 2
    assert broken_at("m", [opened, created, closed], PUBLIC) == 1
    assert broken_at("m", [opened, closed], PUBLIC) == 1


def test_a_chain_made_anew_by_somebody_else_is_found_by_its_signature() -> None:
    assert broken_at("m", chain("created", "opened"), public_half(bytes(32))) == 1
    assert broken_at("other", chain("created", "opened"), PUBLIC) == 1


def test_acts_older_than_the_key_are_covered_by_the_first_signature_after_them() -> None:
    old = chain("created", "opened", "closed", signed_from=3)

    assert broken_at("m", old, PUBLIC) is None
    assert broken_at("m", [replace(old[0], actor="李"), *old[1:]], PUBLIC) == 1


def test_a_head_is_eight_groups_of_four_and_moves_with_every_act() -> None:
    heads = {head_text(entry.digest) for entry in chain("created", "opened", "closed")}

    assert len(heads) == 3
    assert all([len(group) for group in head.split(" ")] == [4] * 8 for head in heads)


def test_a_time_enters_the_chain_as_the_same_text_from_every_zone() -> None:
    moment = datetime(2026, 12, 18, 9, 0, 0, 120_000, tzinfo=timezone(timedelta(hours=8)))

    assert chain_time(moment) == chain_time(moment.astimezone(UTC)) == "2026-12-18T01:00:00.120000+00:00"


def test_a_signature_that_is_no_hexadecimal_number_is_a_broken_one() -> None:
    created, opened = chain("created", "opened")
    assert broken_at("m", [created, replace(opened, signature="zz")], PUBLIC) == 2
