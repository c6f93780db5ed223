"""Files of many rounds in one ZIP: complete, the same apart as here, and a server that says what it is at."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from scene import CHAIR, cast, hold_meeting, prepare_meeting
from small_fonts import small_font

from kaohe.domain.errors import PackingBusy, WorkStopped, WrongState
from kaohe.operations.apart import work_apart_from_now_on
from kaohe.operations.archive.documents import WITHOUT_PDF, Document, file_documents, made_of_sheets
from kaohe.operations.archive.filing import load_filing
from kaohe.operations.archive.packing import PackedRound, all_in_one, pack, packing_text
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.reports.paper import fonts
from kaohe.reports.sheet import Column, Sheet
from kaohe.storage.installation import this_config

TODAY = datetime(2026, 12, 18, 9, 30, tzinfo=UTC)


def counted_meeting() -> str:
    scene = hold_meeting()
    for code in scene.all_codes[:6]:
        cast(scene.meeting_id, code, "excellent", "competent", "competent")
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id, scene.key_text)
    return scene.meeting_id


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose settings are those of its environment."""
    monkeypatch.setenv("KAOHE_DATA", str(this_config().data))
    monkeypatch.setenv("KAOHE_DATABASE_URL", this_config().database_url)
    monkeypatch.setenv("KAOHE_FONT", str(this_config().font))


def test_each_of_several_meetings_has_a_folder_of_all_its_files_and_what_cannot_be_filed_is_named():
    counted, draft = [counted_meeting() for _ in range(2)], prepare_meeting().meeting_id
    made = pack([PackedRound(each) for each in (*counted, draft)])
    assert made.name == "归档文件（3场）.zip"
    with ZipFile(BytesIO(made.content)) as opened:
        for at, meeting_id in enumerate(counted, start=1):
            folder = f"{at:03} 青山区统计局年度民主测评会归档文件/"
            held = {name.removeprefix(folder): name for name in opened.namelist() if name.startswith(folder)}
            files = file_documents(meeting_id)
            assert {name: opened.read(held[name]) for name in held} == {each.name: each.content for each in files}
        said = opened.read("未归档的会议.txt").decode("utf-8-sig")
    assert said.startswith("003 青山区统计局年度民主测评会：")
    assert len(said) > len("003 青山区统计局年度民主测评会：")


def test_a_server_packs_in_a_process_of_its_own_the_same_and_says_what_it_is_at(app: Flask, apart: None):
    rounds = [PackedRound(counted_meeting()) for _ in range(2)]
    here = pack(rounds)
    assert packing_text("job") == ("", False)
    work_apart_from_now_on()
    made: list[Document] = []
    refused: list[str] = []
    told: set[str] = set()

    def work() -> None:
        with app.app_context():
            made.append(pack(rounds, "job"))

    waiting = threading.Thread(target=work)
    waiting.start()
    while waiting.is_alive():
        text, has_ended = packing_text("job")
        told.add(text)
        if text and not has_ended and not refused:
            with pytest.raises(PackingBusy):
                pack(rounds, "another job")
            refused.append(text)
        waiting.join(0.01)
    assert made == [here]
    assert refused
    assert {"正在打包第 1 场，共 2 场", "正在打包第 2 场，共 2 场"} & told
    assert packing_text("job") == ("打包完成，文件已交给浏览器保存。", True)
    assert pack(rounds[:1]).name == "青山区统计局年度民主测评会归档文件.zip"


def test_what_stops_or_is_refused_leaves_the_server_free_for_the_next(apart: None, monkeypatch: pytest.MonkeyPatch):
    meeting_id, draft = counted_meeting(), prepare_meeting().meeting_id
    work_apart_from_now_on()
    with pytest.raises(WrongState):
        pack([PackedRound(draft)], "job")
    assert packing_text("job") == ("打包没有完成，请看提示后再试一次。", True)
    with monkeypatch.context() as broken:
        broken.setenv("KAOHE_URL", "not an address")
        with pytest.raises(WorkStopped):
            pack([PackedRound(meeting_id)])
    assert pack([PackedRound(meeting_id)]).content == all_in_one(load_filing(meeting_id))


def test_a_file_of_hundreds_of_sheets_is_written_in_a_process_of_its_own_the_same_and_one_of_few_is_not(
    apart: None, monkeypatch: pytest.MonkeyPatch
):
    form = Sheet("表", "登记表", (Column("姓名"),), (("陆㛃",),), signature=("填表人：", "单位（盖章）：", "年月日"))
    here = made_of_sheets([form] * 120, "docx", "表.docx", TODAY)
    work_apart_from_now_on()
    assert made_of_sheets([form] * 120, "docx", "表.docx", TODAY) == here
    monkeypatch.setenv("KAOHE_URL", "not an address")
    with pytest.raises(WorkStopped):
        made_of_sheets([form] * 120, "docx", "表.docx", TODAY)
    with pytest.raises(WorkStopped):
        made_of_sheets([replace(form, rows=(("一年来，" * 5000,),))] * 10, "docx", "述职.docx", TODAY)
    assert made_of_sheets([form] * 3, "docx", "表.docx", TODAY).name == "表.docx"


@pytest.mark.parametrize("font", [None])
def test_where_no_font_may_be_embedded_all_other_files_are_packed_and_a_text_says_why_there_is_no_pdf(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    meeting_id = counted_meeting()
    with ZipFile(BytesIO(pack([PackedRound(meeting_id)]).content)) as opened:
        before = opened.namelist()
    small_font(tmp_path / "simfang.ttf", "姓", licence=2)
    monkeypatch.setattr(fonts, "_FOLDERS", (str(tmp_path),))
    assert fonts.font_files(None) == (tmp_path / "simfang.ttf",)
    with ZipFile(BytesIO(pack([PackedRound(meeting_id)]).content)) as opened:
        assert opened.namelist() == [*(name for name in before if not name.endswith(".pdf")), WITHOUT_PDF]
        assert "没有找到可以嵌入的中文字体" in opened.read(WITHOUT_PDF).decode("utf-8-sig")
