"""What comes into the result beside the votes: scores, earlier periods, decisions (其他成绩与认定)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.permissions import Act
from kaohe.domain.rosters import RowProblem
from kaohe.domain.score_sheets import read_periods, read_scores
from kaohe.domain.typed_numbers import read_number
from kaohe.operations.count.importing_scores import (
    Taken,
    clear_period,
    clear_scores,
    import_periods,
    import_scores,
    take_period,
    take_scores,
)
from kaohe.operations.setup.deciding import decide, withdraw_decision
from kaohe.operations.setup.inputs import StandingInputs
from kaohe.tally.model import Decision
from kaohe.web.access import Audience, audience, this_account
from kaohe.web.organizer.setup.inputs.inputs_page import inputs_page, these_inputs
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import refusal_of, reply_code
from kaohe.web.organizer.shell.pasted_rows import posted_rows

_NOTHING_PASTED = "请先粘贴内容，或选择一个表格文件。"


class _RowsRefused(FieldInvalid):
    """Some rows cannot be taken, so none is."""

    code = "rows_refused"

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        super().__init__(f"有 {len(problems)} 行需要改正，改好之前不会保存：")
        self.problems = tuple(problems)


@organizer.route("/<meeting_id>/inputs", methods=["GET", "POST"])
@audience(Audience.ORGANIZER, act=Act.BRING_INPUTS)
def inputs(meeting_id: str) -> Response | tuple[str, int]:
    """Show what has been brought and what is missing; a posted button brings, takes or removes something."""
    if request.method == "GET":
        return render_template("organizer/setup/inputs/inputs.html", page=inputs_page(meeting_id)), 200
    act, _, what = request.form.get("act", "").partition(":")
    try:
        if act not in _ACTS:
            raise FieldInvalid
        sentence = _ACTS[act](this_account().name, these_inputs(meeting_id), what)
    except KaoheError as error:
        refusal = refusal_of(error)
        problems = error.problems if isinstance(error, _RowsRefused) else ()
        page = inputs_page(meeting_id, refusal, problems)
        return render_template("organizer/setup/inputs/inputs.html", page=page), reply_code(refusal)
    flash(sentence, "good")
    return redirect(url_for("organizer.inputs", meeting_id=meeting_id, _anchor=request.form.get("at") or None), 303)


def _import_scores(actor: str, standing: StandingInputs, component_key: str) -> str:
    _, rows = posted_rows(_NOTHING_PASTED)
    component = next((each for each in standing.needs.components if each.key == component_key), None)
    if component is None:
        raise FieldInvalid
    sheet = read_scores(rows, standing.setup.subjects, component.full)
    if sheet.problems:
        raise _RowsRefused(sheet.problems)
    import_scores(actor, standing.setup.id, component_key, sheet.scores)
    return f"已导入“{component.label}”的得分，共 {len(sheet.scores)} 个。"


def _take_scores(actor: str, standing: StandingInputs, component_key: str) -> str:
    return _taken(take_scores(actor, standing.setup.id, component_key, _posted_meeting()))


def _clear_scores(actor: str, standing: StandingInputs, component_key: str) -> str:
    clear_scores(actor, standing.setup.id, component_key)
    return "已清除这一分项的得分。"


def _import_periods(actor: str, standing: StandingInputs, _: str) -> str:
    _, rows = posted_rows(_NOTHING_PASTED)
    sections = standing.setup.full_scheme.sections
    flag_keys = {flag.label: flag.key for section in sections for flag in section.scheme.flags}
    sheet = read_periods(rows, standing.setup.subjects, flag_keys)
    if sheet.problems:
        raise _RowsRefused(sheet.problems)
    import_periods(actor, standing.setup.id, sheet.periods)
    return f"已导入往期结果，共 {sum(len(own) for own in sheet.periods.values())} 条。"


def _take_period(actor: str, standing: StandingInputs, _: str) -> str:
    return _taken(take_period(actor, standing.setup.id, request.form.get("label", ""), _posted_meeting()))


def _clear_period(actor: str, standing: StandingInputs, label: str) -> str:
    clear_period(actor, standing.setup.id, label)
    return f"已删除“{label}”的结果。"


def _decide(actor: str, standing: StandingInputs, _: str) -> str:
    typed = request.form.get("amount", "").strip()
    amount = read_number(typed)
    if typed and amount is None:
        raise FieldInvalid("分值请填数字，如 2、0.5。")
    decision = Decision(
        request.form.get("subject", ""),
        request.form.get("clause", ""),
        request.form.get("reason", ""),
        amount,
        request.form.get("matter", ""),
    )
    decide(actor, standing.setup.id, decision)
    return "认定已保存，理由已记入操作记录。"


def _withdraw(actor: str, standing: StandingInputs, decision_id: str) -> str:
    withdraw_decision(actor, standing.setup.id, decision_id, request.form.get("why", ""))
    return "已撤销这条认定，理由已记入操作记录。"


_ACTS: Mapping[str, Callable[[str, StandingInputs, str], str]] = {
    "scores": _import_scores,
    "take_scores": _take_scores,
    "clear_scores": _clear_scores,
    "periods": _import_periods,
    "take_period": _take_period,
    "clear_period": _clear_period,
    "decide": _decide,
    "withdraw": _withdraw,
}


def _posted_meeting() -> str:
    chosen = request.form.get("meeting", "")
    if not chosen:
        raise FieldInvalid("请选择取自哪一场会议。")
    return chosen


def _taken(taken: Taken) -> str:
    left = f"；那场会议中没有 {'、'.join(taken.not_found)}，请另行补上" if taken.not_found else ""
    return f"已取得 {taken.count} 个考核对象的结果{left}。"
