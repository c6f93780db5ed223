"""The slips of a large meeting are drawn in a process of their own: the same slips, and a server that stays."""

from __future__ import annotations

import csv
import io

import pytest
from scene import CHAIR, Scene, prepare_meeting

from kaohe.domain.errors import CodesSealed, NotFound, WorkStopped
from kaohe.operations.apart import work_apart_from_now_on
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.setup.issuing import issue_tickets
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.printing import list_slips
from kaohe.operations.setup.printing_apart import shuffled_csv, slip_sheets
from kaohe.storage.installation import this_config

ELSEWHERE = "http://198.51.100.7:8000"
"""The address that a process of its own would take by itself, as where the machine has changed its network since."""


@pytest.fixture
def many_tickets(monkeypatch: pytest.MonkeyPatch) -> Scene:
    scene = prepare_meeting()
    groups = load_meeting(scene.meeting_id)[0].groups
    issue_tickets(CHAIR, scene.meeting_id, groups[0].key, 500, 3)
    monkeypatch.setenv("KAOHE_DATA", str(this_config().data))
    monkeypatch.setenv("KAOHE_DATABASE_URL", this_config().database_url)
    monkeypatch.setenv("KAOHE_URL", ELSEWHERE)
    return scene


def test_slips_and_codes_of_a_large_meeting_come_from_a_process_of_their_own_and_are_the_same(
    many_tickets: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting_id = many_tickets.meeting_id
    here = slip_sheets(meeting_id, "a-printing", 1)
    assert all(printed.slip.url.startswith(this_config().public_url) for page in here.pages for printed in page)
    work_apart_from_now_on()
    apart = slip_sheets(meeting_id, "a-printing", 1)
    assert apart.part_sizes == here.part_sizes
    assert len(apart.part_sizes) > 1
    assert apart.pages == here.pages
    assert apart.pages[0][0].qr_path.startswith("M")

    rows = list(csv.reader(io.StringIO(shuffled_csv(meeting_id).decode("utf-8-sig"))))[1:]
    assert sorted(row[1] for row in rows) == sorted(slip.code_text for slip in list_slips(meeting_id, "any"))
    assert all(row[2].startswith(this_config().public_url) for row in rows)

    with pytest.raises(NotFound):
        slip_sheets(meeting_id, "a-printing", len(apart.part_sizes) + 1)
    monkeypatch.setenv("KAOHE_URL", "not an address")
    with pytest.raises(WorkStopped):
        slip_sheets(meeting_id, "a-printing", 1)
    open_meeting(CHAIR, meeting_id)
    with pytest.raises(CodesSealed):
        shuffled_csv(meeting_id)


def test_few_slips_are_drawn_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = prepare_meeting()
    work_apart_from_now_on()
    monkeypatch.setenv("KAOHE_URL", "not an address")
    assert sum(slip_sheets(scene.meeting_id, "a-printing", 1).part_sizes) == len(scene.all_codes)
    assert shuffled_csv(scene.meeting_id).count(b"\n") == len(scene.all_codes) + 1
