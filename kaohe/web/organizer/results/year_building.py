"""The years of many units, made, computed and published some at a time (汇总年度)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.permissions import Act
from kaohe.operations.chair import year_building
from kaohe.operations.chair.year_building import Built
from kaohe.web.access import this_reach
from kaohe.web.organizer.results.unit_years import show_unit_years
from kaohe.web.organizer.results.year_steps import YearForm
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import acted


@organizer.post("/results/year/make", act=Act.BUILD_YEARS)
def make_years() -> ResponseReturnValue:
    """Make the years of the ticked units from their published periods."""
    form = YearForm()

    def act(actor: str, year: int, units: Sequence[str]) -> Built:
        token = form.expected().token
        return year_building.make_years(actor, year, form.scheme.data, units, this_reach(), token=token)

    return _acted(form, act, "已新建年度并取用各期")


@organizer.post("/results/year/compute", act=Act.BUILD_YEARS)
def compute_years() -> ResponseReturnValue:
    """Settle and compute the years of the ticked units."""
    return _acted(
        YearForm(),
        lambda actor, year, units: year_building.compute_years(actor, year, units, this_reach()),
        "已汇总",
    )


@organizer.post("/results/year/publish", act=Act.BUILD_YEARS)
def publish_years() -> ResponseReturnValue:
    """Publish the computed years of the ticked units."""
    return _acted(
        YearForm(),
        lambda actor, year, units: year_building.publish_years(actor, year, units, this_reach()),
        "已公布",
    )


def _acted(form: YearForm, act: Callable[[str, int, Sequence[str]], Built], done: str) -> ResponseReturnValue:
    def on_units(actor: str) -> str:
        built = act(actor, *form.asked())
        for name, sentence in (*built.refused, *built.noted):
            flash(f"{name}：{sentence}", "warn")
        return f"{done}：{'、'.join(built.done)}。" if built.done else ""

    return acted(on_units, back=url_for("organizer.unit_years", year=form.year.data), refused=show_unit_years)
