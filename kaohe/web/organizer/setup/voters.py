"""The voters of a meeting: groups with their weights and how many are entitled (应到)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from string import ascii_uppercase

from flask import render_template
from flask.typing import ResponseReturnValue
from wtforms import Form, FormField, HiddenField, StringField

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.limits import GROUPS_AT_MOST
from kaohe.domain.meetings import Group
from kaohe.domain.permissions import Act
from kaohe.domain.typed_numbers import number_text, read_number, read_whole
from kaohe.domain.voter_groups import GroupsRule, groups_rule
from kaohe.operations.count.sources import list_findings
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.voters import change_groups
from kaohe.tally.notes.warnings import FEWEST_GROUP_BALLOTS
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.access import this_account
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, after_saving, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import INCOMPLETE, DeskForm, RowsField
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of

_LABELS = tuple(f"{letter}票" for letter in ascii_uppercase[:GROUPS_AT_MOST])
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class GroupForm(Form):  # type: ignore[misc] # wtforms ships no types
    """One group as it is typed; ``weight`` is in per cent."""

    key = HiddenField(default="")
    label = StringField(
        "票种名称", default="", render_kw={"autocomplete": "off", "placeholder": "例如：A票（班子成员）"}
    )
    weight = StringField("权重（%）", default="", render_kw={"autocomplete": "off", "inputmode": "decimal"})
    entitled = StringField("应到人数", default="", render_kw={"autocomplete": "off", "inputmode": "numeric"})


class VotersForm(DeskForm):
    """All groups, saved together; one more than there may be, so that too many are refused and not cut off."""

    groups = RowsField(FormField(GroupForm), max_entries=GROUPS_AT_MOST + 1)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group as it stands in the form."""

    row: str
    number: str
    fields: GroupForm
    shares: str
    """How each section weighs the group, where the sections do; else empty."""
    parts: str
    """How many parts it is divided into by whom its voters may grade; empty where it is whole."""
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
    focused: str = ""
    """The number of the row that has come up where one was taken out; empty where none was."""


@organizer.get("/<meeting_id>/voters", act=Act.PREPARE)
def voters(meeting_id: str) -> ResponseReturnValue:
    """Show the groups."""
    setup, _ = load_meeting(meeting_id)
    entitled = Counter[str]()
    for group in setup.groups:
        entitled[group.counted_as] += group.entitled
    rows = [
        {
            "key": key,
            "label": group.counted_label,
            "weight": number_text(group.weight * 100),
            "entitled": str(entitled[key] or ""),
        }
        for key, group in {group.counted_as: group for group in setup.groups}.items()
    ]
    return _shown(_voters_page(meeting_id, VotersForm(data={"version": str(setup.version), "groups": rows})))


@organizer.post("/<meeting_id>/voters", act=Act.PREPARE)
def save_voters(meeting_id: str) -> ResponseReturnValue:
    """Store the groups as they stand in the form."""
    form = VotersForm()
    try:
        groups = [_group(number, voter_group.data) for number, voter_group in enumerate(form.groups, 1)]
        change_groups(this_account().name, meeting_id, form.expected().on_version(), groups)
    except KaoheError as error:
        return _shown(_voters_page(meeting_id, form, error))
    lacking = "".join(finding.message for finding in list_findings(meeting_id) if finding.code == "no_entitled")
    return after_saving(meeting_id, "voters", "hall", lacking)


@organizer.post("/<meeting_id>/voters/add", act=Act.PREPARE)
def add_voters_row(meeting_id: str) -> ResponseReturnValue:
    """Add a row to the form, called by the next letter and weighing what the others leave; nothing is stored."""
    form = VotersForm()
    if len(form.groups) >= GROUPS_AT_MOST:
        return _shown(_voters_page(meeting_id, form, FieldInvalid(f"票种应为 1 到 {GROUPS_AT_MOST} 个。")))
    key = _new_key([voter_group.key.data for voter_group in form.groups])
    taken = {voter_group.data["label"] for voter_group in form.groups}
    label = next((label for label in _LABELS if label not in taken), "")
    weights = [read_number(voter_group.data["weight"]) or Fraction(0) for voter_group in form.groups]
    left = number_text(max(100 - sum(weights, Fraction(0)), Fraction(0)))
    form.groups.append_entry({"key": key, "label": label, "weight": "" if left == "0" else left})
    return _shown(_voters_page(meeting_id, form))


@organizer.post("/<meeting_id>/voters/<int:row>/remove", act=Act.PREPARE)
def remove_voters_row(meeting_id: str, row: int) -> ResponseReturnValue:
    """Take a row out of the form; nothing is stored."""
    form = VotersForm()
    if row >= len(form.groups):
        return _shown(_voters_page(meeting_id, form, FieldInvalid(INCOMPLETE)))
    form.groups.pop_entry(row)
    page = _voters_page(meeting_id, form)
    return _shown(replace(page, focused=str(min(row + 1, len(page.rows)))))


def _voters_page(meeting_id: str, form: VotersForm, error: KaoheError | None = None) -> VotersPage:
    setup, this_round = load_meeting(meeting_id)
    rule = groups_rule(setup.scheme)
    shares = _shares(setup.scheme) if rule is GroupsRule.NAMED else {}
    numbers = [read_whole(voter_group.entitled.data) for voter_group in form.groups]
    parts = Counter(group.part_of for group in setup.groups if group.part_of)
    return VotersPage(
        frame=frame_of(setup, this_round, "voters"),
        version=form.version.data,
        rows=tuple(
            GroupRow(
                str(at),
                str(at + 1),
                each.form,
                shares.get(each.key.data, ""),
                str(parts[each.key.data] or ""),
                "" if parts[each.key.data] else _warning(number),
            )
            for at, (each, number) in enumerate(zip(form.groups, numbers, strict=True))
        ),
        weights="" if shares else _weights_text(voter_group.weight.data for voter_group in form.groups),
        entitled=str(sum(number for number in numbers if number is not None)),
        may_add=rule is GroupsRule.FREE and len(numbers) < GROUPS_AT_MOST,
        may_remove=rule is GroupsRule.FREE and len(numbers) > 1,
        from_scheme=rule is not GroupsRule.FREE,
        refusal=refusal_of(error, setup.version) if error else None,
    )


def _shown(page: VotersPage) -> ResponseReturnValue:
    return render_template("organizer/setup/voters.html", page=page), reply_code(page.refusal)


def _shares(scheme: Scheme) -> dict[str, str]:
    """By group key: the sections that it fills, and what it weighs there."""
    found: dict[str, list[str]] = {}
    for section in scheme.declared_sections:
        for group in section.scheme.groups:
            found.setdefault(group.key, []).append(f"{section.label} {number_text(group.weight * 100)}%")
    return {key: f"权重：{'，'.join(sections)}" for key, sections in found.items()}


def _group(number: int, typed: Mapping[str, str]) -> Group:
    label = typed["label"]
    name = f"“{label.strip()}”" if label.strip() else f"第 {number} 个票种"
    weight = read_number(typed["weight"])
    if weight is None:
        raise FieldInvalid(f"{name}的权重请填数字，如 40、33.5，必要时可写成分数 100/3。")
    entitled = read_whole(typed["entitled"] or "0")
    if entitled is None:
        raise FieldInvalid(f"{name}的应到人数请填整数。")
    return Group(_safe_key(typed["key"]), label, weight / 100, entitled)


def _safe_key(key: str) -> str:
    """A key that this page has written, since it becomes a part of file and field names.

    Raises:
        FieldInvalid: the field was tampered with.
    """
    if not _KEY.fullmatch(key):
        raise FieldInvalid
    return key


def _new_key(keys: Sequence[str]) -> str:
    """A key that no group on the page has; a removed group's is not taken again, since it may have had tickets."""
    taken = [int(key[1:]) for key in keys if key[:1] == "g" and read_whole(key[1:]) is not None]
    return f"g{max(taken, default=1) + 1}"


def _warning(entitled: int | None) -> str:
    if entitled == 1:
        return "该组仅 1 人，等同实名，建议并入其他票种。"
    if entitled is not None and 1 < entitled < FEWEST_GROUP_BALLOTS:
        return f"该组不足 {FEWEST_GROUP_BALLOTS} 人，分组结果不单独公布。"
    return ""


def _weights_text(typed: Iterable[str]) -> str:
    numbers = [read_number(each) for each in typed]
    known = [number for number in numbers if number is not None]
    return f"{number_text(sum(known, Fraction(0)))}%" if len(known) == len(numbers) else "—"
