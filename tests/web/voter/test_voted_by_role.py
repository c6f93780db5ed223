"""Nine systems in which not everybody grades everybody, each held over HTTP and compared with a sum done by hand.

A file of ``by_role`` says who is graded, who came and who went while the meeting was prepared, who grades whom, what
each ballot says, and what must come of it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from docx import Document
from flask import Flask
from openpyxl import load_workbook
from page_client import PageClient
from ranking_tables import as_shown, cells_of, ranked
from scene import CHAIR, draft_meeting, version_of

from kaohe.cli.meeting_output import meeting_document
from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.people.api_tokens import make_token
from kaohe.operations.setup.issuing import list_tickets
from kaohe.operations.setup.preparing import change_hall, load_meeting
from kaohe.operations.setup.voters import change_groups
from kaohe.tally.model import Subject, SubjectKind
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scores.sectioning import section_of

CASES = sorted((Path(__file__).parent / "by_role").glob("*.toml"))
HEADINGS = ("姓名", "单位", "职务", "类别", "类型", "分表")
Figures = dict[str, str]


@dataclass
class Held:
    """One meeting of a case and the clients of those who are in it."""

    app: Flask
    case: Mapping[str, Any]
    meeting_id: str
    organizer: PageClient
    voter: PageClient

    @property
    def url(self) -> str:
        return f"/desk/{self.meeting_id}"

    @property
    def setup(self) -> MeetingSetup:
        with self.app.app_context():
            return load_meeting(self.meeting_id)[0]

    @cached_property
    def token(self) -> str:
        return self.organizer.get(f"{self.url}/subjects").fields("/add")["csrf_token"]

    @cached_property
    def voted_on(self) -> MeetingSetup:
        """The set-up as it is when voting begins."""
        return self.setup

    @cached_property
    def subjects(self) -> Mapping[str, Subject]:
        """Who is voted on, by name and unit."""
        return {told(subject): subject for subject in self.voted_on.subjects}

    def press(self, step: str, action: str, **fields: object) -> None:
        """Post to a step of the preparation as a form of its page does."""
        kept = {"csrf_token": self.token, "version": str(self.setup.version)}
        self.organizer.post(f"{self.url}/{step}/{action}", {**kept, **fields}, content_type="multipart/form-data")


def told(subject: Subject) -> str:
    """A subject's name in the case files."""
    return subject.name if subject.kind is SubjectKind.TEAM else f"{subject.name} {subject.unit}"


def pasted(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table as it comes out of a spreadsheet."""
    return "\n".join("\t".join(str(cell) for cell in row) for row in (headings, *rows))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_who_grades_whom_comes_out_as_worked_out_by_hand(
    app: Flask, signed_in: PageClient, pages: PageClient, path: Path
) -> None:
    held = _prepared(app, signed_in, pages, tomllib.loads(path.read_text(encoding="utf-8")))
    tickets = _tickets(held)
    addresses = {path for each in tickets.values() for path, _ in each}
    for number, ballot in enumerate(held.case["ballots"]):
        path_of_form, code = tickets[ballot["ticket"]].pop()
        _vote(held, ballot, path_of_form, code, number, addresses - {path_of_form})
    assert not any(tickets.values()), "a ticket that nobody used"
    with app.app_context():
        close_meeting(CHAIR, held.meeting_id)
        assert count_meeting(CHAIR, held.meeting_id) == len(held.case["ballots"])
    _bring(held)
    with app.app_context():
        publish_result(CHAIR, held.meeting_id)
    for told_by, read in READERS.items():
        found = dict(read(held))
        assert found.keys() == held.case["expected"].keys(), told_by
        for who, expected in held.case["expected"].items():
            assert {**found[who], **{key: text for key, text in expected.items() if key in found[who]}} == found[who], (
                f"{told_by}: {who}"
            )


def test_every_system_in_which_not_everybody_grades_everybody_is_held_here() -> None:
    cases = [tomllib.loads(path.read_text(encoding="utf-8")) for path in CASES]
    assert [path.stem for path in CASES] == ["p04", "p07", "p09", "p10", "p11", "p13", "p14", "p15", "p17"]
    for case in cases:
        names = [row[0] for row in case["people"]]
        assert names.count("张伟") == 2
        assert case["joined"] in names
        assert case["left"][0] not in names
        assert any("may_not" in ballot for ballot in case["ballots"])
        assert all("score" in expected for expected in case["expected"].values())


def _prepared(app: Flask, organizer: PageClient, voter: PageClient, case: Mapping[str, Any]) -> Held:
    """The meeting, with somebody who joins and somebody who leaves while it is prepared; ready to be opened."""
    with app.app_context():
        meeting_id = draft_meeting(case["preset"], [])
    held = Held(app, case, meeting_id, organizer, voter)
    stayed = [row for row in case["people"] if row[0] != case["joined"]]
    (joined,) = (row for row in case["people"] if row[0] == case["joined"])
    held.press("subjects", "take", mode="replace", pasted=pasted(HEADINGS[: len(joined)], [*stayed, case["left"]]))
    _draw(held, {tuple(joined[:2]): case["left"]})
    names = ("name", "unit", "post", "class", "kind", "section")
    held.press("subjects", f"{len(stayed)}/remove")
    held.press("subjects", "add", **dict(zip(names, joined, strict=False)))
    if held.setup.is_divided:
        assert f"“{case['joined']}”没有" in held.organizer.get(f"{held.url}/check").text
        _draw(held, {})
        held.press("relations", "named")
    with app.app_context():
        setup = load_meeting(meeting_id)[0]
        numbers = {label: voters.get("entitled") for label, voters in case["voters"].items()}
        groups = [replace(g, entitled=numbers.get(g.counted_label) or g.entitled) for g in setup.groups]
        change_groups(CHAIR, meeting_id, setup.version, groups)
        show = {"hall_view": HallView.TURNOUT, "custody": Custody.SERVER, "shared_group": None}
        change_hall(CHAIR, meeting_id, version_of(meeting_id), **show, ballot_list_wanted=False)
    held.press("tickets", "missing")
    return held


def _tickets(held: Held) -> dict[str, list[tuple[str, str]]]:
    """The form's address and the code of every ticket, by the label of its group; the meeting is open then."""
    tickets: dict[str, list[tuple[str, str]]] = {}
    with held.app.app_context():
        for ticket in list_tickets(held.meeting_id):
            address, _, code = ticket.url.rpartition(".")[0].partition("#")
            tickets.setdefault(ticket.group_label, []).append((f"/v/{address.split('/v/', 1)[1]}", code))
        open_meeting(CHAIR, held.meeting_id)
    return tickets


def _draw(held: Held, before: Mapping[tuple[str, ...], Sequence[str]]) -> None:
    """Divide the voter groups; ``before`` names whoever stood on the list in somebody's place."""
    for label, voters in held.case["voters"].items():
        key = next((g.counted_as for g in held.setup.groups if g.counted_label == label), label)
        if "by" in voters:
            held.press("relations", "units", group=key, relation=voters["by"], entitled=str(voters["each"]))
        elif "list" in voters:
            rows = [[*before.get((name, unit), (name, unit))[:2], who] for name, unit, who in voters["list"]]
            lines = pasted(("姓名", "单位", "评价人"), rows)
            held.press("relations", "list", group=key, pasted=lines, entitled=str(voters["each"]))


def _vote(held: Held, ballot: Mapping[str, Any], path: str, code: str, number: int, others: Collection[str]) -> None:
    """Cast one ballot; if it says whom its voter may not grade, that is refused before, and so is another form."""
    group = next(each for each in held.voted_on.groups if each.label == ballot["ticket"])
    fields = {"ticket": code, "nonce": f"nonce-of-a-phone-{number:04}", "round": "1"}
    for who, marks in ballot["marks"].items():
        fields |= _marks(held, group, held.subjects[who], marks)
    headers = {"X-Kaohe-Script": "1"} if number % 2 else {}
    if "may_not" in ballot:
        form = [str(tag["name"]) for tag in held.voter.get(path).form().select("[name^='i.']")]
        assert {name.split(".")[1] for name in form} == {held.subjects[who].key for who in ballot["marks"]}
        for other in sorted(others)[:1]:
            assert held.voter.post(other, fields, headers=headers, status=409).error == "ticket_other_form"
        who, dimension = ballot["may_not"]
        more = {f"i.{held.subjects[who].key}.{dimension}": fields[next(name for name in fields if name[:2] == "i.")]}
        assert held.voter.post(path, fields | more, headers=headers, status=422).error == "item_unknown"
    assert held.voter.post(path, fields, headers=headers).soup.select_one("[data-receipt]")


def _marks(held: Held, group: Group, subject: Subject, marks: object) -> dict[str, str]:
    rules: Scheme = section_of(held.voted_on.full_scheme, subject).scheme
    if marks == "不评":
        return {f"n.{subject.key}": "not_asked"}
    grades = {grade.label: grade.key for grade in rules.grades} | {"弃权": "abstain"}
    fields = {}
    for dimension in rules.dimensions:
        if dimension.groups and group.counted_as not in dimension.groups:
            continue
        scale = rules.scale_of(dimension)
        mark = marks.get(dimension.key, marks.get("其余", "满分")) if isinstance(marks, dict) else marks
        full = str(int(scale.high)) if scale else rules.grades[0].key
        fields[f"i.{subject.key}.{dimension.key}"] = full if mark == "满分" else grades.get(mark, str(mark))
    return fields


def _bring(held: Held) -> None:
    """Scores of other origin and earlier periods, as lists that are pasted."""
    for key, rows in held.case.get("imported", {}).items():
        held.press("inputs", f"scores/{key}", pasted=pasted(("姓名", "单位", "得分"), rows))
    periods = [
        [name, unit, label, score] for label, rows in held.case.get("periods", {}).items() for name, unit, score in rows
    ]
    if periods:
        held.press("inputs", "periods", pasted=pasted(("姓名", "单位", "时段", "得分"), periods))


def _screen(held: Held) -> Iterator[tuple[str, Figures]]:
    page = held.organizer.get(f"{held.url}/result")
    for table in page.soup.select(".sheet-table"):
        yield from _summary(cells_of(table))


def _excel(held: Held) -> Iterator[tuple[str, Figures]]:
    reply = held.organizer.http.get(f"/documents/{held.meeting_id}/1/workbook.xlsx")
    for sheet in load_workbook(BytesIO(reply.data)):
        yield from _summary([[as_shown(cell) for cell in row] for row in sheet.iter_rows()])


def _word(held: Held) -> Iterator[tuple[str, Figures]]:
    reply = held.organizer.http.get(f"/documents/{held.meeting_id}/1/sheets.docx")
    for table in Document(BytesIO(reply.data)).tables:
        if "名次" in [cell.text for cell in table.rows[0].cells]:
            yield from _summary([[cell.text for cell in row.cells] for row in table.rows])


def _summary(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, Figures]]:
    for text in ranked(rows):
        who = " ".join(text[each] for each in ("姓名", "班子", "考核对象", "单位") if text.get(each))
        yield who, _figures(text["得分"], text.get("等次"), text.get("应评"), text.get("实评"))


def _figures(score: str, tier: str | None, entitled: str | None, cast: str | None) -> Figures:
    return {"score": score, "tier": tier or "", "graders": f"{entitled}/{cast}"}


def _json(held: Held) -> Iterator[tuple[str, Figures]]:
    with held.app.app_context():
        result = cast("Mapping[str, Any]", meeting_document(held.meeting_id)["result"])
    names = {subject.key: name for name, subject in held.subjects.items()}
    for row in (row for part in result.get("sections", [result]) for row in part["subjects"]):
        graders = row.get("graders", {})
        yield names[row["key"]], _figures(row["score"], row.get("tier"), graders.get("entitled"), graders.get("cast"))


def _interface(held: Held) -> Iterator[tuple[str, Figures]]:
    with held.app.app_context():
        token = make_token(CHAIR, "人事系统")
    asked = {"Authorization": f"Bearer {token}"}
    for row in held.app.test_client().get(f"/api/v1/results/{held.meeting_id}", headers=asked).get_json()["subjects"]:
        who = row["name"] if row["kind"] == "team" else f"{row['name']} {row['unit']}"
        yield who, {"score": row["score"], "tier": row["tier"] or ""}


READERS = {"screen": _screen, "Excel": _excel, "Word": _word, "json": _json, "interface": _interface}
