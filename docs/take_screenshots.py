"""Takes the pictures of the README from a meeting that is held for them: `make screenshots`.

Needs Chromium, LibreOffice Calc (soffice) and poppler (pdftoppm).
"""

from __future__ import annotations

import random
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from kaohe.config import Config, sqlite_url
from kaohe.domain.ballots import item_field
from kaohe.domain.meetings import Custody, Group, HallView
from kaohe.domain.rosters import SubjectEntry
from kaohe.factory import create_app
from kaohe.operations.archive.filing import file_documents
from kaohe.operations.chair.chairing import close_meeting, open_meeting, publish_result, record_numbers, reveal_all
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.casting import cast_ballot, load_polling
from kaohe.operations.people.sign_in_links import make_sign_in_link
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.preparing import (
    change_groups,
    change_hall,
    change_subjects,
    create_meeting,
    load_meeting,
    stage_code,
)
from kaohe.storage.migrating import migrate_database

FOLDER = Path(__file__).resolve().parent / "screenshots"
CHAIR = "王主持"
PRINTED_URL = "http://192.168.8.8:8000"
"""What a hall's network would give; the pictures are taken on this machine alone."""
PASSWORD = secrets.token_urlsafe(12)
SUBJECTS = (
    ("周文清", "办公室", "主任"),
    ("李建国", "综合统计科", "科长"),
    ("欧阳子涵", "农业统计科", "科长"),
    ("马晓燕", "工业统计科", "科长"),
    ("陈立新", "服务业统计科", "副科长"),
    ("阿依古丽·买买提", "普查中心", "主任"),
    ("赵敏", "执法监督科", "科长"),
    ("孙志远", "数据管理中心", "副主任"),
)
GRADES = ("excellent", "competent", "basically_competent", "incompetent", "abstain")
GROUP = (Group("all", "全体干部职工", Fraction(1), 132),)


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
            browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
            _take(browser, app, url)
            browser.close()


def _take(browser: Browser, app: Flask, url: str) -> None:
    with app.app_context():
        meeting_id = _prepare()
        codes = [ticket.code for ticket in list_tickets(meeting_id)]
        token = make_sign_in_link("截图")
        stage = f"{url}/stage/{meeting_id}/{stage_code(meeting_id)}"
    desk = browser.new_page(viewport={"width": 1280, "height": 860})
    _sign_in(desk, f"{url}/desk/first/{token}")
    _slips(desk, f"{url}/desk/{meeting_id}/tickets")
    with app.app_context():
        open_meeting(CHAIR, meeting_id)
        record_numbers(CHAIR, meeting_id, "all", present=128, left_over=12)
        _cast(meeting_id, codes[:119])
    _projector(browser, stage)
    desk.goto(f"{url}/desk/{meeting_id}/chair")
    desk.wait_for_timeout(500)
    desk.screenshot(path=FOLDER / "chair.png")
    _phone(browser, f"{url}/v/{meeting_id}/1#{codes[119]}")
    with app.app_context():
        close_meeting(CHAIR, meeting_id)
        count_meeting(CHAIR, meeting_id)
        publish_result(CHAIR, meeting_id)
        reveal_all(CHAIR, meeting_id)
        workbook = file_documents(meeting_id)[0].content
    _workbook(workbook)


def _prepare() -> str:
    meeting_id = create_meeting(
        CHAIR,
        title="2026年度领导干部民主测评",
        unit="青山区统计局",
        held_on=date(2026, 12, 18),
        preset_id="si-deng",
    )
    version = iter(range(1, 10))
    change_subjects(CHAIR, meeting_id, next(version), [SubjectEntry(*subject) for subject in SUBJECTS])
    change_groups(CHAIR, meeting_id, next(version), GROUP)
    change_hall(
        CHAIR,
        meeting_id,
        load_meeting(meeting_id)[0].version,
        hall_view=HallView.INSTANT,
        custody=Custody.SERVER,
        shared_group=None,
        ballot_list_wanted=False,
    )
    issue_tickets(CHAIR, meeting_id, "all", 132, 8)
    return meeting_id


def _cast(meeting_id: str, codes: list[str]) -> None:
    chance = random.Random(20261218)  # noqa: S311 - the same invented votes in every picture
    style = load_polling(meeting_id, "1").style
    for code in codes:
        fields = []
        for place, item in enumerate(style.items):
            weights = (62 - 5 * place, 26 + 3 * place, 8 + place, 2, 2)
            fields.append((item_field(*item), chance.choices(GRADES, weights)[0]))
        cast_ballot(meeting_id, style.key, ticket=code, nonce=secrets.token_urlsafe(16), round_number="", fields=fields)


def _sign_in(desk: Page, url: str) -> None:
    desk.goto(url)
    desk.fill("[name=name]", CHAIR)
    for field in desk.locator("input[type=password]").all():
        field.fill(PASSWORD)
    desk.get_by_role("button", name="建立账号并登录").click()


def _slips(desk: Page, url: str) -> None:
    desk.goto(url)
    desk.get_by_role("button", name="打印测评票").click()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slips.pdf"
        desk.pdf(path=path, prefer_css_page_size=True)
        _draw_first_page(path, "slips")


def _projector(browser: Browser, stage: str) -> None:
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.goto(stage)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(8000)
    if page.locator(".qr").is_visible():
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(8000)
    page.screenshot(path=FOLDER / "projector.png")
    page.close()


def _phone(browser: Browser, url: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, device_scale_factor=2, has_touch=True)
    page = context.new_page()
    page.goto(url)
    for number, label in ((1, "优秀"), (2, "称职")):
        page.locator(f"#s{number}").get_by_text(label, exact=True).click()
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(300)
    page.screenshot(path=FOLDER / "phone.png")
    context.close()


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


def _chromium() -> str:
    found = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
    if found is None:
        sys.exit("Chromium is not installed; `make system` installs it where it can.")
    return found


if __name__ == "__main__":
    main()
