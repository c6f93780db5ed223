from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from kaohe.domain.record_chain import (
    REPLACED,
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
OTHER = bytes(range(1, 33))
PUBLIC = public_half(KEY)


def chain(*acts: str, key: bytes | None = KEY) -> list[ChainEntry]:
    entries: list[ChainEntry] = []
    for act in acts:
        add(entries, act, {"cast": "12"}, key)
    return entries


def add(entries: list[ChainEntry], act: str, detail: dict[str, str], key: bytes | None) -> None:
    seq, prev = len(entries) + 1, entries[-1].digest if entries else chain_start("m")
    at = f"2026-12-18T09:00:{seq:02d}.000000+00:00"
    digest = entry_digest(seq, at, "王主持", act, detail, prev)
    signature = sign(key, digest.encode()).hex() if key else ""
    entries.append(ChainEntry(seq, at, "王主持", act, detail, prev, digest, signature))


def replaced(former: str = PUBLIC.hex(), key: bytes = OTHER) -> list[ChainEntry]:
    """A record whose secrets were lost after the count."""
    entries = chain("opened", "counted")
    add(entries, REPLACED, {"former_key": former}, key)
    add(entries, "published", {}, key)
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


def test_an_act_without_a_signature_is_broken_wherever_it_stands() -> None:
    """Anybody who can write in the database can write a chain without signatures."""
    assert broken_at("m", chain("created", "opened", key=None), PUBLIC) == 1
    begun = chain("created", key=None)
    add(begun, "opened", {}, KEY)
    assert broken_at("m", begun, PUBLIC) == 1


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


def test_a_record_goes_on_under_another_key_that_names_the_former_one() -> None:
    assert broken_at("m", replaced(), public_half(OTHER)) is None
    assert broken_at("m", replaced(), PUBLIC) == 3

    twice, third = replaced(), bytes(range(2, 34))
    add(twice, REPLACED, {"former_key": public_half(OTHER).hex()}, third)
    assert broken_at("m", twice, public_half(third)) is None


@pytest.mark.parametrize("former", [public_half(bytes(32)).hex(), "zz", "00"])
def test_a_former_key_that_has_not_signed_what_came_before_is_found(former: str) -> None:
    assert broken_at("m", replaced(former), public_half(OTHER)) == 1


def test_the_former_key_signs_nothing_any_more() -> None:
    entries = replaced()[:3]
    add(entries, "published", {}, KEY)
    assert broken_at("m", entries, public_half(OTHER)) == 4
    assert broken_at("m", entries, PUBLIC) == 3
    assert broken_at("m", replaced(key=KEY), public_half(OTHER)) == 3


def test_where_nobody_knows_the_former_key_the_chain_alone_covers_what_came_before() -> None:
    entries = replaced(former="")
    assert broken_at("m", entries, public_half(OTHER)) is None
    assert broken_at("m", [replace(entries[0], actor="别人"), *entries[1:]], public_half(OTHER)) == 1
    assert broken_at("m", entries[1:], public_half(OTHER)) == 1
