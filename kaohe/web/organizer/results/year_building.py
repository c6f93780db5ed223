"""The years of many units, made, computed and published some at a time (汇总年度)."""

from __future__ import annotations

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.permissions import Act
from kaohe.operations.chair.year_building import build_years
from kaohe.web.access import this_reach
from kaohe.web.organizer.results.unit_years import show_unit_years
from kaohe.web.organizer.results.year_steps import YearForm
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import acted


@organizer.post("/results/year/make", act=Act.BUILD_YEARS)
def make_years() -> ResponseReturnValue:
    """Make the years of the ticked units from their published periods."""
    return _acted("make", YearForm(), "已新建年度并取用各期")


@organizer.post("/results/year/compute", act=Act.BUILD_YEARS)
def compute_years() -> ResponseReturnValue:
    """Settle and compute the years of the ticked units."""
    return _acted("compute", YearForm(), "已汇总")


@organizer.post("/results/year/publish", act=Act.BUILD_YEARS)
def publish_years() -> ResponseReturnValue:
    """Publish the computed years of the ticked units."""
    return _acted("publish", YearForm(), "已公布")


def _acted(step: str, form: YearForm, done: str) -> ResponseReturnValue:
    def on_units(actor: str) -> str:
        year, units = form.asked()
        more = {"scheme": form.scheme.data, "token": form.expected().token} if step == "make" else {}
        built = build_years(step, this_reach(), actor=actor, year=year, wanted=units, **more)
        for name, sentence in (*built.refused, *built.noted):
            flash(f"{name}：{sentence}", "warn")
        return f"{done}：{'、'.join(built.done)}。" if built.done else ""

    return acted(on_units, back=url_for("organizer.unit_years", year=form.year.data), refused=show_unit_years)
