"""The organizer's console, one folder per stage of a meeting; importing a module adds its views to the blueprint."""

from __future__ import annotations

from kaohe.web.organizer.chair import attendance, chair, challenges, keeping, paper, second_person, speaking, spot_votes
from kaohe.web.organizer.people import accounts, api_tokens, history, merging, own_account, register, signing_in, units
from kaohe.web.organizer.results import (
    comments,
    compare,
    corrections,
    lookup,
    marks,
    result,
    reviews,
    rulings,
    unit_years,
    year_building,
)
from kaohe.web.organizer.server import installation
from kaohe.web.organizer.setup import (
    blank_tables,
    check,
    hall,
    key,
    material,
    meeting_list,
    meetings,
    relations,
    several,
    subjects,
    tickets,
    voters,
)
from kaohe.web.organizer.setup.inputs import inputs, sheet_preview
from kaohe.web.organizer.setup.scheme import own_schemes, scheme, text
from kaohe.web.organizer.shell.blueprint import organizer

__all__ = [
    "accounts",
    "api_tokens",
    "attendance",
    "blank_tables",
    "chair",
    "challenges",
    "check",
    "comments",
    "compare",
    "corrections",
    "hall",
    "history",
    "inputs",
    "installation",
    "keeping",
    "key",
    "lookup",
    "marks",
    "material",
    "meeting_list",
    "meetings",
    "merging",
    "organizer",
    "own_account",
    "own_schemes",
    "paper",
    "register",
    "relations",
    "result",
    "reviews",
    "rulings",
    "scheme",
    "second_person",
    "several",
    "sheet_preview",
    "signing_in",
    "speaking",
    "spot_votes",
    "subjects",
    "text",
    "tickets",
    "unit_years",
    "units",
    "voters",
    "year_building",
]
