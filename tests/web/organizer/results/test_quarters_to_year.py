"""Five systems from their voted quarters to a corrected year, with what happens to an office on the way.

A file of ``years`` says what the voters write in each quarter and in the year, what is decided about whom, and the sums
worked out by hand.
"""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from flask import Flask
from openpyxl import load_workbook
from page_client import Page, PageClient
from ranking_tables import as_shown, cells_of, ranked
from scene import CHAIR, draft_meeting, version_of

from kaohe import schemes
from kaohe.cli.meeting_output import meeting_document
from kaohe.domain.relations import Pair
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.correcting import correct_result
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.reviewing import today
from kaohe.operations.count.ruling import rule
from kaohe.operations.count.sources import stale_inputs
from kaohe.operations.hall.casting import cast_ballot
from kaohe.operations.setup.deciding import decide, withdraw_decision
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.preparing import change_basics, load_meeting
from kaohe.operations.setup.relations import confirm_named, divide_by_list
from kaohe.operations.setup.scheme import change_scheme
from kaohe.operations.setup.voters import change_groups
from kaohe.tally.model import Decision, Ruling, Subject
from kaohe.tally.scheme.scheme import Dimension, Relation, Scheme
from kaohe.tally.scheme_document.document import parse_scheme
from kaohe.tally.scores.sectioning import section_of

PRESETS = Path(schemes.__file__).parent
CASES = sorted((Path(__file__).parent / "years").glob("*.toml"))
Marks = Mapping[str, Mapping[str, Sequence[object]]]
"""By voter group and name, what each of its ballots says: points in all, a grade for each side or for all, or 不评."""


class Meeting:
    """A quarter, the year, or the meeting at its end: who is graded in it, and what its voters write."""

    def __init__(self, preset: str, title: str, names: Sequence[str], **settings: object) -> None:
        people = [SubjectEntry(name, "办公室", "科员", section=_section(preset)) for name in names]
        self.id = draft_meeting(preset, people)
        change_basics(CHAIR, self.id, version_of(self.id), title=title, unit="青山镇", held_on=None)
        if settings:
            document = tomllib.loads((PRESETS / f"{preset}.toml").read_text(encoding="utf-8"))
            change_scheme(CHAIR, self.id, version_of(self.id), parse_scheme({**document, **settings}))
        self.codes: dict[str, list[tuple[str, str]]] = {}

    def invite(self, marks: Marks) -> None:
        """Make a ticket for every ballot; whoever grades the own people only has all of them."""
        tickets = {group: max(map(len, own.values())) for group, own in marks.items()}
        for divided in load_meeting(self.id)[0].scheme.groups:
            if divided.relation is not Relation.ALL:
                setup = load_meeting(self.id)[0]
                pairs = [Pair(row, "陈副局长", each) for row, each in enumerate(setup.subjects, 1)]
                divide_by_list(CHAIR, self.id, setup.version, divided.key, pairs, tickets[divided.label])
        setup = load_meeting(self.id)[0]
        groups = [each if each.part_of else replace(each, entitled=tickets[each.label]) for each in setup.groups]
        change_groups(CHAIR, self.id, setup.version, groups)
        confirm_named(CHAIR, self.id, version_of(self.id))
        for group in groups:
            issue_tickets(CHAIR, self.id, group.key, group.entitled, 0)
            for ticket in list_tickets(self.id, group.key):
                path, _, code = ticket.url.rpartition(".")[0].partition("#")
                self.codes.setdefault(group.counted_label, []).append((path.rsplit("/", 1)[1], code))

    def vote(self, marks: Marks) -> None:
        open_meeting(CHAIR, self.id)
        setup = load_meeting(self.id)[0]
        scheme = setup.full_scheme
        for group, written in marks.items():
            for number, (form, code) in enumerate(self.codes[group]):
                fields = [
                    field
                    for subject in setup.subjects
                    for field in _fields(scheme, subject, written[subject.name][number])
                ]
                nonce = secrets.token_hex(16)
                cast_ballot(self.id, form, ticket=code, nonce=nonce, round_number="", fields=fields)
        close_meeting(CHAIR, self.id)
        count_meeting(CHAIR, self.id)

    def key_of(self, name: str) -> str:
        return next(each.key for each in load_meeting(self.id)[0].subjects if each.name == name)

    def decide(self, *, who: str, clause: str = "", amount: int | None = None, tier: str = "", step: str = "") -> str:
        """Apply a clause to somebody, and return the decision's number; or rule about a tier."""
        subject = self.key_of(who)
        if tier:
            rule(CHAIR, self.id, [subject], Ruling(step, subject, tier, "经研究", "2026-04-10", ""))
            return ""
        points = None if amount is None else Fraction(amount)
        return decide(CHAIR, self.id, Decision(subject, clause, "经核实", points))


def _section(preset: str) -> str:
    sections = schemes.load_preset(preset).declared_sections
    return sections[0].key if sections else ""


def _fields(scheme: Scheme, subject: Subject, written: object) -> Iterator[tuple[str, str]]:
    """What is posted about a subject; the points in all fill one side after the other."""
    rules = section_of(scheme, subject).scheme
    if written == "不评":
        yield f"n.{subject.key}", "not_asked"
        return
    grades = {grade.label: grade.key for grade in rules.grades}
    words = str(written).split()
    left = written if isinstance(written, int) else 0
    for place, dimension in enumerate(rules.dimensions):
        if isinstance(written, int):
            points = min(left, _most(rules, dimension))
            left -= points
            yield f"i.{subject.key}.{dimension.key}", str(points)
        else:
            yield f"i.{subject.key}.{dimension.key}", grades[words[place] if len(words) > 1 else words[0]]
    assert not left


def _most(rules: Scheme, dimension: Dimension) -> int:
    scale = rules.scale_of(dimension)
    assert scale is not None
    return int(scale.high)


class Year:
    """The year, its quarters, and the organizer who presses the buttons of its pages."""

    def __init__(self, app: Flask, client: PageClient, case: Mapping[str, Any]) -> None:
        self.app, self.client, self.case = app, client, case
        self.quarters: Sequence[Mapping[str, Any]] = case["quarters"]
        settings = {key: case[key] for key in ("bands", "clauses", "quotas") if key in case}
        with app.app_context():
            self.meeting = Meeting(case["year"], "2026年度考核", case["people"], **settings)
            self.held = [self._prepared(f"2026年{each['label']}考核", each["marks"]) for each in self.quarters]
            self.keys = {name: self.meeting.key_of(name) for name in case["people"]}
        self.token = str(self.page("inputs").soup.select_one("input[name=csrf_token]")["value"])

    def _prepared(self, title: str, marks: Marks) -> Meeting:
        meeting = Meeting(self.case["quarter"], title, tuple(next(iter(marks.values()))))
        meeting.invite(marks)
        return meeting

    def page(self, step: str) -> Page:
        return self.client.get(f"/desk/{self.meeting.id}/{step}")

    def press(self, action: str, *, status: int = 303, follow: bool = False, **fields: object) -> Page:
        posted = {"csrf_token": self.token, **fields}
        return self.client.post(f"/desk/{self.meeting.id}/{action}", posted, status=status, follow=follow)

    def take(self, quarters: Sequence[Meeting], *, status: int = 200, answer: str = "") -> Page:
        wanted = [each.id for each in quarters]
        action = "inputs/periods/take-all"
        return self.press(action, status=status, follow=status == 200, meeting=wanted, answer=answer)

    def hold_quarters(self) -> str:
        """Hold them as an office does, and bring them into the year; returns the decision that will prove wrong."""
        (voided,) = (number for number, each in enumerate(self.quarters) if "mistaken" in each)
        (amended,) = (number for number, each in enumerate(self.quarters) if "correction" in each)
        labels = [each["label"] for each in self.quarters]
        with self.app.app_context():
            for each, meeting in list(zip(self.quarters, self.held, strict=True))[:-1]:
                meeting.vote(each.get("mistaken", each["marks"]))
            publish_result(CHAIR, self.held[amended].id, without_present=True)
        page = self.take(self.held[:-1])
        assert f"应有 {len(labels)} 期，现有 {len(labels) - 1} 期" in page.text
        assert f"“{labels[0]}”缺 1 个：王芳" in page.text
        with self.app.app_context():
            void_round(CHAIR, self.held[voided].id, "得分念错")
            for decision in self.quarters[voided]["decisions"]:
                self.held[voided].decide(**decision)
            (stale,) = stale_inputs(self.meeting.id)
            assert stale.startswith(f"“{labels[voided]}”取自")
            assert "那一场已经作废" in stale
            self.held[voided].vote(self.quarters[voided]["marks"])
            self.held[amended].decide(**self.quarters[amended]["correction"])
            correct_result(CHAIR, self.held[amended].id, "据实更正")
            (mistake,) = self.quarters[-1]["decisions"]
            wrong = self.held[-1].decide(**mistake)
            self.held[-1].vote(self.quarters[-1]["marks"])
            publish_result(CHAIR, self.held[-1].id, without_present=True)
        refused = self.take(self.held, status=409)
        for stale in (voided, amended):
            assert f"“{labels[stale]}”取自" in refused.text
        doubts = [item.get_text(strip=True) for item in refused.soup.select("li") if "→" in item.get_text()]
        assert doubts == self.case["doubts"]
        page = self.take(self.held, answer="same")
        assert "后来有变动" not in page.text
        return wrong

    def vote_and_count(self) -> None:
        """The year's own votes, or the meeting at its end, where the system has one."""
        case = self.case
        if "final" in case:
            with self.app.app_context():
                final = self._prepared("2026年年终总评", case["final"]["marks"])
                final.vote(case["final"]["marks"])
            self.press("inputs/scores/final/take", meeting=final.id)
        with self.app.app_context():
            if "votes" in case:
                self.meeting.invite(case["votes"])
            self.meeting.vote(case.get("votes", {}))

    def figures(self) -> dict[str, list[str]]:
        """By name: the score and the tier that screen, JSON, Excel and Word say; more than two where they differ."""
        said: dict[str, list[str]] = {name: [] for name in self.case["people"]}
        tables = {"screen": self._screen(), "JSON": self._json(), "Excel": self._excel(), "Word": self._word()}
        for where, rows in tables.items():
            found = dict(rows)
            assert found.keys() == said.keys(), where
            for name, figures in found.items():
                said[name] += [] if said[name] == figures else figures
        return said

    def _screen(self) -> Iterator[tuple[str, list[str]]]:
        for table in self.page("result").soup.select(".sheet-table"):
            yield from _said(cells_of(table))

    def _json(self) -> Iterator[tuple[str, list[str]]]:
        with self.app.app_context():
            result: Any = meeting_document(self.meeting.id)["result"]
        names = {key: name for name, key in self.keys.items()}
        for row in (row for part in result.get("sections", [result]) for row in part["subjects"]):
            yield names[row["key"]], [row["score"], row["tier"]]

    def _excel(self) -> Iterator[tuple[str, list[str]]]:
        reply = self.client.http.get(f"/documents/{self.meeting.id}/1/workbook.xlsx")
        for sheet in load_workbook(BytesIO(reply.data)):
            yield from _said([[as_shown(cell) for cell in row] for row in sheet.iter_rows()])

    def _word(self) -> Iterator[tuple[str, list[str]]]:
        reply = self.client.http.get(f"/documents/{self.meeting.id}/1/sheets.docx")
        for table in Document(BytesIO(reply.data)).tables:
            if "名次" in [cell.text for cell in table.rows[0].cells]:
                yield from _said([[cell.text for cell in row.cells] for row in table.rows])


def _said(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, list[str]]]:
    """By name: score and final tier in a table that has both."""
    for texts in ranked(rows):
        if "审定等次" in texts:
            yield texts["姓名"], [texts["得分"], texts["审定等次"]]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_quarters_make_a_year_that_is_ruled_published_reviewed_and_corrected(
    app: Flask, signed_in: PageClient, path: Path
) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    year = Year(app, signed_in, case)
    wrong = year.hold_quarters()
    year.vote_and_count()

    # Two stand alike before the last place for 优秀.
    assert "优秀名额还剩 1 个，2 人并列" in year.page("rulings").text
    tied = [year.keys[name] for name in case["tied"]]
    said = {"step": "审定", "decided_on": "2026-12-28", "minute": "党委会纪要第 12 号"}
    refused = year.press("rulings", status=422, subject=tied, tier="excellent", reason="研究", **said)
    assert refused.error == "bad_decision"
    for name, key in zip(case["tied"], tied, strict=True):
        tier = "excellent" if name == case["chosen"] else "competent"
        year.press("rulings", subject=[key], tier=tier, reason="经研究", **said)
    year.press("rulings/others", **said)
    year.press("publish", without_present="1")
    assert year.figures() == case["expected"]

    # One asks for a review; what was wrong is put right where it was decided, and the year is corrected from there.
    (asking,) = case["reviewed"]
    day = today().isoformat()
    year.press("reviews", subject=year.keys[asking], asked_on=day, request="第四季度的认定有误")
    year.press("reviews/decide", number="1", outcome="changed", decided_on=day, reason="原认定有误")
    last = year.held[-1]
    with app.app_context():
        withdraw_decision(CHAIR, last.id, wrong, "原认定有误")
        correct_result(CHAIR, last.id, "据复核更正")
    year.take([last], status=303, answer="same")
    assert case["corrected"] in year.page("corrections").text
    year.press("corrections", reason="据复核更正")
    year.press("reviews/answer", number="1", answered_on=day)
    assert year.figures() == case["expected"] | case["reviewed"]


def test_five_systems_are_held_from_their_quarters_to_the_year() -> None:
    assert [path.stem for path in CASES] == ["p09", "p10", "p12", "p14", "p15"]
