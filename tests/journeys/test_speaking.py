"""A speaker's clock on the projector, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from accessibility import problems
from phones import Hall
from playwright.sync_api import Page, expect

from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.hall.speaking import begin_speech, draw_speaking_order, end_speech, load_speaking
from kaohe.operations.setup.preparing import stage_code
from kaohe.storage.database import transaction
from kaohe.storage.tables import SpeakingRow


def projector(hall: Hall) -> Page:
    page = hall.phone(1920, 1080, reduced_motion="reduce")
    with hall.server.app.app_context():
        page.goto(f"{hall.server.url}/stage/{hall.scene.meeting_id}/{stage_code(hall.scene.meeting_id)}")
    return page


def began_earlier(hall: Hall, by: timedelta) -> None:
    """Let the speech that is on have begun so much earlier than it has."""
    with hall.server.app.app_context(), transaction() as session:
        row = session.get(SpeakingRow, hall.scene.meeting_id)
        assert row is not None
        assert row.started_at is not None
        row.started_at -= by


def test_the_clock_counts_down_and_says_when_the_time_is_over(hall: Hall, console_of: Callable[..., Page]) -> None:
    hall.chair(close_meeting)
    page = projector(hall)
    hall.chair(draw_speaking_order)
    expect(page.locator("[data-page=order-1]")).to_be_visible()
    assert problems(page) == []
    with hall.server.app.app_context():
        first = load_speaking(hall.scene.meeting_id).order[0]
    hall.chair(begin_speech, first.key)
    expect(page.locator(".speech__name")).to_have_text(first.name)
    clock = page.locator(".speech__left")
    expect(clock).to_contain_text("4:")
    assert problems(page) == []
    console = console_of(hall, 1280, 800)
    console.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/speaking")
    beside = console.locator(".speaker-now .speaker-clock")
    expect(beside).to_contain_text("剩余时间 4:")
    assert problems(console) == []
    before = clock.inner_text()
    shown = beside.inner_text()
    expect(clock).not_to_have_text(before)
    expect(beside).not_to_have_text(shown)
    began_earlier(hall, timedelta(minutes=4, seconds=40))
    expect(page.locator(".speech.is-ending")).to_be_visible()
    began_earlier(hall, timedelta(minutes=1))
    expect(page.locator(".speech.is-over")).to_contain_text("已超时")
    assert problems(page) == []
    hall.chair(end_speech)
    console.reload()
    expect(console.locator(".speaker-clock")).to_have_count(0)
    expect(page.locator("[data-page=order-1]")).to_be_visible()
    expect(page.locator(".has-spoken")).to_contain_text(first.name)


def test_a_projector_whose_own_clock_is_an_hour_slow_shows_the_same_time(hall: Hall) -> None:
    hall.chair(close_meeting)
    hall.chair(draw_speaking_order)
    page = hall.phone(1920, 1080, reduced_motion="reduce")
    page.add_init_script("const real = Date.now; Date.now = () => real() - 3600000;")
    with hall.server.app.app_context():
        first = load_speaking(hall.scene.meeting_id).order[0]
        page.goto(f"{hall.server.url}/stage/{hall.scene.meeting_id}/{stage_code(hall.scene.meeting_id)}")
    hall.chair(begin_speech, first.key)
    expect(page.locator(".speech__left")).to_contain_text("4:")
