"""Speeches before a vote: the draw and who follows whom."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

from kaohe.domain.speaking import Speaking, draw_order
from kaohe.tally.model import Subject

APPLICANTS = (
    Subject("s1", "张伟", class_label="办公室主任"),
    Subject("s2", "李娜", class_label="财务科长"),
    Subject("s3", "王芳", class_label="办公室主任"),
    Subject("s4", "赵敏", class_label="财务科长"),
    Subject("s5", "周强", class_label="办公室主任"),
)


def speaking(order: tuple[Subject, ...], current: Subject | None = None) -> Speaking:
    return Speaking(order, timedelta(minutes=5), current, None, is_shown=True)


def test_the_applicants_for_one_post_stay_together_and_posts_keep_their_order():
    for seed in range(50):
        drawn = draw_order(APPLICANTS, random.Random(seed).shuffle)
        assert [subject.class_label for subject in drawn] == ["办公室主任"] * 3 + ["财务科长"] * 2
        assert set(drawn) == set(APPLICANTS)


def test_every_order_within_a_post_comes_up_about_as_often():
    chance = random.Random(20261121)
    seen = Counter(tuple(s.key for s in draw_order(APPLICANTS, chance.shuffle)[:3]) for _ in range(6_000))
    assert len(seen) == 6
    assert all(850 < times < 1_150 for times in seen.values())


def test_places_begin_anew_with_each_post():
    drawn = (APPLICANTS[4], APPLICANTS[0], APPLICANTS[2], APPLICANTS[3], APPLICANTS[1])
    assert speaking(drawn).numbers == {"s5": 1, "s1": 2, "s3": 3, "s4": 1, "s2": 2}


def test_the_first_speaker_follows_nobody_and_nobody_follows_the_last():
    order = APPLICANTS[:2]
    assert speaking(()).following is None
    assert speaking(order).following == order[0]
    assert speaking(order, order[0]).following == order[1]
    assert speaking(order, order[1]).following is None
