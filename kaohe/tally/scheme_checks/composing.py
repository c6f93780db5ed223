"""What must hold for the components of a scheme, and between meetings that use each other's scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaohe.tally.scheme.components import Component, ComponentSource, PeriodMeasure
from kaohe.tally.scheme.refusals import ComponentError, SchemeError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme_checks.entries import LARGEST_POINTS, check_entries, check_weights
from kaohe.tally.scheme_checks.tiers import check_bands


def check_composing(scheme: Scheme) -> None:
    """Check the components, and the bounds of bonus and deduction.

    Raises:
        SchemeError: at the first fault.
    """
    for path, limit in (("bonus_limit", scheme.bonus_limit), ("deduction_limit", scheme.deduction_limit)):
        if not 0 <= limit <= LARGEST_POINTS:
            raise SchemeError(path, f"应为 0 到 {LARGEST_POINTS} 的数。")
    if not scheme.components:
        return
    check_entries("components", scheme.components)
    check_weights("components", scheme.components)
    if sum(component.source is ComponentSource.VOTES for component in scheme.components) > 1:
        raise SchemeError("components", "来自本场测评（source = “votes”）的分项只能有一个；几个票种请写在 groups。")
    for number, component in enumerate(scheme.components, start=1):
        _check_component(f"components[{number}]", component, scheme)


def _check_component(path: str, component: Component, scheme: Scheme) -> None:
    if (component.source is ComponentSource.MEETING) != bool(component.meeting):
        raise SchemeError(f"{path}.meeting", "来自另一场测评（source = “meeting”）的分项，应且只应写明是哪一场。")
    if component.meeting == scheme.key:
        raise SchemeError(f"{path}.meeting", "分项不能来自本方案自己。")
    if not 0 < component.full <= LARGEST_POINTS:
        raise SchemeError(f"{path}.full", f"满分应大于 0，不超过 {LARGEST_POINTS}。")
    if component.periods is not None and component.periods < 1:
        raise SchemeError(f"{path}.periods", "应为 1 以上的整数。")
    is_rate = component.measure is PeriodMeasure.TIER_RATE
    if is_rate != bool(component.tier):
        raise SchemeError(f"{path}.tier", "按等次的次数计（measure = “tier_rate”）时，应且只应写明是哪个等次。")
    if (component.measure is PeriodMeasure.POINTS) != bool(component.points):
        raise SchemeError(f"{path}.points", "按等次折算（measure = “points”）时，应且只应写明各等次的分值。")
    if component.source is not ComponentSource.PERIODS and (
        component.measure is not PeriodMeasure.SCORE or component.periods is not None
    ):
        raise SchemeError(f"{path}.measure", "只有来自各期结果（source = “periods”）的分项才写 measure 和 periods。")
    if component.bands:
        check_bands(f"{path}.bands", component.bands, None)


def check_no_cycle(uses: Mapping[str, Sequence[str]]) -> None:
    """Check that no meeting's score depends on itself; ``uses`` says by key whose scores each one takes.

    Raises:
        ComponentError: naming the circle.
    """
    done: set[str] = set()

    def visit(key: str, path: tuple[str, ...]) -> None:
        if key in path:
            circle = " → ".join((*path[path.index(key) :], key))
            raise ComponentError(f"各场测评的分项互相引用，成了一个圈：{circle}。请去掉其中一个引用。")
        if key in done:
            return
        for other in uses.get(key, ()):
            visit(other, (*path, key))
        done.add(key)

    for key in sorted(uses):
        visit(key, ())
