"""The page on which a published result is corrected: what has changed, the reason, the versions, and their sheets."""

from __future__ import annotations

from fractions import Fraction

import pytest
from scene import CHAIR, draft_meeting

from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.count.computing import count_without_ballots
from kaohe.operations.count.importing_scores import Answer, import_periods
from kaohe.tally.model import Period


@pytest.fixture
def year(app):
    with app.app_context():
        meeting_id = draft_meeting("zhen-pingshi-niandu", [SubjectEntry("张伟", "办公室", "科员")])
        import_periods(CHAIR, meeting_id, {"s1": [Period("第一季度", Fraction(88))]})
        open_meeting(CHAIR, meeting_id)
        count_without_ballots(CHAIR, meeting_id)
        publish_result(CHAIR, meeting_id)
    return meeting_id


@pytest.fixture
def url(year):
    return f"/desk/{year}/corrections"


def mend(app, year, score):
    with app.app_context():
        import_periods(CHAIR, year, {"s1": [Period("第一季度", Fraction(score))]}, Answer.SAME)


def correct(client, url, *, status=200, **fields):
    token = client.get(url).soup.select_one("input[name=csrf_token]")["value"]
    return client.post(url, {"csrf_token": token, **fields}, status=status)


def test_a_typo_is_corrected_and_both_versions_stay_to_be_seen(app, signed_in, year, url):
    assert signed_in.get(f"/desk/{year}/result").soup.select(f"a[href='{url}']")
    assert "没有改动" in signed_in.get(url).text
    page = signed_in.get(f"/desk/{year}/inputs")
    assert "这里的改动先不计入" in page.text
    assert page.soup.select(f"#main a[href='{url}']")
    mend(app, year, 98)
    assert "88.00" in signed_in.get(f"/desk/{year}/result").soup.select_one("#main").text

    page = signed_in.get(url)
    differences = [line.text for line in page.soup.select("[data-differences] li")]
    assert differences == ["张伟：得分 88.00 → 98.00，等次 称职 → 优秀"]
    assert correct(signed_in, url, status=422, reason=" ").error == "field_invalid"
    page = correct(signed_in, url, reason="第一季度得分录入有误")

    assert "现为第 2 版" in page.text
    chips = [(line["data-version"], line.select_one(".chip").text) for line in page.soup.select("[data-version]")]
    assert chips == [("第 1 版", "已更正"), ("第 2 版", "现行")]
    new = signed_in.get(f"/desk/{year}/result")
    assert "98.00" in new.soup.select_one("#main").text
    assert "第 2 版，更正理由：第一季度得分录入有误" in new.text
    old = signed_in.get(page.soup.select_one("[data-version] a")["href"])
    assert "88.00" in old.soup.select_one("#main").text
    files = {link["data-file"]: link["href"] for link in old.soup.select("a[data-file]")}
    for kind in ("print", "summary"):
        printed = signed_in.get(files[kind]).response.get_data().decode("utf-8-sig")
        assert "已更正" in printed
        assert "88.00" in printed
    assert "更正结果，第 2 版，理由：第一季度得分录入有误" in signed_in.get(f"/desk/{year}/events").text


def test_a_version_that_is_none_is_not_found(signed_in, year):
    assert signed_in.get(f"/desk/{year}/result?version=7", status=404).error == "meeting_unknown"


def test_before_the_publication_there_is_nothing_to_correct(app, signed_in):
    with app.app_context():
        draft = draft_meeting("zhen-pingshi-niandu", [SubjectEntry("张伟", "", "")])
    assert not signed_in.get(f"/desk/{draft}/corrections", status=409).soup.select("textarea")
