"""The numbers that people say (实到、未发出、纸质票): one grid of all voter groups, one 保存."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wtforms import Form, FormField, StringField

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import GROUPS_AT_MOST
from kaohe.domain.meetings import GroupNumbers, MeetingState
from kaohe.operations.hall.boards import Board, SaidNumbers
from kaohe.web.organizer.shell.forms import DeskForm, RowsField, WholeField


class NumbersRow(Form):  # type: ignore[misc] # wtforms ships no types
    """What people say of one voter group."""

    group = StringField(default="")
    present = WholeField("实到人数")
    left_over = WholeField("未发出的票数")
    paper = WholeField("纸质票发出数")
    shown = StringField(default="")
    """What the page showed in the row, as ``NumberForm.shown``."""


class NumbersForm(DeskForm):
    """The whole grid."""

    rows = RowsField(FormField(NumbersRow), max_entries=GROUPS_AT_MOST)

    def changed(self) -> dict[str, SaidNumbers]:
        """What was typed, by group key, without rows that stand as the page showed them: others may have saved since.

        Raises:
            FieldInvalid: what was typed is no number.
        """
        if not self.validate():
            raise FieldInvalid(_first_fault(self.rows.errors))
        return {
            row.group.data: SaidNumbers(row.present.data, row.left_over.data or 0, row.paper.data)
            for row in (entry.form for entry in self.rows)
            if row.shown.data != _shown(row.present.typed, row.left_over.typed, row.paper.typed)
        }


@dataclass(frozen=True, slots=True)
class NumberForm:
    """One row of the grid."""

    key: str
    label: str
    entitled_text: str
    present_text: str
    left_over_text: str
    paper_text: str
    shown: str
    """The three as the page was made."""
    printed_text: str
    is_shared: bool
    """Whether the group draws its tickets in the hall, so that no slips are left over."""


@dataclass(frozen=True, slots=True)
class NumbersBlock:
    """The grid; without rows where nothing can be said any more."""

    rows: Sequence[NumberForm]
    takes_paper: bool
    """Whether blank forms handed out can still be said."""


NOTHING_TO_SAY = NumbersBlock((), takes_paper=False)


def numbers_block(board: Board, posted: NumbersForm | None = None) -> NumbersBlock:
    """The grid as the board stands, with what was ``posted`` where it was refused."""
    typed = {row.form.group.data: row.form for row in posted.rows} if posted else {}
    shared = board.setup.shared_group
    return NumbersBlock(
        rows=[_row(group, typed.get(group.key), is_shared=group.key == shared) for group in board.groups],
        takes_paper=board.round.state in (MeetingState.DRAFT, MeetingState.OPEN, MeetingState.CLOSED),
    )


def _row(group: GroupNumbers, typed: NumbersRow | None, *, is_shared: bool) -> NumberForm:
    said = ("" if group.present is None else str(group.present), str(group.left_over), str(group.paper_issued))
    present, left_over, paper = said
    if typed:
        present, left_over, paper = typed.present.typed, typed.left_over.typed, typed.paper.typed
    return NumberForm(
        key=group.key,
        label=group.label,
        entitled_text=str(group.entitled),
        present_text=present,
        left_over_text=left_over,
        paper_text=paper,
        shown=typed.shown.data if typed else _shown(*said),
        printed_text=str(group.printed),
        is_shared=is_shared,
    )


def _first_fault(errors: Sequence[Mapping[str, Sequence[str]]]) -> str:
    return next(fault for row in errors for faults in row.values() for fault in faults)


def _shown(*texts: str) -> str:
    return "/".join(text.strip() for text in texts)
