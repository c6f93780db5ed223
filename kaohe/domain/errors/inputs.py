"""Refusals of what comes into a result beside the votes."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class InputsMissing(KaoheError):
    """The scheme counts scores that nobody has brought yet."""

    code = "inputs_missing"
    http_code = 409
    text = "方案要求的其他成绩还没有齐，补齐后才能公布。"


class ComponentRefused(KaoheError):
    """A component's score is missing, is out of bounds, or depends on itself."""

    code = "bad_component"
    http_code = 422


class DecisionRefused(KaoheError):
    """A decision fits no clause, contradicts another one, or counts one matter twice."""

    code = "bad_decision"
    http_code = 422
