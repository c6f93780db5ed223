"""Which forms a meeting has, and who holds each."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from kaohe.domain.meeting_styles import held_forms, meeting_styles
from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup
from kaohe.domain.voter_groups import groups_to_begin_with
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject

NA, WEI, MIN = Subject("na", "李娜", "一科"), Subject("wei", "张伟", "一科"), Subject("min", "赵敏", "二科")


def _setup(preset: str) -> MeetingSetup:
    scheme = load_preset(preset)
    return MeetingSetup(
        id="m",
        title="测评会",
        unit="统计局",
        held_on=None,
        scheme=scheme,
        subjects=(NA, WEI, MIN),
        groups=groups_to_begin_with(scheme),
        hall_view=HallView.TURNOUT,
        custody=Custody.SERVER,
        shared_group=None,
        ballot_list_wanted=False,
        version=1,
    )


def test_groups_whose_forms_are_equal_share_one_and_others_have_their_own() -> None:
    (shared,) = held_forms(_setup("tiyuju-pingshi"))
    assert (shared.keys, shared.part_of, shared.subjects) == (("leaders", "masses"), "", (NA, WEI, MIN))
    assert [form.keys for form in held_forms(_setup("guji-xiaoneng"))] == [("staff",), ("leadership",)]


def test_a_part_has_a_form_of_its_own_with_its_own_people_beside_the_form_of_a_whole_group() -> None:
    setup = _setup("jixiao-pingshi")
    leaders, _ = setup.groups
    parts = (
        Group("members-1", "人员·一科", Fraction(1, 2), 2, "members", "人员", ("wei", "na"), is_named=True),
        Group("members-2", "人员·二科", Fraction(1, 2), 9, "members", "人员", ("min",)),
    )
    setup = replace(setup, groups=(parts[0], leaders, parts[1]))
    assert [(form.keys, form.part_of, form.subjects) for form in held_forms(setup)] == [
        (("members-1",), "members", (NA, WEI)),
        (("leaders",), "", (NA, WEI, MIN)),
        (("members-2",), "members", (MIN,)),
    ]
    styles = meeting_styles(setup, "r", 2, is_rehearsal=True)
    assert [(style.key, style.groups, style.part_of, style.is_named) for style in styles] == [
        ("1", ("members-1",), "members", True),
        ("2", ("leaders",), "", False),
        ("3", ("members-2",), "members", False),
    ]
    assert {(style.round_id, style.round_number, style.is_rehearsal) for style in styles} == {("r", 2, True)}
