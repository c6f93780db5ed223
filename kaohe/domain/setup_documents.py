"""A meeting's set-up as a document: what a round freezes when it opens, and what scripts write."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup
from kaohe.tally.model import Subject, SubjectKind
from kaohe.tally.scheme_document.document import parse_scheme, scheme_document


def subjects_document(subjects: Sequence[Subject]) -> list[dict[str, str]]:
    """Who was evaluated, in the organizer's order."""
    return [
        {
            "key": subject.key,
            "name": subject.name,
            "unit": subject.unit,
            "post": subject.post,
            "class": subject.class_label,
            "kind": str(subject.kind),
            "section": subject.section,
        }
        for subject in subjects
    ]


def freeze_setup(setup: MeetingSetup) -> str:
    """The whole set-up as JSON text; ``thaw_setup`` gives an equal value back."""
    return json.dumps(
        {
            "id": setup.id,
            "title": setup.title,
            "unit": setup.unit,
            "held_on": setup.held_on.isoformat() if setup.held_on else None,
            "scheme": scheme_document(setup.scheme),
            "subjects": subjects_document(setup.subjects),
            "groups": [_group_document(group) for group in setup.groups],
            "hall_view": str(setup.hall_view),
            "custody": str(setup.custody),
            "shared_group": setup.shared_group,
            "ballot_list_wanted": setup.ballot_list_wanted,
            "version": setup.version,
            "two_people": setup.two_people,
        },
        ensure_ascii=False,
    )


@lru_cache(maxsize=32)  # Cached, since a frozen text never changes and every phone's request reads it.
def thaw_setup(text: str) -> MeetingSetup:
    """The set-up that ``freeze_setup`` wrote."""
    document: dict[str, Any] = json.loads(text)
    return MeetingSetup(
        id=document["id"],
        title=document["title"],
        unit=document["unit"],
        held_on=date.fromisoformat(document["held_on"]) if document["held_on"] else None,
        scheme=parse_scheme(document["scheme"]),
        subjects=tuple(
            Subject(s["key"], s["name"], s["unit"], s["post"], s["class"], SubjectKind(s["kind"]), s["section"])
            for s in document["subjects"]
        ),
        groups=tuple(_group(g) for g in document["groups"]),
        hall_view=HallView(document["hall_view"]),
        custody=Custody(document["custody"]),
        shared_group=document["shared_group"],
        ballot_list_wanted=document["ballot_list_wanted"],
        version=document["version"],
        two_people=document["two_people"],
    )


def _group_document(group: Group) -> dict[str, Any]:
    plain = {"key": group.key, "label": group.label, "weight": str(group.weight), "entitled": group.entitled}
    if not group.part_of:
        return plain
    relation = {"part_of": group.part_of, "part_of_label": group.part_of_label, "may_grade": list(group.may_grade)}
    return {**plain, **relation, "is_named": group.is_named}


def _group(document: dict[str, Any]) -> Group:
    plain = Group(document["key"], document["label"], Fraction(document["weight"]), document["entitled"])
    if "part_of" not in document:
        return plain
    return replace(
        plain,
        part_of=document["part_of"],
        part_of_label=document["part_of_label"],
        may_grade=tuple(document["may_grade"]),
        is_named=document["is_named"],
    )
