"""What a table was read as: people, and for every other row what it is, why it is skipped, or what must be asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from kaohe.domain.cells import clean, without_personal_data
from kaohe.domain.office_tables.words import COMPUTE_FIRST, is_not_computed, leaves_out
from kaohe.domain.rosters import SubjectEntry


@dataclass(frozen=True, slots=True)
class TableSheet:
    """One sheet of a workbook, or a text; row n of a sheet is ``rows[n - 1]``."""

    name: str
    """Empty for a text."""
    rows: Sequence[Sequence[str]]
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    """Numbers of rows that are hidden or filtered away."""
    hidden_columns: frozenset[int] = frozenset()
    """Counted from 0."""
    continued: frozenset[tuple[int, int]] = frozenset()
    """Row number, and column from 0, of cells whose text stands in a cell above that is merged with them."""
    struck: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """By row number and column, what is left of the text of a cell without what is struck out (删除线)."""
    greyed: frozenset[tuple[int, int]] = frozenset()
    """Cells that are grey where most of their column is not."""
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """What somebody has noted on a cell (批注)."""

    def doubt_of(self, number: int, columns: Collection[int]) -> str:
        """Why a row may not be meant to be read in these columns, and what to do; empty where nothing says so.

        For tables of which nothing is asked; lists of people ask.
        """
        row = self.rows[number - 1]
        cells = [(number, at) for at in columns if at < len(row) and row[at].strip()]
        if number in self.hidden_rows:
            return "这一行在表格里是隐藏的：要导入请取消隐藏，不要请删去"
        if any(cell in self.struck for cell in cells):
            return "这一行有删除线：要导入请去掉删除线，不要请删去划掉的内容"
        if any(cell in self.greyed for cell in cells):
            return "这一行有灰色的格子，像是已作废：要导入请改成与其他行一样的颜色，不要请删去这一行"
        if any(is_not_computed(row[at]) for _, at in cells):
            return f"这一行{COMPUTE_FIRST}"
        left = next((text for cell in cells if leaves_out(text := clean(self.comments.get(cell, "")))), "")
        return f"这一行有批注“{left}”：要导入请删去批注，不要请删去这一行" if left else ""


def sheet_of(document: Mapping[str, Any]) -> TableSheet:
    """The sheet that ``sheet_document`` wrote, or the program that reads workbooks.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    return TableSheet(
        str(document["name"]),
        [[str(cell) for cell in row] for row in document["rows"]],
        is_hidden=bool(document["is_hidden"]),
        hidden_rows=frozenset(map(int, document["hidden_rows"])),
        hidden_columns=frozenset(map(int, document["hidden_columns"])),
        continued=frozenset((int(row), int(column)) for row, column in document["continued"]),
        struck={(int(row), int(column)): str(rest) for row, column, rest in document["struck"]},
        greyed=frozenset((int(row), int(column)) for row, column in document["greyed"]),
        comments={(int(row), int(column)): str(text) for row, column, text in document["comments"]},
    )


def sheet_document(sheet: TableSheet) -> dict[str, object]:
    """A sheet as JSON holds it."""
    return {
        "name": sheet.name,
        "rows": sheet.rows,
        "is_hidden": sheet.is_hidden,
        "hidden_rows": sorted(sheet.hidden_rows),
        "hidden_columns": sorted(sheet.hidden_columns),
        "continued": sorted(sheet.continued),
        "struck": [(*cell, rest) for cell, rest in sheet.struck.items()],
        "greyed": sorted(sheet.greyed),
        "comments": [(*cell, text) for cell, text in sheet.comments.items()],
    }


class TableQuestion(StrEnum):
    """What may have to be asked; the value is the name of the answer."""

    SHEETS = "sheets"
    """Which sheets; ``ALL`` or a sheet's name."""
    NAME = "name"
    """Which column holds the names, by its letter."""
    HIDDEN = "hidden"
    """Whether hidden rows are read."""
    COLUMNS = "columns"
    """Whether hidden columns are read."""
    STRUCK = "struck"
    """Whether what is struck out is read."""
    GREY = "grey"
    """Whether people are read whose names are grey, as some offices mark who has left."""
    GROUPS = "groups"
    """What single texts between the rows say of the rows below them."""
    SEVERAL = "several"
    """Whether two words in a cell are several people."""
    NAMES = "names"
    """Whether texts that do not look like names are names."""
    LINES = "lines"
    """Whether rows hold several people."""
    BLANKS = "blanks"
    """Whether an empty cell before a name says what the one above it says."""
    REMARKS = "remarks"
    """Whether people are read of whom a remark says that they are not assessed."""


_ABOUT_COLUMNS: Final = frozenset(
    {TableQuestion.SHEETS, TableQuestion.NAME, TableQuestion.COLUMNS, TableQuestion.LINES}
)
"""Questions about whole sheets or columns, whose rows need not be named."""
_QUOTED: Final = 24
"""How many characters of a row are quoted."""

ALL = "all"
YES = "yes"
NO = "no"
UNIT = "unit"
CLASS = "class"
PERSON = "person"


@dataclass(frozen=True, slots=True)
class Place:
    """A row, by the numbers that a spreadsheet shows."""

    sheet: str
    row: int

    def words(self, *, with_sheet: bool = True) -> str:
        """The place in a sentence."""
        return f"“{self.sheet}”第 {self.row} 行" if self.sheet and with_sheet else f"第 {self.row} 行"


@dataclass(frozen=True, slots=True)
class ReadPerson:
    """A subject, and the row that it comes from."""

    entry: SubjectEntry
    place: Place


class ReadAs(StrEnum):
    """What a row is that gives no people; the value is what scripts read."""

    TITLE = "title"
    HEADING = "heading"
    GROUP = "group"
    CONTINUED = "continued"
    """More of the person above it, by merged cells."""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row that was understood and gives no people."""

    place: Place
    text: str
    read_as: ReadAs


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that is not read, and why."""

    place: Place
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question."""

    answer: str
    label: str


READ_OR_NOT: Final = (Choice(YES, "读入"), Choice(NO, "不读"))


@dataclass(slots=True)
class Ask:
    """What must be answered, or, without ``choices``, mended in the table, before a list can be taken."""

    question: TableQuestion | None
    what: str
    choices: tuple[Choice, ...] = ()
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ColumnRead:
    """How a column was read; ``field`` is empty where it was not."""

    sheet: str
    column: str
    heading: str
    field: str


@dataclass(slots=True)
class Account:
    """A table that was read: every row with any text in it is named in one of the lists at least."""

    people: list[ReadPerson] = field(default_factory=list)
    read_as: list[ReadRow] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    columns: list[ColumnRead] = field(default_factory=list)
    texts: dict[Place, str] = field(default_factory=dict)
    """What stands in each row, as it is shown."""
    has_several_sheets: bool = False
    """Whether these rows stand in more than one sheet."""
    _said: dict[TableQuestion | Place, Ask] = field(default_factory=dict)
    """By the question, or by the row that is wrong: of many rows each is found at once."""

    def ask(self, question: TableQuestion, what: str, choices: Sequence[Choice], place: Place) -> None:
        """Add a row to the question of that kind, which is asked once for all its rows."""
        asked = self._said.get(question)
        if asked is not None:
            asked.places.append(place)
            return
        self._said[question] = Ask(question, what, tuple(choices), [place])
        self.asks.append(self._said[question])

    def fault(self, what: str, place: Place) -> None:
        """Say what is wrong with a row; several faults of a row are said together."""
        said = self._said.get(place)
        if said is not None:
            said.what += f"；{what}"
            return
        self._said[place] = Ask(None, what, (), [place])
        self.asks.append(self._said[place])

    @property
    def is_ready(self) -> bool:
        """Whether the list can be taken as it stands."""
        return not self.asks and bool(self.people)

    def places_text(self, ask: Ask, at_most: int) -> str:
        """Where the rows stand that something is asked about, and what stands in them, for the first ``at_most``.

        Empty for a question about whole sheets or columns, which names them itself.
        """
        if ask.question in _ABOUT_COLUMNS:
            return ""
        shown = []
        for place in ask.places[:at_most]:
            text = self.texts.get(place, "") if ask.question else ""
            quoted = text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
            shown.append(place.words(with_sheet=self.has_several_sheets) + (f"“{quoted}”" if quoted else ""))
        more = f"等 {len(ask.places)} 行" if len(ask.places) > at_most else ""
        return "、".join(shown) + more

    def places(self) -> set[Place]:
        """Every row that is named."""
        named = {asked_place for ask in self.asks for asked_place in ask.places}
        named.update(person.place for person in self.people)
        named.update(row.place for row in self.read_as)
        named.update(row.place for row in self.skipped)
        return named


def is_filled(row: Sequence[str]) -> bool:
    """Whether a row holds any text."""
    return any(cell.strip() for cell in row)


def text_of_row(row: Sequence[str]) -> str:
    """The filled cells of a row in one line, as it is shown: without numbers of identity cards and telephones."""
    return without_personal_data(" ".join(" ".join(cell.split()) for cell in row if cell.strip()))


def column_letter(column: int) -> str:
    """The letters that a spreadsheet shows above a column, counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
