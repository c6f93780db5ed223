"""Refusals of the scheme that a meeting is to be held by."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class PresetUnknown(KaoheError):
    """No preset has this id."""

    code = "preset_unknown"
    http_code = 404
    text = "没有这个考核方案，请从列表中选择。"


class SchemeNotHeld(KaoheError):
    """The scheme leaves nothing to vote on: its score is made of imports and earlier periods alone."""

    code = "scheme_not_held"
    http_code = 422
    text = "这个考核方案没有现场测评的内容，得分只由已有的分数计算，不需要开会；请用 kaohe tally 计分，或另选方案。"


class SectionRefused(KaoheError):
    """A subject belongs to no section, or to none in particular."""

    code = "bad_section"
    http_code = 422


class OwnSchemeUnknown(KaoheError):
    """The unit has no scheme of its own by this id."""

    code = "own_scheme_unknown"
    http_code = 404
    text = "没有找到这个本单位方案，可能已被删除，请返回重新选择。"
