"""Material to read (mission A10): brought in the console, opened on the phone in its place, printed when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask
from intake.test_documents import word_file
from page_client import PageClient
from scene import CHAIR, draft_meeting, prepare_meeting, version_of

from kaohe.domain.errors import WrongState
from kaohe.domain.limits import MATERIAL_LENGTH
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations import apart
from kaohe.operations.archive import documents
from kaohe.operations.archive.documents import file_documents
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.setup.copying import copy_meeting
from kaohe.operations.setup.material import load_lengths, load_text, put_material
from kaohe.operations.setup.subjects import change_subjects
from kaohe.storage.read_views import is_in_transaction

REPORT = "述职报告\n\n一、工作情况<b>\r\n\t二、不足\u202e"


def texts_in(content: bytes) -> Iterator[str]:
    """A file as text; of a Word document or a workbook each part."""
    if not content.startswith(b"PK"):
        yield content.decode(errors="replace")
        return
    with ZipFile(BytesIO(content)) as packed:
        for name in packed.namelist():
            yield packed.read(name).decode(errors="replace")


@pytest.fixture
def meeting_id(app: Flask) -> str:
    with app.app_context():
        return prepare_meeting().meeting_id


def kept(client: PageClient, meeting_id: str, *, status: int = 200, **fields: object):
    url = f"/desk/{meeting_id}/material"
    form = client.get(f"{url}?of=s1").soup.select_one("form.material")
    assert form is not None
    hidden = {tag["name"]: tag["value"] for tag in form.select("input[type=hidden]")}
    return client.post(url, {**hidden, "text": "", **fields}, status=status)


def text_of(app: Flask, meeting_id: str) -> str:
    with app.app_context():
        return load_text(meeting_id, "s1")


def test_a_text_is_pasted_read_from_a_file_replaced_and_taken_away(app, signed_in, meeting_id) -> None:
    assert "1 人有材料" in kept(signed_in, meeting_id, text=REPORT).text
    assert text_of(app, meeting_id) == "述职报告\n一、工作情况<b>\n二、不足"
    kept(signed_in, meeting_id, text="别的", file=(BytesIO(word_file("自评小结")), "自评.docx"))
    assert text_of(app, meeting_id) == "自评小结\n特此报告。"
    assert "已删除这份材料" in kept(signed_in, meeting_id, text=" \n ").text
    assert text_of(app, meeting_id) == ""


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": "长" * (MATERIAL_LENGTH + 1)}, f"请不超过 {MATERIAL_LENGTH} 个字"),
        ({"text": "报告", "subject": "nobody"}, "没有这个考核对象"),
        ({"text": "报告", "version": "0"}, "修改了本场会议"),
        ({"file": (BytesIO(b"%PDF-1.7"), "述职.pdf")}, "只能读取 .docx 和 .txt"),
    ],
    ids=["too long", "about nobody", "an old page", "a picture of pages"],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence_and_nothing_is_stored(
    app, signed_in, meeting_id, fields, said
) -> None:
    assert said in kept(signed_in, meeting_id, status=409 if "version" in fields else 422, **fields).text
    assert text_of(app, meeting_id) == ""


def test_what_was_typed_while_somebody_else_saved_is_kept_and_can_be_saved_all_the_same(
    app, signed_in, meeting_id
) -> None:
    kept(signed_in, meeting_id, text="别人的")
    refused = kept(signed_in, meeting_id, text="我的长篇述职", version="0", status=409).soup
    assert refused.select_one("textarea").get_text().strip() == "我的长篇述职"
    assert refused.select_one("#material-form input[name=version]")["value"] == "0"
    anyway = refused.select_one("button[form=material-form]")
    kept(signed_in, meeting_id, text="我的长篇述职", version="0", **{anyway["name"]: anyway["value"]})
    assert text_of(app, meeting_id) == "我的长篇述职"
    gone = kept(signed_in, meeting_id, text="关于走了的人", subject="s9", status=422).soup
    assert gone.select_one("textarea").get_text().strip() == "我的长篇述职"


def test_a_phone_opens_it_in_its_place_and_loads_nothing_of_it_before(
    app: Flask, pages: PageClient, meeting_id
) -> None:
    with app.app_context():
        put_material(CHAIR, meeting_id, version_of(meeting_id), "s1", REPORT)
    path = f"/v/{meeting_id}/1/material"
    assert pages.get(f"{path}/s1", status=409).error == "meeting_not_open"
    with app.app_context():
        open_meeting(CHAIR, meeting_id)
    form = pages.get(f"/v/{meeting_id}/1")
    assert "一、工作情况" not in form.text
    (link,) = form.soup.select("[data-material]")
    assert link["href"] == f"{path}/s1"
    assert link.find_parent("section")["id"] == "s1"
    assert "phone-material" in str(form.soup.select("script[src]"))
    page = pages.get(link["href"])
    assert [line.get_text() for line in page.soup.select(".material-text p")] == [
        "述职报告",
        "一、工作情况<b>",
        "二、不足",
    ]
    assert page.soup.select_one(f'a[href="/v/{meeting_id}/1#s1"]')
    assert "Set-Cookie" not in pages.http.get(link["href"]).headers
    for other in ("s2", "nobody"):
        assert pages.get(f"{path}/{other}", status=404).error == "not_found"


def test_a_form_without_material_sends_nothing_more_than_before(app: Flask, pages: PageClient, meeting_id) -> None:
    with app.app_context():
        open_meeting(CHAIR, meeting_id)
    assert "material" not in pages.get(f"/v/{meeting_id}/1").text


def test_after_the_opening_nothing_empty_is_offered_to_be_read(app: Flask, signed_in, meeting_id) -> None:
    with app.app_context():
        put_material(CHAIR, meeting_id, version_of(meeting_id), "s2", "只此一份")
        open_meeting(CHAIR, meeting_id)
    page = signed_in.get(f"/desk/{meeting_id}/material")
    assert page.soup.select_one("textarea").get_text(strip=True) == "只此一份"
    assert page.soup.select(".subject-buttons") == []
    assert "清空后保存" not in page.text


def test_it_is_frozen_with_the_opening_and_stands_on_no_sheet(app: Flask, meeting_id) -> None:
    with app.app_context():
        put_material(CHAIR, meeting_id, version_of(meeting_id), "s1", "只在手机上读")
        open_meeting(CHAIR, meeting_id)
        with pytest.raises(WrongState):
            put_material(CHAIR, meeting_id, version_of(meeting_id), "s1", "改过的")
        close_meeting(CHAIR, meeting_id)
        count_meeting(CHAIR, meeting_id)
        publish_result(CHAIR, meeting_id)
        for filed in file_documents(meeting_id):
            assert "只在手机上读" not in "".join(texts_in(filed.content))


def test_it_is_printed_where_somebody_asks_and_the_record_says_so(app, signed_in, meeting_id) -> None:
    address = f"/documents/{meeting_id}/material"
    assert "没有述职、自评材料" in signed_in.get(address).text
    with app.app_context():
        put_material(CHAIR, meeting_id, version_of(meeting_id), "s1", "述职报告\n" + "一年来，" * 3000)
    (link,) = signed_in.get(f"/desk/{meeting_id}/material").soup.select(f'a[href="{address}"]')
    asked = signed_in.get(link["href"])
    assert "一年来" not in asked.text
    (name,) = [row.td.text for row in asked.soup.select("tbody tr")]
    sheet = signed_in.submit(asked, form="page")
    assert name in sheet.soup.select_one("h1").text
    assert len(sheet.soup.select(".leaf")) > 3
    assert "".join(cell.text for cell in sheet.soup.select("td")) == "述职报告" + "一年来，" * 3000
    hidden = asked.fields()
    word = signed_in.http.post(address, data={**hidden, "form": "word"})
    assert "述职报告" in "".join(texts_in(word.data))
    assert signed_in.http.post(address, data={**hidden, "form": "pdf"}).data.startswith(b"%PDF")
    assert signed_in.post(address, {**hidden, "form": "x"}, status=404).error == "not_found"
    told = signed_in.get(f"/desk/{meeting_id}/events").text
    for form in ("打印页", "Word 文档", "PDF"):
        assert f"打印 1 人的述职、自评材料（{form}）" in told


def test_where_it_is_put_on_paper_apart_nothing_is_read_meanwhile(app, signed_in, meeting_id, monkeypatch) -> None:
    open_views: list[bool] = []

    def write(_work: object, _told: object) -> bytes:
        open_views.append(is_in_transaction())
        return b"made"

    monkeypatch.setattr(apart, "_done", write)
    with app.app_context():
        put_material(CHAIR, meeting_id, version_of(meeting_id), "s1", "一年来，" * 4000)
        apart.work_apart_from_now_on()
    monkeypatch.setattr(documents, "_FEW", 100)
    asked = signed_in.get(f"/documents/{meeting_id}/material")
    word = signed_in.http.post(f"/documents/{meeting_id}/material", data={**asked.fields(), "form": "word"})
    assert (word.data, open_views) == (b"made", [False])


def test_it_goes_with_its_subject_and_stays_with_its_meeting(app: Flask) -> None:
    people = [SubjectEntry("李娜", "一科", "科员"), SubjectEntry("张伟", "一科", "科员")]
    with app.app_context():
        meeting_id = draft_meeting("si-deng", people)
        for key in ("s1", "s2"):
            put_material(CHAIR, meeting_id, version_of(meeting_id), key, "述职")
        change_subjects(CHAIR, meeting_id, version_of(meeting_id), people[1:])
        assert load_lengths(meeting_id) == {"s2": 2}
        change_subjects(CHAIR, meeting_id, version_of(meeting_id), [SubjectEntry("王芳", "二科", ""), people[1]])
        assert load_lengths(meeting_id) == {"s2": 2}
        made = copy_meeting(CHAIR, meeting_id, title="明年", unit="", held_on=None, token="t" * 22)
        assert load_lengths(made) == {}
