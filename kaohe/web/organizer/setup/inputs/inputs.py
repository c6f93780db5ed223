"""What comes into the result beside the votes: scores, earlier periods, decisions (其他成绩与认定)."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.errors import InputsDoubted, KaoheError
from kaohe.domain.permissions import Act
from kaohe.domain.score_sheets import PERIODS, SCORES, read_periods, read_scores
from kaohe.operations.count import importing_scores as importing
from kaohe.operations.count.sources import offered_periods
from kaohe.operations.setup import deciding
from kaohe.operations.setup.input_checks import component_of, flag_keys
from kaohe.operations.setup.inputs import MeetingInputs, load_inputs
from kaohe.web.access import this_account, this_reach
from kaohe.web.organizer.setup.inputs.input_forms import (
    ClearPeriodForm,
    DecisionForm,
    FiguresForm,
    RowsRefused,
    TakePeriodForm,
    TakePeriodsForm,
    TakeScoresForm,
    WithdrawForm,
)
from kaohe.web.organizer.setup.inputs.inputs_page import InputsPage, inputs_page
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import refusal_of, reply_code
from kaohe.web.organizer.shell.lists import place_in_list


@organizer.get("/<meeting_id>/inputs", act=Act.BRING_INPUTS)
def inputs(meeting_id: str) -> ResponseReturnValue:
    """Show what has been brought and what is missing."""
    return _shown(inputs_page(meeting_id))


@organizer.post("/<meeting_id>/inputs/scores/<component_key>", act=Act.BRING_INPUTS, takes_file=True)
def import_scores(meeting_id: str, component_key: str) -> ResponseReturnValue:
    """Take the scores of a component from a sheet."""

    def act(actor: str, standing: MeetingInputs) -> str:
        component, form = component_of(standing.setup.full_scheme, component_key), FiguresForm()
        sheet = read_scores(form.table(SCORES), standing.setup.subjects, component.full, is_same=form.is_same())
        if sheet.problems:
            raise RowsRefused(sheet.problems)
        importing.import_scores(actor, meeting_id, component_key, sheet.scores)
        return f"已导入“{component.label}”的得分，共 {len(sheet.scores)} 个。"

    return _acted(meeting_id, f"scores-{component_key}", act)


@organizer.post("/<meeting_id>/inputs/scores/<component_key>/take", act=Act.BRING_INPUTS)
def take_scores(meeting_id: str, component_key: str) -> ResponseReturnValue:
    """Take the scores of a component from another meeting."""
    form = TakeScoresForm()
    return _acted(
        meeting_id,
        f"scores-{component_key}",
        lambda actor, _: _taken(importing.take_scores(actor, meeting_id, component_key, form.source(), form.said())),
    )


@organizer.post("/<meeting_id>/inputs/scores/<component_key>/clear", act=Act.BRING_INPUTS)
def clear_scores(meeting_id: str, component_key: str) -> ResponseReturnValue:
    """Remove the scores of a component."""
    return _acted(
        meeting_id,
        f"scores-{component_key}",
        lambda actor, _: importing.clear_scores(actor, meeting_id, component_key),
        "已清除这一分项的得分。",
    )


@organizer.post("/<meeting_id>/inputs/periods", act=Act.BRING_INPUTS, takes_file=True)
def import_periods(meeting_id: str) -> ResponseReturnValue:
    """Take earlier periods from a sheet."""

    def act(actor: str, standing: MeetingInputs) -> str:
        form = FiguresForm()
        subjects, flags = standing.setup.subjects, flag_keys(standing.setup.full_scheme)
        sheet = read_periods(form.table(PERIODS), subjects, flags, is_same=form.is_same())
        if sheet.problems:
            raise RowsRefused(sheet.problems)
        importing.import_periods(actor, meeting_id, sheet.periods, form.said())
        return f"已导入往期结果，共 {sum(len(own) for own in sheet.periods.values())} 条。"

    return _acted(meeting_id, "periods", act)


@organizer.post("/<meeting_id>/inputs/periods/take", act=Act.BRING_INPUTS)
def take_period(meeting_id: str) -> ResponseReturnValue:
    """Take one earlier period from another meeting."""
    form = TakePeriodForm()
    return _acted(
        meeting_id,
        "periods",
        lambda actor, _: _taken(importing.take_period(actor, meeting_id, form.label.data, form.source(), form.said())),
    )


@organizer.post("/<meeting_id>/inputs/periods/take-all", act=Act.BRING_INPUTS)
def take_periods(meeting_id: str) -> ResponseReturnValue:
    """Take several parts of the year at once, each from the meeting whose title names it."""
    form = TakePeriodsForm()

    def act(actor: str, _: MeetingInputs) -> str:
        wanted = form.wanted(offered_periods(meeting_id, this_reach()))
        taken = importing.take_periods(actor, meeting_id, wanted, form.said())
        labels = "、".join(f"“{label}” {found.count} 个" for (label, _), found in zip(wanted, taken, strict=True))
        return f"已取得各期的结果：{labels}。没有取到的考核对象见下表。"

    return _acted(meeting_id, "periods", act)


@organizer.post("/<meeting_id>/inputs/periods/clear", act=Act.BRING_INPUTS)
def clear_period(meeting_id: str) -> ResponseReturnValue:
    """Remove one earlier period of every subject."""
    label = ClearPeriodForm().label.data
    done = f"已删除“{label}”的结果。"
    return _acted(meeting_id, "periods", lambda actor, _: importing.clear_period(actor, meeting_id, label), done)


@organizer.post("/<meeting_id>/inputs/decisions", act=Act.BRING_INPUTS)
def decide(meeting_id: str) -> ResponseReturnValue:
    """Apply a clause of the scheme to a subject."""
    return _acted(
        meeting_id,
        "decisions",
        lambda actor, _: deciding.decide(actor, meeting_id, DecisionForm().decision()),
        "认定已保存，理由已记入操作记录。",
    )


@organizer.post("/<meeting_id>/inputs/decisions/<decision_id>/withdraw", act=Act.BRING_INPUTS)
def withdraw_decision(meeting_id: str, decision_id: str) -> ResponseReturnValue:
    """Take a decision back."""
    return _acted(
        meeting_id,
        "decisions",
        lambda actor, _: deciding.withdraw_decision(actor, meeting_id, decision_id, WithdrawForm().why.data),
        "已撤销这条认定，理由已记入操作记录。",
    )


def _acted(
    meeting_id: str, block: str, act: Callable[[str, MeetingInputs], object], done: str = ""
) -> ResponseReturnValue:
    """Do what a form of a block asks for and go back to that block; or show there why it was refused.

    ``act`` takes the name of whoever is signed in and what has been brought so far; where ``done`` is empty it returns
    the sentence that says it is done.
    """
    try:
        result = act(this_account().name, load_inputs(meeting_id))
    except KaoheError as error:
        problems = error.problems if isinstance(error, RowsRefused) else ()
        doubts = error.doubts if isinstance(error, InputsDoubted) else ()
        return _shown(inputs_page(meeting_id, block, refusal_of(error), problems, doubts))
    flash(done or str(result), "good")
    return redirect(url_for("organizer.inputs", meeting_id=meeting_id, **place_in_list(), _anchor=block), 303)


def _taken(taken: importing.Taken) -> str:
    left = f"；那场会议中没有 {'、'.join(taken.not_found)}，请另行补上" if taken.not_found else ""
    return f"已取得 {taken.count} 个考核对象的结果{left}。"


def _shown(page: InputsPage) -> ResponseReturnValue:
    return render_template("organizer/setup/inputs/inputs.html", page=page), reply_code(page.refusal)
