"""The example meeting and the live demonstration, on the 559 real ballots."""

from __future__ import annotations

import csv
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path

from cli.processes import ROOT, Kaohe

REAL_BALLOTS = ROOT / "kaohe" / "data" / "orsay-2007-bureau-01.csv"
POINTS = {"6": 100, "5": 80, "4": 80, "3": 60, "2": 60, "1": 0}
LABELS = {"6": "优秀", "5": "称职", "4": "称职", "3": "基本称职", "2": "基本称职", "1": "不称职", "0": "弃权"}


def test_the_example_can_be_voted_in_and_its_result_is_that_of_the_real_ballots(kaohe: Kaohe) -> None:
    with kaohe.serving("--example") as server:
        (line,) = kaohe.run("meeting", "list", "--json").json
        shown = kaohe.show(line["id"])
        assert (shown["state"], shown["hall_view"]) == ("open", "instant")
        assert shown["board"] | {"groups": []} == {
            "entitled": 620, "present": 600, "printed": 620, "issued": 600, "cast": 559, "groups": [], "warnings": [],
        }  # fmt: skip
        (ticket,) = re.findall(rf"/v/{line['id']}/1#(\w+)", server.printed)
        assert "█" in server.printed
        assert server.stop() == 0
    with kaohe.serving("--example") as server:
        assert len(kaohe.run("meeting", "list", "--json").json) == 1
        kaohe.does("meeting", "pause", line["id"])
        assert kaohe.vote(line["id"], ticket, "excellent").error == "meeting_paused"
        assert server.stop() == 0
    kaohe.does("meeting", "close", line["id"])
    kaohe.does("meeting", "count", line["id"])
    result = kaohe.show(line["id"])["result"]
    columns = list(zip(*_real_ballots(), strict=True))
    assert len(result["subjects"]) == len(columns) == 12
    for subject, column in zip(result["subjects"], columns, strict=True):
        expected = Counter(LABELS[code] for code in column)
        assert {label: int(count) for label, count in subject["counts"].items() if count != "0"} == dict(expected)
        assert subject["score"] == _mean_text([POINTS[code] for code in column if code != "0"])


def test_a_spare_ticket_of_the_example_votes(kaohe: Kaohe) -> None:
    with kaohe.serving("--example") as server:
        meeting_id, ticket = re.findall(r"/v/(\w+)/1#(\w+)", server.printed)[0]
        assert kaohe.vote(meeting_id, ticket, "excellent").status == 200
        assert kaohe.show(meeting_id)["board"]["cast"] == 560
        assert kaohe.show(meeting_id)["board"]["warnings"] == []


def test_a_live_demonstration_casts_over_http_into_a_meeting_shown_in_batches(kaohe: Kaohe, tmp_path: Path) -> None:
    with kaohe.serving():
        printed = kaohe.does("demo", "--live", "--pace", "500", "--count", "30")
        (line,) = kaohe.run("meeting", "list", "--json").json
        assert f"{kaohe.url}/stage/{line['id']}/" in printed
        shown = kaohe.show(line["id"])
        assert (shown["state"], shown["hall_view"], shown["board"]["cast"]) == ("open", "batched", 30)
        kaohe.does("demo", "--live", "--pace", "500", "--count", "5", "--meeting", line["id"])
        assert kaohe.show(line["id"])["board"]["cast"] == 35
        kaohe.does("meeting", "pause", line["id"])
        assert "暂停" in kaohe.refuses("demo", "--live", "--count", "5", "--meeting", line["id"])


def test_no_demonstration_votes_in_a_meeting_that_people_mean(kaohe: Kaohe) -> None:
    text = 'title = "年度会"\npreset = "si-deng"\nsubjects = ["张伟"]\n[[groups]]\nlabel = "全体"\nentitled = 5'
    meeting_id = kaohe.meeting(text)
    kaohe.does("meeting", "open", meeting_id)
    with kaohe.serving():
        assert "不是演示会议" in kaohe.refuses("demo", "--live", "--meeting", meeting_id)
        assert kaohe.show(meeting_id)["board"]["cast"] == 0


def _real_ballots() -> list[list[str]]:
    with REAL_BALLOTS.open(encoding="utf-8", newline="") as file:
        return [row[1:] for row in list(csv.reader(file))[1:]]


def _mean_text(points: list[int]) -> str:
    """The mean with two decimals, half up, by whole numbers."""
    mean = Fraction(sum(points), len(points))
    hundredths = (mean.numerator * 200 + mean.denominator) // (mean.denominator * 2)
    return f"{hundredths // 100}.{hundredths % 100:02}"
