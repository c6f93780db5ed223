"""Refusals where a meeting asks for two people."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class SecondPersonNeeded(KaoheError):
    """The meeting asks for two people, and nobody else has proposed this act."""

    http_code = 409
    text = "本场会议规定这一操作须由两人完成：请先由一人提出，再由另一人确认。"


class SecondPersonSame(KaoheError):
    """Whoever proposed an act cannot confirm it."""

    http_code = 409
    text = "提出和确认须是两个人：这一操作是您提出的，请由另一人登录自己的账号确认。"


class ProposalOpen(KaoheError):
    """Somebody has proposed the same act already."""

    http_code = 409
    text = "这一操作已经有人提出，请直接确认，或先撤回。"


class ProposalGone(KaoheError):
    """The proposal was withdrawn, carried out, replaced, or has run out."""

    http_code = 409
    text = "这一提议已经撤回、失效或办理完毕，请刷新页面查看最新情况。"
