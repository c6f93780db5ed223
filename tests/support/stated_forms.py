"""Three stated forms, and a ballot on the first of them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ballot_forms import QUESTIONS, WIDE, style_of

from kaohe.domain.ballots import LEFT_OUT, Ballot
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject
from kaohe.tally.scheme.scheme import Dimension, Scheme

GRADES = load_preset("si-deng").grades
TWO = (Subject("s1", "张伟"), Subject("s2", "李娜"))
MIXED = style_of(
    Scheme(
        "mixed",
        "等次、分数和提问",
        GRADES,
        (Dimension("overall", "总体", Fraction(1, 2)), Dimension("speech", "演讲", Fraction(1, 2), WIDE)),
        questions=QUESTIONS,
        comments_wanted=True,
        may_leave_out=True,
    ),
    *TWO,
)
"""A dimension of grades, one of numbers that need two bytes, both kinds of questions; whoever may be left out."""
PLAIN = style_of(Scheme("plain", "只评等次", GRADES, (Dimension("overall", "总体", Fraction(1)),)), *TWO)
NARROW = replace(MIXED, scheme=replace(MIXED.scheme, dimensions=(Dimension("overall", "总体", Fraction(1)),)))
"""As the first one, with grades only, so that every cell is one byte."""
FIRST_ONLY = Ballot(
    {
        ("s1", "overall"): "excellent",
        ("s1", "speech"): "-999.75",
        ("s1", "reverse.style"): "ticked",
        ("s1", "intent"): "continue",
        ("s2", "overall"): LEFT_OUT,
        ("s2", "speech"): LEFT_OUT,
    },
    {"s1": "工作扎实"},
)
