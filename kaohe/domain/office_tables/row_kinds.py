"""Which rows below the headings hold people, and what every other one is: a group, a total, a note, or a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from kaohe.domain.cells import clean, without_personal_data
from kaohe.domain.office_tables.account import (
    CLASS,
    NO,
    PERSON,
    READ_OR_NOT,
    UNIT,
    YES,
    Account,
    Choice,
    Place,
    ReadAs,
    ReadRow,
    SkippedRow,
    TableQuestion,
    TableSheet,
    column_letter,
    text_of_row,
)
from kaohe.domain.office_tables.headings import Field
from kaohe.domain.office_tables.layouts import Block, Layout
from kaohe.domain.office_tables.words import (
    ENDS,
    in_brackets,
    is_date,
    is_han_serial,
    is_nobody,
    is_not_computed,
    is_note,
    is_serial,
    is_total,
    leaves_out,
    looks_like_title,
    looks_like_unit,
    names_somebody,
    never_a_name,
    numbering_of,
    says_no,
    without_count,
    without_mark,
)
from kaohe.domain.rosters import FIELDS

_GROUP_CHOICES: Final = (
    Choice(UNIT, "是下面各行的单位"),
    Choice(CLASS, "是下面各行的类别"),
    Choice(PERSON, "是考核对象"),
    Choice(NO, "不读这些行"),
)
NOBODY: Final = "没有姓名，是空缺或空白"
_NAME_CHOICES: Final = (Choice(YES, "都是考核对象"), Choice(NO, "都不是，跳过"))


def _numbers_group(serial: str, text: str) -> bool:
    return is_han_serial(serial) or (is_serial(serial) and looks_like_unit(without_count(text)))


def _single_text(filled: Sequence[tuple[int, str]]) -> tuple[int, str] | None:
    """The only text of a row, or the one beside the number of a group; ``None`` where there is another."""
    if len(filled) == 1:
        return filled[0]
    if len(filled) == 2 and _numbers_group(filled[0][1], filled[1][1]):  # noqa: PLR2004 - a number and a text
        return filled[1]
    return None


class RowKinds:
    """Tells the rows of one sheet apart, and holds the group that the rows stand in."""

    def __init__(self, sheet: TableSheet, answers: Mapping[TableQuestion, str], account: Account) -> None:
        self._sheet = sheet
        self._answers = answers
        self._account = account
        self.group = {Field.UNIT: "", Field.CLASS: ""}
        single = [cells[0] for row in sheet.rows if len(cells := [clean(cell) for cell in row if cell.strip()]) == 1]
        self._mixed = {numbering_of(text) for text in single if not looks_like_unit(text)} - {""}
        """The ways of numbering by which not only units are numbered."""
        self._said_above = ""
        """What a row above people says of all of them."""
        self._headings: Mapping[int, str] = {}
        self._comments: dict[int, list[tuple[int, str]]] = {}
        """By row number, column and text of each."""
        for (number, at), text in sheet.comments.items():
            self._comments.setdefault(number, []).append((at, clean(text)))

    def are_names(self, text: str, place: Place) -> bool:
        """Whether a text that does not look like a name is one; asked, unless that was answered."""
        answer = self._answers.get(TableQuestion.NAMES)
        if answer == NO:
            self.skip(place, text, "已确认不是考核对象")
        elif answer != YES:
            what = "这些行姓名处的内容不像一个人的姓名。都是考核对象吗？只有一部分是的，请先在表格里改好。"
            self._account.ask(TableQuestion.NAMES, what, _NAME_CHOICES, place)
        return answer == YES

    def skip(self, place: Place, text: str, why: str) -> None:
        """Name a row in the account as one that is not read."""
        self._account.skipped.append(SkippedRow(place, without_personal_data(text), why))

    def is_for_people(self, row: Sequence[str], place: Place, layout: Layout) -> bool:
        """Whether a row holds people; every other row that is filled is named in the account."""
        filled = [(at, clean(cell)) for at, cell in enumerate(row) if cell.strip()]
        if not filled:
            return False
        text = text_of_row(row)
        self._headings = layout.headings
        if place.row in self._sheet.hidden_rows and not self._is_wanted_by(
            TableQuestion.HIDDEN, "表格里有隐藏或筛选掉的行。这些行要读入吗？", "隐藏或筛选掉的行", place, text
        ):
            return False
        first = without_mark(filled[0][1])
        names = [at for block in layout.blocks for at in block.columns[Field.NAME]]
        if is_total(first) or any(at in names and is_total(cell) for at, cell in filled):
            self.skip(place, text, "合计行")
        elif (is_note(filled[0][1]) and not names_somebody(filled[0][1].rstrip(ENDS))) or (
            filled[0][0] not in names and is_note(first)
        ):
            self.skip(place, text, "说明或签名")
        elif len(filled) == 1 and is_date(text):
            self.skip(place, text, "日期")
        elif all(is_serial(cell) or is_not_computed(cell) for _, cell in filled) and not any(
            at in names for at, _ in filled
        ):
            self.skip(place, text, "只有序号")
        elif len(filled) == 1 and filled[0][0] in names and is_nobody(text):
            self.skip(place, text, NOBODY)
        elif (group := _single_text(filled)) and self._is_group(*group, place, layout):
            pass
        else:
            return True
        return False

    def _is_wanted_by(self, question: TableQuestion, what: str, why: str, place: Place, text: str) -> bool:
        """Whether a row is read that ``question`` is about; ``why`` says why it is skipped where it is not."""
        answer = self._answers.get(question)
        if answer == NO:
            self.skip(place, text, why)
        elif answer != YES:
            self._account.ask(question, what, READ_OR_NOT, place)
        return answer == YES

    def _is_group(self, column: int, text: str, place: Place, layout: Layout) -> bool:
        """Whether the one text of a row is a group's, or something else that is no person; asked where unsure."""
        block = next((block for block in layout.blocks if block.start <= column < block.end), layout.blocks[0])
        in_name = column in block.columns[Field.NAME]
        others = [field for field in block.columns if field not in (Field.NAME, Field.SERIAL, Field.OTHER)]
        if in_name and (names_somebody(text) or never_a_name(text)):
            return False
        if in_name and not others:
            # Without headings the caller asks.
            return bool(layout.headings) and not self.are_names(text, place)
        is_later_field = any(
            column in columns and column > block.columns[Field.NAME][0]
            for field, columns in block.columns.items()
            if field is not Field.SERIAL
        )
        if is_later_field:
            return False
        if not layout.headings and looks_like_title(text) and not self._account.people:
            self._account.read_as.append(ReadRow(place, text, ReadAs.TITLE))
            return True
        self._said_above = text
        is_marked = not in_name and column == block.start and Field.UNIT not in self._fields_at(block, column)
        is_unit = is_marked and looks_like_unit(text) and numbering_of(text) not in self._mixed
        answer = UNIT if is_unit else self._answers.get(TableQuestion.GROUPS, "")
        if answer == PERSON:
            if not in_name:
                self._account.fault(f"“{text}”不在姓名一列，请移到姓名一列", place)
            return not in_name
        if answer in (UNIT, CLASS):
            self.group[Field.UNIT if answer == UNIT else Field.CLASS] = without_count(without_mark(text))
            self._account.read_as.append(ReadRow(place, text, ReadAs.GROUP))
        elif answer == NO:
            self.skip(place, text, "单独一格，已确认不读")
        else:
            what = "这些行只有一格有内容，写的是什么？各行不一样的，请先在表格里改好。"
            self._account.ask(TableQuestion.GROUPS, what, _GROUP_CHOICES, place)
        return True

    @staticmethod
    def _fields_at(block: Block, column: int) -> list[Field]:
        return [field for field, columns in block.columns.items() if column in columns]

    def stray_names(self, row: Sequence[str], place: Place, layout: Layout) -> None:
        """Names beside the table would be lost without a word."""
        for at, cell in enumerate(row):
            if cell.strip() and not layout.headings.get(at) and names_somebody(cell):
                is_read = any(at in columns for block in layout.blocks for columns in block.columns.values())
                if not is_read:
                    self._account.fault(f"{column_letter(at)} 列没有表头，“{clean(cell)}”没有读，请补上表头", place)

    def is_wanted(self, row: Sequence[str], place: Place, block: Block) -> bool:
        """Whether somebody is assessed although a remark, a comment or a grey name may say otherwise."""
        taken = {at for field in FIELDS for at in block.columns.get(field, ())}
        here = range(block.start, min(block.end, len(row)))
        said = [clean(row[at]) for at in here if at not in taken]
        said += [part for at in here for part in in_brackets(row[at])]
        said += [text for at, text in self._comments.get(place.row, ()) if at in here]
        is_said_no = any(says_no(self._headings.get(at, ""), row[at]) for at in here)
        if (is_said_no or any(map(leaves_out, (self._said_above, *said)))) and not self._is_wanted_by(
            TableQuestion.REMARKS,
            "这些行注明了不参加考核、已离开或只来评议别人，也可能注明在批注里或上面一行。要读入吗？",
            "已确认不参加考核",
            place,
            text_of_row(row),
        ):
            return False
        is_grey = any((place.row, at) in self._sheet.greyed for at in block.columns[Field.NAME])
        return not is_grey or self._is_wanted_by(
            TableQuestion.GREY,
            "这些行的姓名是灰色的，与其他行不同，像是已离开的人。要读入吗？",
            "灰色的行，已确认不读",
            place,
            text_of_row(row),
        )
