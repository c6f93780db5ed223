"""The voters of a meeting: groups with their weights and how many are entitled (应到)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flask import render_template, request
from werkzeug.wrappers import Response

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.limits import GROUPS_AT_MOST
from kaohe.domain.meetings import Group
from kaohe.domain.permissions import Act
from kaohe.domain.typed_numbers import number_text, read_number, read_whole
from kaohe.domain.voter_groups import GroupsRule, groups_rule
from kaohe.operations.setup.preparing import change_groups
from kaohe.tally.notes.warnings import FEWEST_GROUP_BALLOTS
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.access import Audience, audience, this_account
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, after_saving, refusal_of, reply_code
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.meeting import this_meeting
from kaohe.web.organizer.shell.posted import posted_row, posted_version

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group as it stands in the form; ``weight`` is in per cent."""

    place: str
    number: str
    key: str
    label: str
    weight: str
    entitled: str
    shares: str
    """How each section weighs the group, where the sections do; else empty."""
    warning: str


@dataclass(frozen=True, slots=True)
class VotersPage:
    """The groups, with what is worth a warning before the meeting.

    Where the scheme names its groups, none may come or go; where its sections weigh them, ``weights`` is empty.
    """

    frame: MeetingFrame
    version: str
    rows: tuple[GroupRow, ...]
    weights: str
    entitled: str
    may_add: bool
    may_remove: bool
    from_scheme: bool
    refusal: Refusal | None


@organizer.route("/<meeting_id>/voters", methods=["GET", "POST"])
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def voters(meeting_id: str) -> Response | tuple[str, int]:
    """Show the groups; a posted button adds a row to the form, takes one out, or saves them all."""
    setup, held = this_meeting(meeting_id)
    rule = groups_rule(setup.scheme)
    shares = _shares(setup.scheme) if rule is GroupsRule.NAMED else {}
    rows = [
        _row(at, (group.key, group.label, number_text(group.weight * 100), str(group.entitled or "")), shares)
        for at, group in enumerate(setup.groups)
    ]
    refusal = None
    if request.method == "POST":
        rows = _posted_rows(shares)
        act, _, place = request.form.get("act", "").partition(":")
        try:
            if act == "add":
                rows.append(_row(len(rows), (_new_key(rows), "", "", ""), shares))
            elif act == "remove":
                del rows[posted_row(place, len(rows))]
                rows = [_row(at, (row.key, row.label, row.weight, row.entitled), shares) for at, row in enumerate(rows)]
            else:
                change_groups(this_account().name, meeting_id, posted_version(), [_group(row) for row in rows])
                return after_saving(meeting_id, "voters", "hall")
        except KaoheError as error:
            refusal = refusal_of(error, setup.version)
    numbers = [read_whole(row.entitled) for row in rows]
    page = VotersPage(
        frame=frame_of(setup, held, "voters"),
        version=request.form.get("version", str(setup.version)),
        rows=tuple(rows),
        weights="" if shares else _weights_text(rows),
        entitled=str(sum(number for number in numbers if number is not None)),
        may_add=rule is GroupsRule.FREE and len(rows) < GROUPS_AT_MOST,
        may_remove=rule is GroupsRule.FREE and len(rows) > 1,
        from_scheme=rule is not GroupsRule.FREE,
        refusal=refusal,
    )
    return render_template("organizer/setup/voters.html", page=page), reply_code(refusal)


def _row(at: int, texts: tuple[str, str, str, str], shares: Mapping[str, str]) -> GroupRow:
    key, label, weight, entitled = texts
    return GroupRow(
        str(at), str(at + 1), key, label, weight, entitled, shares.get(key, ""), _warning(read_whole(entitled))
    )


def _shares(scheme: Scheme) -> dict[str, str]:
    """By group key: the sections that it fills, and what it weighs there."""
    found: dict[str, list[str]] = {}
    for section in scheme.declared_sections:
        for group in section.scheme.groups:
            found.setdefault(group.key, []).append(f"{section.label} {number_text(group.weight * 100)}%")
    return {key: f"权重：{'，'.join(sections)}" for key, sections in found.items()}


def _posted_rows(shares: Mapping[str, str]) -> list[GroupRow]:
    columns = [request.form.getlist(name)[: GROUPS_AT_MOST + 1] for name in ("key", "label", "weight", "entitled")]
    length = min(map(len, columns))
    return [_row(at, texts, shares) for at, texts in enumerate(zip(*(c[:length] for c in columns), strict=True))]


def _group(row: GroupRow) -> Group:
    name = f"“{row.label.strip()}”" if row.label.strip() else f"第 {row.number} 个票种"
    weight = read_number(row.weight)
    if weight is None:
        raise FieldInvalid(f"{name}的权重请填数字，如 40、33.5，必要时可写成分数 100/3。")
    entitled = read_whole(row.entitled or "0")
    if entitled is None:
        raise FieldInvalid(f"{name}的应到人数请填整数。")
    return Group(_safe_key(row.key), row.label, weight / 100, entitled)


def _safe_key(key: str) -> str:
    """A key that this page has written, since it becomes a part of file and field names.

    Raises:
        FieldInvalid: the field was tampered with.
    """
    if not _KEY.fullmatch(key):
        raise FieldInvalid
    return key


def _new_key(rows: Sequence[GroupRow]) -> str:
    """A key that no group on the page has; a removed group's is not taken again, since it may have had tickets."""
    taken = [int(row.key[1:]) for row in rows if row.key[:1] == "g" and row.key[1:].isdigit()]
    return f"g{max(taken, default=1) + 1}"


def _warning(entitled: int | None) -> str:
    if entitled == 1:
        return "该组仅 1 人，等同实名，建议并入其他票种。"
    if entitled is not None and 1 < entitled < FEWEST_GROUP_BALLOTS:
        return f"该组不足 {FEWEST_GROUP_BALLOTS} 人，分组结果不单独公布。"
    return ""


def _weights_text(rows: Sequence[GroupRow]) -> str:
    numbers = [read_number(row.weight) for row in rows]
    if any(number is None for number in numbers):
        return "—"
    return f"{number_text(sum((number for number in numbers if number is not None), Fraction(0)))}%"
