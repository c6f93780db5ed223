"""What an office may have left out of its table without deleting it: struck out, or in a hidden column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kaohe.domain.office_tables.account import (
    NO,
    READ_OR_NOT,
    YES,
    Account,
    Ask,
    Place,
    SkippedRow,
    TableQuestion,
    TableSheet,
    column_letter,
    is_filled,
    text_of_row,
)
from kaohe.domain.office_tables.layouts import Layout
from kaohe.domain.rosters import FIELDS


def without_struck(sheet: TableSheet, answers: Mapping[TableQuestion, str], account: Account) -> TableSheet:
    """The sheet without what is struck out, about which it is asked unless that was answered."""
    answer = answers.get(TableQuestion.STRUCK)
    if answer == YES:
        return sheet
    rows = [list(row) for row in sheet.rows]
    for number, row in enumerate(sheet.rows, start=1):
        struck = [at for at, cell in enumerate(row) if cell.strip() and (number, at) in sheet.struck]
        if not struck:
            continue
        for at in struck:
            rows[number - 1][at] = sheet.struck[number, at]
        place = Place(sheet.name, number)
        if answer == NO:
            text = text_of_row([row[at] for at in struck])
            account.skipped.append(SkippedRow(place, text, "有删除线，划掉的内容不读"))
        else:
            what = "这些行有划了删除线的内容。划掉的内容要读入吗？"
            account.ask(TableQuestion.STRUCK, what, READ_OR_NOT, place)
    return replace(sheet, rows=rows)


def without_hidden_columns(
    sheet: TableSheet, layouts: Sequence[Layout], answers: Mapping[TableQuestion, str], account: Account
) -> TableSheet:
    """The sheet without the hidden columns that would be read, about which it is asked unless that was answered."""
    read = {
        at: field
        for layout in layouts
        for block in layout.blocks
        for field in FIELDS
        for at in block.columns.get(field, ())
        if at in sheet.hidden_columns and any(at < len(row) and row[at].strip() for row in sheet.rows)
    }
    answer = answers.get(TableQuestion.COLUMNS)
    if not read or answer == YES:
        return sheet
    rows = [["" if at in read else cell for at, cell in enumerate(row)] for row in sheet.rows]
    filled = [Place(sheet.name, number) for number, row in enumerate(sheet.rows, start=1) if is_filled(row)]
    if answer == NO:
        account.skipped.extend(
            SkippedRow(place, text_of_row(sheet.rows[place.row - 1]), "只在隐藏的列里有内容")
            for place in filled
            if not is_filled(rows[place.row - 1])
        )
    else:
        where = f"“{sheet.name}”的 " if sheet.name else ""
        names = where + "、".join(f"{column_letter(at)} 列（{field}）" for at, field in sorted(read.items()))
        asked = next((ask for ask in account.asks if ask.question is TableQuestion.COLUMNS), None)
        if asked is None:
            account.asks.append(Ask(TableQuestion.COLUMNS, f"{names}是隐藏的。要读入吗？", READ_OR_NOT, filled))
        else:
            asked.what = f"{names}，{asked.what}"
            asked.places += filled
    return replace(sheet, rows=rows)
