"""Every system whose score has parts from elsewhere is counted, completed in the console, and published."""

from __future__ import annotations

from fractions import Fraction

import pytest
from scene import CHAIR
from systems import VOTED, System, cast_everything, hold_system, section_for

from kaohe.domain.inputs import needs_of
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.setup.preparing import load_meeting
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject
from kaohe.tally.scheme.components import ComponentSource, PeriodMeasure

IMPORTED = Fraction("87.5")
PERIOD = Fraction(84)
INCOMPLETE = [
    preset for preset in VOTED for needs in [needs_of(load_preset(preset))] if needs.components or needs.needs_periods
]


def counted_system(app, preset: str) -> System:
    with app.app_context():
        system = hold_system(preset)
        cast_everything(system)
        close_meeting(CHAIR, system.meeting_id)
        count_meeting(CHAIR, system.meeting_id)
    return system


def press(client, url: str, path: str, **fields: str):
    token = client.get(url).soup.select_one("input[name=csrf_token]")["value"]
    return client.post(f"{url}/{path}", {"csrf_token": token, **fields}, content_type="multipart/form-data")


def publish(client, meeting_id: str, status: int):
    token = client.get(f"/desk/{meeting_id}/chair").soup.select_one("input[name=csrf_token]")["value"]
    return client.post(f"/desk/{meeting_id}/publish", {"csrf_token": token, "without_present": "1"}, status=status)


def tier_of_periods(system: System) -> str:
    """A tier that the scheme can turn into points, or counts, where it does."""
    for section in system.scheme.sections:
        for component in section.scheme.components:
            if component.source is ComponentSource.PERIODS:
                return component.points[0].tier if component.points else component.tier or "良好"
    return ""


def final_score(system: System, subject: Subject, votes: Fraction) -> Fraction:
    """The parts by their weights, from what this test has brought."""
    total = Fraction(0)
    for component in section_for(system.scheme, subject).components:
        worth = {
            ComponentSource.VOTES: votes,
            ComponentSource.IMPORTED: IMPORTED,
            ComponentSource.PERIODS: {
                PeriodMeasure.SCORE: PERIOD,
                PeriodMeasure.POINTS: component.points[0].points if component.points else PERIOD,
                PeriodMeasure.TIER_RATE: Fraction(100 * 2, component.periods or 2),
            }[component.measure],
        }[component.source]
        total += component.weight * worth
    return total


def test_the_systems_that_need_completing_are_those_of_the_catalogue() -> None:
    assert set(INCOMPLETE) == {
        "jiguan-xiaoneng", "guji-kaohe", "xiang-pingshi", "sifaju-pingshi", "shengji-abcd-niandu",
        "jiandu-pingshi-niandu", "diwei-pingshi", "ganbu-zonghe", "zeren-kaohe", "zeren-kaohe-jiguan", "guoqi-banzi",
    }  # fmt: skip


@pytest.mark.parametrize("preset", INCOMPLETE)
def test_a_system_is_published_only_once_it_is_complete(app, signed_in, preset):
    system = counted_system(app, preset)
    url = f"/desk/{system.meeting_id}/inputs"
    assert publish(signed_in, system.meeting_id, 409).error == "inputs_missing"
    assert "还不是最终得分" in signed_in.get(f"/desk/{system.meeting_id}/result").text

    names = [subject.name for subject in system.setup.subjects]
    for component in needs_of(system.scheme).components:
        own = [
            subject.name
            for subject in system.setup.subjects
            if component.key in {each.key for each in section_for(system.scheme, subject).components}
        ]
        pasted = "姓名\t得分\n" + "\n".join(f"{name}\t87.5" for name in own)
        press(signed_in, url, f"scores/{component.key}", pasted=pasted)
    if needs_of(system.scheme).needs_periods:
        tier = tier_of_periods(system)
        rows = [f"{name}\t{period}\t84\t{tier}" for name in names for period in ("第一季度", "第二季度")]
        press(signed_in, url, "periods", pasted="\n".join(rows))

    assert "计分需要的成绩已经齐了" in signed_in.get(url).text
    with app.app_context():
        result = load_counted(system.meeting_id).result
    for each in (row for part in result.section_results or (result,) for row in part.subjects):
        assert each.score.exact == final_score(system, each.subject, each.votes_score.exact), each.subject.name
    publish(signed_in, system.meeting_id, 200)
    with app.app_context():
        assert load_meeting(system.meeting_id)[1].state == "published"
    assert "这里的改动先不计入" in signed_in.get(url).text


def test_decisions_of_every_effect_change_a_counted_result(app, signed_in):
    system = counted_system(app, "beian-pingshi")
    url = f"/desk/{system.meeting_id}/inputs"
    first, second, third, fourth = system.setup.subjects
    with app.app_context():
        before = {each.subject.key: each.score.exact for each in load_counted(system.meeting_id).result.subjects}
    for subject, clause, amount in (
        (first, "bonus", "2.5"),
        (second, "deduction", "4"),
        (third, "outright_good", ""),
        (fourth, "probation", ""),
    ):
        press(signed_in, url, "decisions", subject=subject.key, clause=clause, amount=amount, reason="会议纪要第 3 号")
    with app.app_context():
        after = {each.subject.key: each for each in load_counted(system.meeting_id).result.subjects}
    assert after[first.key].score.exact == before[first.key] + Fraction(5, 2)
    assert after[second.key].score.exact == before[second.key] - 4
    assert after[third.key].tier_label == "好"
    assert after[fourth.key].tier is None
    publish(signed_in, system.meeting_id, 200)
