"""An address that asks for what is not there is refused; nothing else is shown in its stead."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask
from holding import closed, published
from page_client import PageClient
from scene import CHAIR, prepare_meeting

import kaohe.web
from kaohe.domain.people import Spell
from kaohe.operations.people.register import add_person

NOTHING_THERE = (
    "/desk/?shelf=none",
    "/desk/?state=none",
    "/desk/?year=none",
    "/desk/?page=none",
    "/desk/new?preset=none",
    "/desk/results?page=-7",
    "/desk/results/year?year=1999",
    "/desk/results/year.xlsx?year=1999",
    "/desk/results/year.csv?year=1999",
    "/desk/results/year?period=none",
    "/desk/results/year.csv?period=第三季度",
    "/desk/results/compare?before=none",
    "/desk/results/compare.xlsx?after=none",
    "/desk/results/compare.csv?before=none",
    "/desk/results/compare?change=none",
    "/documents/pack?year=none",
    "/documents/pack.zip?meeting=none&meeting={held}",
    "/documents/{held}/1/print?set=none",
    "/documents/{held}/1/workbook.xlsx?version=9",
    "/desk/{held}/result?round=9",
    "/desk/{held}/result?version=9",
    "/desk/{draft}/scheme?preset=none",
    "/desk/{draft}/scheme/text?preset=none",
    "/desk/{draft}/material?of=none",
    "/desk/{draft}/blank-ballot?paper=a3",
    "/desk/{draft}/blank-ballot?group=none",
    "/desk/{draft}/slips?printing=abc&part=none",
    "/desk/{draft}/slips?printing=abc&part=0",
    "/desk/{closed}/paper?group=none",
    "/desk/{closed}/paper?number=none",
    "/documents/{draft}/early?set=none",
)
WORDS = {"sought", "share", "proposed"}
"""What people type freely; a share is read by ``_share``, which refuses what is none."""
MARKS = {"open", "at", "edit", "edited", "moved", "mirror", "done"}
"""What only unfolds or marks a line of a page."""
OF_SCRIPTS = {"state", "seen", "job", "asked", "v", "printing"}
"""What a page says of itself when it asks for its parts, and a printing's random word."""
JUDGED = {"before", "after", "period", "preset", "other", "unit", "page", "meeting"}
"""What an operation looks up, or the reader itself refuses; the addresses above say so."""


def test_an_address_that_asks_for_what_is_not_there_is_refused(app: Flask, signed_in: PageClient) -> None:
    held, over = published(app).meeting_id, closed(app).meeting_id
    with app.app_context():
        draft = prepare_meeting().meeting_id
    shown = {}
    for address in NOTHING_THERE:
        url = address.format(held=held, closed=over, draft=draft)
        shown[address] = signed_in.http.get(url).status_code
        assert signed_in.http.get(url.partition("?")[0], follow_redirects=True).status_code in (200, 404, 422), url
    assert {address: code for address, code in shown.items() if code not in (404, 422)} == {}


def test_every_name_in_an_address_is_read_where_what_is_not_there_is_refused() -> None:
    reading = re.compile(r'request\.args\.get(?:list)?\("(\w+)"|"(\w+)" in request\.args')
    found = [reading.findall(path.read_text("utf-8")) for path in Path(kaohe.web.__file__).parent.rglob("*.py")]
    read = {"".join(names) for each in found for names in each}
    assert len(read) > len(MARKS)
    assert read <= WORDS | MARKS | OF_SCRIPTS | JUDGED


def test_a_year_of_which_no_meeting_is_listed_is_said_to_be_empty(app: Flask, signed_in: PageClient) -> None:
    published(app)
    for url in ("/desk/?year=1999", "/documents/pack?year=1999"):
        chosen = signed_in.get(url).soup.select_one("select[name=year] option[selected]")
        assert chosen is not None
        assert chosen["value"] == "1999"


def test_whoever_is_unfolded_stands_on_the_page_that_is_shown(app: Flask, signed_in: PageClient) -> None:
    with app.app_context():
        people = [add_person(CHAIR, Spell(f"张{number:03}", "统计局", "科员")) for number in range(101)]
    card = signed_in.get(f"/desk/people?open={people[-1]}").soup.select_one(f"#person-{people[-1]}")
    assert card is not None
    assert card.has_attr("open") or card.select_one("details[open]")
