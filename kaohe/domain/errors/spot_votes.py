"""Refusals of a vote on the spot (现场票决)."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class NoCompetition(KaoheError):
    """A class has no more candidates than seats."""

    code = "no_competition"
    http_code = 422
    text = "人选不多于名额，没有差额，不能票决。请改用推荐票，或增加人选。"


class SpotVoteOn(KaoheError):
    """Another vote on the spot is still on."""

    code = "spot_vote_on"
    http_code = 409
    text = "还有一场现场票决没有结束，请先公布结果并返回主会场，再开始下一场。"
