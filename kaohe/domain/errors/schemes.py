"""Refusals of the scheme that a meeting is to be held by, and of what comes into a result beside the votes."""

from __future__ import annotations

from collections.abc import Sequence

from kaohe.domain.errors.refusal import KaoheError


class InputsMissing(KaoheError):
    """The scheme counts scores that nobody has brought yet."""

    http_code = 409
    text = "方案要求的其他成绩还没有齐，补齐后才能公布。"


class InputsDoubted(KaoheError):
    """What is to be stored replaces something else, or may be about somebody else: people answer first."""

    http_code = 409

    def __init__(self, doubts: Sequence[str]) -> None:
        """Take one sentence for each doubt."""
        super().__init__(f"有 {len(doubts)} 处需要核对，回答之前不会保存：")
        self.doubts = tuple(doubts)


class ComponentRefused(KaoheError):
    """A component's score is missing, is out of bounds, or depends on itself."""

    code = "bad_component"
    http_code = 422


class DecisionRefused(KaoheError):
    """A decision fits no clause, contradicts another one, or counts one matter twice."""

    code = "bad_decision"
    http_code = 422


class PresetUnknown(KaoheError):
    """No preset has this id."""

    http_code = 404
    text = "没有这个考核方案，请从列表中选择。"


class SectionRefused(KaoheError):
    """A subject belongs to no section, or to none in particular."""

    code = "bad_section"
    http_code = 422


class OwnSchemeUnknown(KaoheError):
    """The unit has no scheme of its own by this id."""

    http_code = 404
    text = "没有找到这个本单位方案，可能已被删除，请返回重新选择。"


class BallotsNotTaken(KaoheError):
    """The meeting has no vote of its own: its score is made of imports and earlier periods alone."""

    code = "no_ballots_here"
    http_code = 409
    text = "本场不投票，成绩由导入的分数和往期结果汇总，不需要制票、试投或录入纸质票。"
