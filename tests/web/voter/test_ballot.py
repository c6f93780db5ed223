"""The ballot page: one for all phones, and what stands in its place before and after voting."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from phone import Hall

from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting, pause_meeting, resume_meeting
from kaohe.operations.setup.preparing import change_basics, load_meeting
from kaohe.operations.setup.rehearsing import start_rehearsal, trial_tickets, wipe_rehearsal


def test_the_page_has_one_form_with_a_field_for_ticket_nonce_and_every_item(hall: Hall) -> None:
    form = hall.ballot().form()

    assert form["action"] == hall.url
    assert form["method"] == "post"
    names = {str(field["name"]) for field in form.select("input, textarea")}
    assert names == {"ticket", "nonce", "round", "i.s1.overall", "i.s2.overall", "i.s3.overall"}
    marks = [str(radio["value"]) for radio in form.select('[name="i.s1.overall"]')]
    assert marks == ["excellent", "competent", "basically_competent", "incompetent", "abstain"]


def test_nothing_is_chosen_beforehand(hall: Hall) -> None:
    assert not hall.ballot().soup.select("[checked]")


def test_a_dimension_has_its_own_row_of_buttons(hall_of: Callable[..., Hall]) -> None:
    soup = hall_of(preset="de-neng-qin-ji-lian").ballot().soup

    assert len(soup.select("fieldset")) == 3 * 5
    assert soup.select_one("#s1 legend").get_text(" ", strip=True) == "张伟 德"


def test_comments_are_asked_for_only_where_the_scheme_wants_them(hall_of: Callable[..., Hall]) -> None:
    assert not hall_of().ballot().soup.select("textarea")
    asked = hall_of(comments_wanted=True).ballot()
    assert [field["name"] for field in asked.soup.select("textarea")] == ["c.s1", "c.s2", "c.s3"]
    assert "请勿写可识别身份的内容" in asked.text


def test_the_limit_of_top_grades_is_said_before_anyone_exceeds_it(hall_of: Callable[..., Hall]) -> None:
    assert "“优秀”最多选 2 个" in hall_of(top_grade_limit=2).ballot().text


def test_the_promise_is_the_first_line_and_leads_to_its_reasons(hall: Hall) -> None:
    first = hall.ballot().soup.select_one("main > *")
    assert first.get_text(strip=True) == "无记名：谁也不知道您投了什么"
    assert first.a["href"] == f"{hall.url}/privacy"


def test_a_rehearsal_says_that_it_does_not_count(draft_of: Callable[..., Hall]) -> None:
    hall = draft_of()
    hall.chair(start_rehearsal)
    page = hall.ballot()
    assert "试投，不计入结果" in page.text
    with hall.app.app_context():
        trial = trial_tickets(hall.scene.meeting_id)[0].code
    done = hall.pages.submit(page, **hall.filled(ticket=trial, round="0"))
    assert "试投，不计入结果" in done.text
    hall.chair(wipe_rehearsal)
    assert "投票尚未开始" in hall.ballot().text


def test_a_draft_shows_a_waiting_page_that_asks_again_by_itself(draft_of: Callable[..., Hall]) -> None:
    hall = draft_of()
    page = hall.ballot()

    assert page.soup.h1.get_text() == "投票尚未开始"
    assert page.soup.select_one("noscript meta[http-equiv=refresh]")["content"] == f"8; url={hall.url}"
    assert page.soup.select_one("main")["data-ask-again"] == "8"
    assert not page.soup.select("form")


def test_the_page_follows_the_state_of_the_meeting(draft_of: Callable[..., Hall]) -> None:
    hall = draft_of()
    assert hall.ballot().soup.select_one("#waiting")
    hall.chair(open_meeting)
    assert hall.ballot().soup.select_one("#ballot-form")
    hall.chair(pause_meeting)
    assert "主持人已暂停收票" in hall.ballot().text
    assert hall.ballot().soup.select_one("#ballot-form")
    hall.chair(resume_meeting)
    assert "主持人已暂停收票" not in hall.ballot().text
    hall.chair(close_meeting)
    assert hall.ballot().soup.select_one("#closed")
    hall.chair(void_round, "计时有误")
    assert hall.ballot().soup.select_one("#waiting")
    hall.chair(open_meeting)
    assert hall.ballot().fields()["round"] == "2"


def test_a_heading_that_is_edited_before_opening_is_shown_at_once(draft_of: Callable[..., Hall]) -> None:
    hall = draft_of()
    assert "年度民主测评会" in hall.ballot().text
    with hall.app.app_context():
        version = load_meeting(hall.scene.meeting_id)[0].version
        change_basics("王主持", hall.scene.meeting_id, version, title="干部考核测评会", unit="", held_on=None)
    assert "干部考核测评会" in hall.ballot().text


def test_every_phone_gets_the_same_bytes_and_keeps_them(hall: Hall) -> None:
    first = hall.pages.http.get(hall.url, headers={"Accept-Encoding": "gzip"})
    second = hall.pages.http.get(hall.url, headers={"Accept-Encoding": "gzip", "User-Agent": "another phone"})

    assert first.data == second.data
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.headers["Vary"] == "Accept-Encoding"
    again = hall.pages.http.get(hall.url, headers={"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]


def test_a_client_that_takes_no_gzip_gets_the_page_unpacked(hall: Hall) -> None:
    packed = hall.pages.http.get(hall.url, headers={"Accept-Encoding": "gzip"})
    plain = hall.pages.http.get(hall.url, headers={"Accept-Encoding": "identity"})

    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data


@pytest.mark.parametrize(
    ("takes", "gets"),
    [("gzip, deflate, br, zstd", "gzip"), ("gzip;q=0.5", "gzip"), ("gzip;q=0", None), ("deflate", None)],
)
def test_the_phones_files_come_as_the_browser_takes_them(hall: Hall, takes: str, gets: str | None) -> None:
    address = hall.ballot().soup.select_one("link[rel=stylesheet]")["href"]
    reply = hall.pages.http.get(address, headers={"Accept-Encoding": takes}, buffered=True)
    assert reply.headers.get("Content-Encoding") == gets
    assert reply.headers["Vary"] == "Accept-Encoding"
    unpack = gzip.decompress if gets == "gzip" else bytes
    assert b"--" in unpack(reply.data)


def test_a_phone_that_holds_the_page_of_another_state_gets_the_new_one(hall: Hall) -> None:
    held = hall.pages.http.get(hall.url).headers["ETag"]
    hall.chair(pause_meeting)
    assert hall.pages.http.get(hall.url, headers={"If-None-Match": held}).status_code == 200


def test_the_ballot_of_thirty_subjects_is_small(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(names=tuple(f"考核对象{n}" for n in range(30)))
    page = hall.pages.http.get(hall.url, headers={"Accept-Encoding": "gzip"})
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', gzip.decompress(page.data).decode())

    assert len(files) == 2
    sizes = [len(hall.pages.http.get(file, headers={"Accept-Encoding": "gzip"}, buffered=True).data) for file in files]
    assert len(page.data) + sum(sizes) < 20_000


@pytest.mark.parametrize("file", ["css/phone.css", "js/phone.js", "js/phone-more.js"])
def test_the_phones_files_are_kept_until_their_content_changes(form_of: Callable[..., Hall], file: str) -> None:
    hall = form_of("jiandu-pingshi")
    address = next(
        str(tag.get("href") or tag.get("src"))
        for tag in hall.ballot().soup.select("link[rel=stylesheet], script")
        if file in str(tag)
    )
    kept = hall.pages.http.get(address, headers={"Accept-Encoding": "gzip"})
    assert "immutable" in kept.headers["Cache-Control"]
    other = hall.pages.http.get(f"/static/{file}?v=000000000000", buffered=True)
    assert other.headers["Cache-Control"] == "no-cache"
    assert gzip.decompress(kept.data) == other.data


def test_every_style_sheet_of_the_phone_is_sent(form_of: Callable[..., Hall]) -> None:
    hall = form_of("jiandu-pingshi")
    sent = hall.pages.http.get("/static/css/phone.css", buffered=True).get_data(as_text=True)
    parts = [*Path(hall.app.static_folder or "").glob("css/phone/*.css")]
    assert len(parts) == 8
    # Sent without comments and without what only lays it out, rule by rule.
    for part in parts:
        rules = re.sub(r"/\*.*?\*/", "", part.read_text(), flags=re.DOTALL).split("}")
        assert [rule for rule in rules if _bare(rule) not in _bare(sent)] == [], part.name


def test_the_styles_use_nothing_that_old_web_views_lack(hall: Hall) -> None:
    sent = hall.pages.http.get("/static/css/phone.css", buffered=True).get_data(as_text=True)
    assert [rule for rule in sent.split("}") if "display:flex" in rule and "gap:" in rule] == []
    newer = (":has(", ":is(", ":where(", "@layer", "@container", "inset:", "dvh", "aspect-ratio", "oklch", "color-mix")
    assert [each for each in newer if each in sent] == []


def _bare(style: str) -> str:
    return re.sub(r"\s|;(?=\s*($|}))", "", style)


@pytest.mark.parametrize("file", ["phone", "phone-abstain", "phone-at-once", "phone-more"])
@pytest.mark.parametrize("newer", ["=>", "`", "?.", "??", "let ", "const ", "class ", "async ", "import "])
def test_the_scripts_use_nothing_that_old_web_views_lack(hall: Hall, newer: str, file: str) -> None:
    script = hall.pages.http.get(f"/static/js/{file}.js", buffered=True).get_data(as_text=True)
    code = re.sub(r"'[^'\n]*'|/\*.*?\*/", "", script, flags=re.DOTALL)
    assert newer not in code


@pytest.mark.parametrize("address", ["/v/zzzzzzzz/1", "/v/zzzzzzzz/1/ticket"])
def test_an_unknown_meeting_is_told_plainly(hall: Hall, address: str) -> None:
    page = hall.pages.get(address, status=404)
    assert page.error == "meeting_unknown"
    assert page.soup.select_one("main.phone h1").text == "没有找到"


def test_an_unknown_style_is_told_plainly(hall: Hall) -> None:
    assert hall.pages.get(f"/v/{hall.scene.meeting_id}/2", status=404).error == "meeting_unknown"


def test_an_address_that_leads_nowhere_looks_like_the_rest(hall: Hall) -> None:
    page = hall.pages.get("/v/what/is/this/page", status=404)
    assert page.error == "not_found"
    assert page.soup.select_one("main.phone")
