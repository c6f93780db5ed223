"""What a save changed of a meeting's set-up, from what to what, as the record of acts says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kaohe.domain.inputs import names_text
from kaohe.domain.meetings import Group, MeetingSetup
from kaohe.domain.typed_numbers import number_text
from kaohe.tally.model import Subject, SubjectKind

_KINDS: Final = {SubjectKind.PERSON: "个人", SubjectKind.TEAM: "班子"}


def changes_text(before: MeetingSetup, after: MeetingSetup) -> str:
    """What became of the basics, the scheme, the subjects and the voter groups; '' where all of them are as they were.

    Of many subjects or groups the first ones are named, and how many there are.
    """
    basics = (
        ("会议名称", before.title, after.title),
        ("测评单位", before.unit, after.unit),
        ("会议日期", *(setup.held_on.isoformat() if setup.held_on else "" for setup in (before, after))),
        ("方案", before.scheme.title, after.scheme.title),
    )
    changes = [from_to(*each) for each in basics if each[1] != each[2]]
    if before.scheme != after.scheme and before.scheme.title == after.scheme.title:
        changes.append(f"方案“{after.scheme.title}”的设置有改动")
    changes += _subjects(before, after)
    changes += _groups({group.key: group for group in before.groups}, {group.key: group for group in after.groups})
    return "；".join(changes)


def from_to(what: str, before: str, after: str) -> str:
    """That something was one thing and is another; nothing is 未填."""
    was, now = (f"“{text}”" if text else "未填" for text in (before, after))
    return f"{what}由{was}改为{now}"


def _subjects(before: MeetingSetup, after: MeetingSetup) -> Iterator[str]:
    were, are = ({subject.key: subject for subject in setup.subjects} for setup in (before, after))
    if added := [are[key].full_name for key in are if key not in were]:
        yield f"增加{names_text(added)}"
    if gone := [were[key].full_name for key in were if key not in are]:
        yield f"去掉{names_text(gone)}"
    staying = [key for key in are if key in were]
    forms = {each.key: each.label for setup in (before, after) for each in setup.scheme.declared_sections}
    if changed := [_changed(were[key], are[key], forms) for key in staying if were[key] != are[key]]:
        yield names_text(changed)
    if staying != [key for key in were if key in are]:
        yield "次序有改动"


def _changed(was: Subject, now: Subject, forms: Mapping[str, str]) -> str:
    """Both of them, by what stands in their columns; these are named where the words are the same ones in others."""
    columns = [_columns(each, forms, has_kind=was.kind is not now.kind) for each in (was, now)]
    if was.name == now.name and [*columns[0].values()] == [*columns[1].values()]:
        columns = [{head: f"{head}：{text}" for head, text in each.items()} for each in columns]
    return "改为".join(
        f"{each.name}（{'，'.join(said.values())}）" if said else each.name
        for each, said in zip((was, now), columns, strict=True)
    )


def _columns(subject: Subject, forms: Mapping[str, str], *, has_kind: bool) -> dict[str, str]:
    said = {
        "单位": subject.unit,
        "职务": subject.post,
        "类别": subject.class_label,
        "分表": forms.get(subject.section, subject.section),
        "类型": _KINDS[subject.kind] if has_kind else "",
    }
    return {head: text for head, text in said.items() if text}


def _groups(were: Mapping[str, Group], are: Mapping[str, Group]) -> Iterator[str]:
    if added := [f"“{are[key].label}”（应到 {are[key].entitled}）" for key in are if key not in were]:
        yield f"增加票种{names_text(added)}"
    if gone := [f"“{were[key].label}”" for key in were if key not in are]:
        yield f"去掉票种{names_text(gone)}"
    staying = [(were[key], are[key]) for key in are if key in were]
    if renamed := [f"“{was.label}”改称“{now.label}”" for was, now in staying if was.label != now.label]:
        yield names_text(renamed)
    entitled = [
        f"“{now.label}”应到由 {was.entitled} 改为 {now.entitled}"
        for was, now in staying
        if was.entitled != now.entitled
    ]
    weights = [
        f"“{now.label}”权重由 {_per_cent(was)} 改为 {_per_cent(now)}"
        for was, now in staying
        if was.weight != now.weight
    ]
    yield from map(names_text, filter(None, (entitled, weights)))


def _per_cent(group: Group) -> str:
    return f"{number_text(group.weight * 100)}%"
