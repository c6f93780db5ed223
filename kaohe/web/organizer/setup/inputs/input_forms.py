"""The forms by which scores, earlier periods and decisions come into a meeting."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import request
from wtforms import SelectMultipleField, StringField

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.office_tables.figures import FigureTable, read_figures
from kaohe.domain.office_tables.headings import Field
from kaohe.domain.rosters import RowProblem
from kaohe.domain.typed_numbers import read_number
from kaohe.operations.count.sources import Answer, OfferedPeriod
from kaohe.tally.model import Decision
from kaohe.web.access import within_reach
from kaohe.web.organizer.shell.forms import DeskForm
from kaohe.web.organizer.shell.pasted_rows import PastedForm

_NOTHING_PASTED = "请先粘贴内容，或选择一个表格文件。"
_TOO_LONG = "内容过多，请只保留需要的列，再粘贴或上传。"
_COLUMN = re.compile(r"column-([A-Z]{1,3})")


class RowsRefused(FieldInvalid):
    """Some rows cannot be taken, so none is."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        super().__init__(f"有 {len(problems)} 行需要改正，改好之前不会保存：")
        self.problems = tuple(problems)


class AnswerForm(DeskForm):
    """What was answered to doubts; empty where none was shown yet."""

    answer = StringField(default="")

    def said(self) -> Answer:
        """The answer; whatever is none counts as not answered."""
        return Answer(self.answer.data) if self.answer.data in set(Answer) else Answer.NONE


class FiguresForm(PastedForm, AnswerForm):
    """A table of scores or periods, and what somebody said that its columns hold."""

    def table(self, positions: Sequence[Field]) -> FigureTable:
        """The table as it is read.

        Raises:
            FieldInvalid, SpreadsheetRefusal: as ``sheets`` does.
        """
        posted = ((_COLUMN.fullmatch(name), value) for name, value in request.form.items())
        chosen = {found[1]: Field(value) for found, value in posted if found and value in set(Field)}
        return read_figures(self.sheets(_NOTHING_PASTED, _TOO_LONG), positions, chosen)

    def is_same(self) -> bool:
        """Whether people of another unit or post were said to be the same."""
        return self.said() is Answer.SAME


class TakeScoresForm(AnswerForm):
    """The other meeting, by its id, whose result is taken."""

    meeting = StringField(default="")

    def source(self) -> str:
        """The meeting that was chosen.

        Raises:
            FieldInvalid: none was.
            MeetingUnknown: none within the reach of the person who is signed in.
        """
        if not self.meeting.data:
            raise FieldInvalid("请选择取自哪一场会议。")
        return within_reach(str(self.meeting.data))


class TakePeriodForm(TakeScoresForm):
    """The other meeting, and what its result is called here."""

    label = StringField(default="")


class TakePeriodsForm(AnswerForm):
    """The meetings, by their ids, that are taken as the parts of the year that their titles name."""

    meeting = SelectMultipleField(validate_choice=False)

    def wanted(self, offered: Sequence[OfferedPeriod]) -> Sequence[tuple[str, str]]:
        """(label, meeting) of those that were ticked, as far as they are offered still."""
        return [(each.label, each.meeting_id) for each in offered if each.meeting_id in (self.meeting.data or ())]


class ClearPeriodForm(DeskForm):
    """The period that goes, by the label it has here."""

    label = StringField(default="")


class DecisionForm(DeskForm):
    """A clause applied to a subject."""

    subject = StringField(default="")
    clause = StringField(default="")
    amount = StringField(default="")
    matter = StringField(default="")
    reason = StringField(default="")

    def decision(self) -> Decision:
        """What was typed; only the number is read, the rest is the operation's to judge.

        Raises:
            FieldInvalid: the points are no number.
        """
        typed = self.amount.data.strip()
        amount = read_number(typed)
        if typed and amount is None:
            raise FieldInvalid("分值请填数字，如 2、0.5。")
        return Decision(self.subject.data, self.clause.data, self.reason.data, amount, self.matter.data)


class WithdrawForm(DeskForm):
    """Why a decision is taken back."""

    why = StringField(default="")
