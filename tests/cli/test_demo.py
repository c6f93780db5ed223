"""The example meeting and the live demonstration, on people and ballots that were made up."""

from __future__ import annotations

import csv
import re
import runpy
import secrets
import time
from collections import Counter
from dataclasses import replace
from fractions import Fraction

from processes import ROOT, Kaohe

BALLOTS = ROOT / "kaohe" / "data" / "example-ballots.csv"
POINTS = {"优秀": 100, "称职": 80, "基本称职": 60, "不称职": 0}


def test_the_ballots_of_the_example_are_those_that_the_script_makes_up() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "make_example_ballots.py"))
    assert BALLOTS.read_text(encoding="utf-8") == script["ballots_text"]()


def test_the_example_can_be_voted_in_and_its_result_is_that_of_its_ballots(kaohe: Kaohe) -> None:
    with kaohe.serving("--example") as server:
        (line,) = kaohe.run("meeting", "list", "--json").json
        shown = kaohe.show(line["id"])
        assert (shown["state"], shown["hall_view"]) == ("open", "batched")
        assert "虚构" in shown["unit"]
        assert shown["board"] | {"groups": []} == {
            "entitled": 150, "present": 148, "printed": 156, "issued": 138, "cast": 130, "groups": [], "warnings": [],
        }  # fmt: skip
        (first,) = re.findall(rf"/v/{line['id']}/1#pool-(\w+)", server.printed)
        assert "█" in server.printed
        assert server.stop() == 0
    with kaohe.serving("--example") as server:
        assert len(kaohe.run("meeting", "list", "--json").json) == 1
        assert re.findall(rf"/v/{line['id']}/1#pool-(\w+)", server.printed) == [first]
        assert server.stop() == 0
    kaohe.does("meeting", "close", line["id"])
    kaohe.does("meeting", "count", line["id"])
    result = kaohe.show(line["id"])["result"]
    names, *ballots = _ballots()
    assert [subject["subject"] for subject in result["subjects"]] == names
    for subject, column in zip(result["subjects"], zip(*ballots, strict=True), strict=True):
        counts = {label: int(count) for label, count in subject["counts"].items() if count != "0"}
        assert counts == dict(Counter(column))
        assert subject["score"] == _mean_text([POINTS[label] for label in column if label != "弃权"])
    scores = [float(subject["score"]) for subject in result["subjects"]]
    assert (round(max(scores)), round(min(scores)), len(scores)) == (95, 62, 12)


def test_the_wall_of_the_example_shows_its_batches_at_once_and_holds_ten_back(kaohe: Kaohe) -> None:
    with kaohe.serving("--example") as server:
        (stage,) = re.findall(rf"{kaohe.url}(/stage/\S+)", server.printed)
        until = time.monotonic() + 30
        # The wall moves every two seconds at most, and the example may have been made in less.
        while "已计入 0 票" in (wall := kaohe.get(stage).soup.get_text(" ", strip=True)) and time.monotonic() < until:
            time.sleep(0.2)
        assert "已计入 120 票" in wall


def test_the_phone_link_of_the_example_gives_every_phone_a_ticket_that_votes(kaohe: Kaohe) -> None:
    with kaohe.serving("--example") as server:
        meeting_id, pool_code = re.findall(r"/v/(\w+)/1#pool-(\w+)", server.printed)[0]
        draw = {"pool": pool_code, "draw": secrets.token_urlsafe(16)}
        drawn = kaohe.post(f"/v/{meeting_id}/1/ticket", draw)
        (form,) = drawn.soup.select("form")
        assert kaohe.vote(meeting_id, form.select_one("[name=ticket]")["value"], "excellent").status == 200
        assert kaohe.show(meeting_id)["board"]["cast"] == 131
        assert kaohe.show(meeting_id)["board"]["warnings"] == []


def test_a_live_demonstration_casts_over_http_into_a_meeting_shown_in_batches(kaohe: Kaohe) -> None:
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


def test_a_live_demonstration_names_the_wall_of_the_server_that_it_was_given(kaohe: Kaohe) -> None:
    with kaohe.serving():
        elsewhere = replace(kaohe, port=kaohe.port + 1, public_url=None)
        printed = elsewhere.does("demo", "--live", "--pace", "500", "--count", "1", "--url", f"{kaohe.url}/")
        (wall,) = re.findall(r"https?://\S+", printed)
        assert wall.startswith(f"{kaohe.url}/stage/")
        assert kaohe.get(wall.removeprefix(kaohe.url)).status == 200


def test_no_demonstration_votes_in_a_meeting_that_people_mean(kaohe: Kaohe) -> None:
    text = 'title = "年度会"\npreset = "si-deng"\nsubjects = ["张伟"]\n[[groups]]\nlabel = "全体"\nentitled = 5'
    meeting_id = kaohe.meeting(text)
    kaohe.does("meeting", "open", meeting_id)
    with kaohe.serving():
        assert "不是演示会议" in kaohe.refuses("demo", "--live", "--meeting", meeting_id)
        assert kaohe.show(meeting_id)["board"]["cast"] == 0


def _ballots() -> list[list[str]]:
    """The row of names, then a row a ballot."""
    with BALLOTS.open(encoding="utf-8", newline="") as file:
        return [row[1:] for row in csv.reader(file)]


def _mean_text(points: list[int]) -> str:
    """The mean with two decimals, half up, by whole numbers."""
    mean = Fraction(sum(points), len(points))
    hundredths = (mean.numerator * 200 + mean.denominator) // (mean.denominator * 2)
    return f"{hundredths // 100}.{hundredths % 100:02}"
