"""What a unit wants on a meeting's sheets: 密级, 份号 and 内部资料 in their heads, and who signs below."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField

from kaohe.domain.limits import LABEL_LENGTH
from kaohe.domain.permissions import Act
from kaohe.domain.sheet_marks import SheetMarks, signers_typed
from kaohe.operations.archive.filing import mark_sheets
from kaohe.web.organizer.results.result import show_result
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import acted
from kaohe.web.organizer.shell.forms import DeskForm

_TYPED = {"maxlength": LABEL_LENGTH, "autocomplete": "off"}


class MarksForm(DeskForm):
    """The three marks, and who signs."""

    secrecy = StringField("密级和期限", default="", render_kw=_TYPED)
    copy_number = StringField("份号", default="", render_kw=_TYPED)
    internal = BooleanField("内部资料")

    vote_signers = StringField("统计各表的签字人", default="")
    office_signers = StringField("名单、登记等各表的签字人", default="")

    def marks(self) -> SheetMarks:
        """What was typed."""
        return SheetMarks(
            self.secrecy.data,
            self.copy_number.data,
            self.internal.data,
            signers_typed(self.vote_signers.data),
            signers_typed(self.office_signers.data),
        )


@organizer.post("/<meeting_id>/result/marks", act=Act.TAKE_DOCUMENTS)
def save_marks(meeting_id: str) -> ResponseReturnValue:
    """Let the sheets carry these marks from now on, or none."""
    form = MarksForm()
    return acted(
        lambda actor: mark_sheets(actor, meeting_id, form.marks()),
        "标注已保存，各种表都按此印出。",
        back=url_for("organizer.result", meeting_id=meeting_id),
        refused=lambda refusal: show_result(meeting_id, refusal, form.marks()),
    )
