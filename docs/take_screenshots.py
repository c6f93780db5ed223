"""Takes the pictures of the README from the example meeting: `make screenshots`.

Needs Chromium, LibreOffice Calc (soffice) and poppler (pdftoppm).
"""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import resources
from io import BytesIO
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from bench.chromium import start_chromium
from kaohe.cli.example import example_ballots
from kaohe.cli.meeting_making import make_meeting
from kaohe.config import Config, sqlite_url
from kaohe.domain.ballots import item_field
from kaohe.factory import create_app
from kaohe.operations.archive.documents import file_documents
from kaohe.operations.chair.publishing import publish_result, reveal_all
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.boards import record_numbers
from kaohe.operations.hall.casting import cast_ballot, load_polling
from kaohe.operations.people.sign_in_links import make_sign_in_link
from kaohe.operations.setup.issuing import list_tickets
from kaohe.operations.setup.preparing import load_meeting, stage_code
from kaohe.storage.migrating import migrate_database

FOLDER = Path(__file__).resolve().parent / "screenshots"
CHAIR = "王主持"
PRINTED_URL = "http://192.168.8.8:8000"
"""What a hall's network would give; the pictures are taken on this machine alone."""
PASSWORD = secrets.token_urlsafe(12)
PRESENT, LEFT_OVER = 148, 8
AT_ONCE = 8
"""How many ballots arrive from one frame of the moving picture to the next."""
FRAME_MS, STILL_MS = 450, 3500
HEIGHT = 450
"""Of the moving picture, in pixels."""


class _Silent(WSGIRequestHandler):
    def log_request(self, code: object = "-", size: object = "-") -> None:
        pass


def main() -> None:
    """Hold the meeting, take the pictures, and write them beside the documents."""
    missing = [program for program in ("soffice", "pdftoppm") if not shutil.which(program)]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)} (packages libreoffice-calc and poppler-utils)")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        app, url = _serve(Path(folder))
        with sync_playwright() as playwright:
            browser = start_chromium(playwright)
            _take(browser, app, url)
            browser.close()


def _take(browser: Browser, app: Flask, url: str) -> None:
    with app.app_context(), resources.as_file(resources.files("kaohe") / "data" / "example-meeting.toml") as path:
        meeting_id = make_meeting(path)
        codes = [ticket.code for ticket in list_tickets(meeting_id)]
        token = make_sign_in_link("截图")
        stage = f"{url}/stage/{meeting_id}/{stage_code(meeting_id)}"
    desk = browser.new_page(viewport={"width": 1280, "height": 860})
    _sign_in(desk, f"{url}/desk/first#{token}")
    _slips(desk, f"{url}/desk/{meeting_id}/tickets")
    with app.app_context():
        open_meeting(CHAIR, meeting_id)
        group = load_meeting(meeting_id)[0].groups[0]
        record_numbers(CHAIR, meeting_id, group.key, present=PRESENT, left_over=LEFT_OVER)
    _meeting(browser, app, stage, f"{url}/v/{meeting_id}/1#{codes[-1]}", meeting_id, codes)
    desk.goto(f"{url}/desk/{meeting_id}/chair")
    desk.wait_for_timeout(500)
    desk.screenshot(path=FOLDER / "chair.png")
    with app.app_context():
        close_meeting(CHAIR, meeting_id)
        count_meeting(CHAIR, meeting_id)
        publish_result(CHAIR, meeting_id)
        reveal_all(CHAIR, meeting_id)
        workbook = file_documents(meeting_id)[0].content
    _workbook(workbook)


def _sign_in(desk: Page, url: str) -> None:
    desk.goto(url)
    desk.fill("[name=name]", CHAIR)
    for field in desk.locator("input[type=password]").all():
        field.fill(PASSWORD)
    desk.get_by_role("button", name="建立账号并登录").click()


def _slips(desk: Page, url: str) -> None:
    desk.goto(url)
    desk.get_by_role("button", name="打印二维码票").click()
    desk.get_by_role("button", name="试过了，打印").click()
    desk.locator(".slip").last.wait_for()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slips.pdf"
        desk.pdf(path=path, prefer_css_page_size=True)
        _draw_first_page(path, "slips")


def _meeting(browser: Browser, app: Flask, stage: str, ticket: str, meeting_id: str, codes: Sequence[str]) -> None:
    """The hall votes: the wall and one phone, moment by moment, and a picture of each alone."""
    wall = browser.new_page(viewport={"width": 1600, "height": 900})
    wall.goto(stage)
    wall.wait_for_timeout(3000)
    context = browser.new_context(viewport={"width": 390, "height": 800}, device_scale_factor=2, has_touch=True)
    phone = context.new_page()
    steps = _one_voter(phone, ticket)
    next(steps)
    frames = [(wall.screenshot(), phone.screenshot())]
    ballots = example_ballots()
    for start in range(0, len(ballots), AT_ONCE):
        with app.app_context():
            _cast(meeting_id, codes[start : start + AT_ONCE], ballots[start : start + AT_ONCE])
        next(steps, None)
        wall.wait_for_timeout(2300)
        if wall.locator(".qr").is_visible():
            wall.keyboard.press("ArrowRight")
        frames.append((wall.screenshot(), phone.screenshot()))
    wall.screenshot(path=FOLDER / "projector.png")
    _moving_picture(frames)
    context.close()
    wall.close()


def _one_voter(phone: Page, ticket: str) -> Iterator[None]:
    """One voter's way through the ballot, a step at a time."""
    phone.goto(ticket)
    yield
    marks = example_ballots()[0]
    for number in range(1, len(marks) + 1):
        label = "优秀" if number % 3 else "称职"
        phone.locator(f"#s{number}").get_by_text(label, exact=True).click()
        if number == 2:  # noqa: PLR2004 - enough to see what a choice looks like
            phone.evaluate("window.scrollTo(0, 0)")
            phone.wait_for_timeout(300)
            phone.screenshot(path=FOLDER / "phone.png")
        yield
    phone.get_by_role("button", name="核对").click()
    yield
    phone.get_by_role("button", name="确认提交").click()
    phone.get_by_role("heading", name="已收到").wait_for()
    yield


def _cast(meeting_id: str, codes: Sequence[str], ballots: Sequence[Sequence[str]]) -> None:
    style = load_polling(meeting_id, "1").style
    for code, marks in zip(codes, ballots, strict=False):
        fields = [(item_field(*item), mark) for item, mark in zip(style.items, marks, strict=True)]
        cast_ballot(meeting_id, style.key, ticket=code, nonce=secrets.token_urlsafe(16), round_number="", fields=fields)


def _moving_picture(frames: Sequence[tuple[bytes, bytes]]) -> None:
    """The wall with the phone beside it, as one WebP."""
    from PIL import Image  # noqa: PLC0415 - the other pictures need no image library

    drawn = []
    for wall, phone in frames:
        parts = [Image.open(BytesIO(part)).convert("RGB") for part in (wall, phone)]
        parts = [part.resize((part.width * HEIGHT // part.height, HEIGHT), Image.Resampling.LANCZOS) for part in parts]
        frame = Image.new("RGB", (sum(part.width for part in parts) + 12, HEIGHT), "white")
        frame.paste(parts[0], (0, 0))
        frame.paste(parts[1], (parts[0].width + 12, 0))
        drawn.append(frame)
    durations = [STILL_MS // 2, *[FRAME_MS] * (len(drawn) - 2), STILL_MS]
    drawn[0].save(
        FOLDER / "meeting.webp",
        save_all=True,
        append_images=drawn[1:],
        duration=durations,
        loop=0,
        quality=70,
        method=6,
    )


def _workbook(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workbook.xlsx"
        path.write_bytes(content)
        convert = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", folder, str(path)]
        subprocess.run(convert, check=True, capture_output=True)  # noqa: S603 - our own file
        _draw_first_page(path.with_suffix(".pdf"), "workbook")


def _draw_first_page(pdf: Path, name: str) -> None:
    draw = ["pdftoppm", "-png", "-r", "110", "-f", "1", "-l", "1", "-singlefile", str(pdf)]
    subprocess.run([*draw, str(FOLDER / name)], check=True)  # noqa: S603 - our own file


def _serve(folder: Path) -> tuple[Flask, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = Config(folder, sqlite_url(folder), port=port)
    app = create_app(replace(config, public_url=PRINTED_URL))
    with app.app_context():
        migrate_database()
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return app, f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    main()
