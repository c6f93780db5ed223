"""``kaohe roster read``: what an office's list is read as, row by row; nothing is stored."""

from __future__ import annotations

from pathlib import Path

import click

from kaohe.cli.meeting_making import NOBODY_READ, read_roster_file
from kaohe.cli.meeting_output import as_json
from kaohe.domain.errors import FieldInvalid
from kaohe.domain.office_tables.account import Account, Place, TableQuestion

_ROWS_SHOWN = 50
_NOT_READY = 1
"""The exit code where something must be answered or mended first."""


@click.group("roster")
def roster_group() -> None:
    """看一份名单文件会读成什么。"""  # noqa: D415 - help text


@roster_group.command("read")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--sheet", "sheet", metavar="NAME", default="", help="只读这张工作表；all 表示全部读取。")
@click.option("--answer", "answers", metavar="KEY=VALUE", multiple=True, help="回答读取时的问题，可重复。")
@click.option("--json", "is_json", is_flag=True, help="输出 JSON。")
@click.pass_context
def read(ctx: click.Context, file: Path, sheet: str, answers: tuple[str, ...], *, is_json: bool) -> None:
    """读一份名单文件，列出读到的人、跳过的行和要先回答的问题；不保存任何内容。"""  # noqa: D415 - help text
    given = _answers(answers)
    if sheet:
        given[TableQuestion.SHEETS] = sheet
    account = read_roster_file(file, given)
    sheets = {place.sheet for place in account.places()}
    if sheet and sheet != "all" and sheet not in sheets:
        raise FieldInvalid(f"文件里没有名为“{sheet}”的工作表，或它是空的。有内容的是：{'、'.join(sorted(sheets))}。")
    click.echo(as_json(roster_document(account)) if is_json else _text(account))
    ctx.exit(0 if account.is_ready else _NOT_READY)


def roster_document(account: Account) -> dict[str, object]:
    """The account of a list as scripts read it."""
    return {
        "people": [
            {
                "name": person.entry.name,
                "unit": person.entry.unit,
                "post": person.entry.post,
                "class": person.entry.class_label,
                "kind": person.entry.kind.value,
                "section": person.entry.section,
                **_place(person.place),
            }
            for person in account.people
        ],
        "read_as": [{**_place(row.place), "text": row.text, "as": row.read_as.value} for row in account.read_as],
        "skipped": [{**_place(row.place), "text": row.text, "why": row.why} for row in account.skipped],
        "asks": [
            {
                "what": ask.what,
                "key": ask.question.value if ask.question else "",
                "options": [{"answer": choice.answer, "label": choice.label} for choice in ask.choices],
                "rows": [{**_place(place), "text": account.texts[place]} for place in ask.places],
            }
            for ask in account.asks
        ],
        "columns": [
            {"sheet": column.sheet, "column": column.column, "heading": column.heading, "read_as": column.field}
            for column in account.columns
        ],
    }


def _place(place: Place) -> dict[str, object]:
    return {"sheet": place.sheet, "row": place.row}


def _answers(given: tuple[str, ...]) -> dict[TableQuestion, str]:
    found = {}
    for answer in given:
        key, _, value = answer.partition("=")
        if key not in set(TableQuestion) or not value:
            raise FieldInvalid(f"--answer 应写成 KEY=VALUE，KEY 为 {'、'.join(TableQuestion)} 之一。")
        found[TableQuestion(key)] = value
    return found


def _text(account: Account) -> str:
    lines = [f"读到 {len(account.people)} 个考核对象："]
    for person in account.people:
        entry = person.entry
        cells = " ".join(part for part in (entry.name, entry.unit, entry.post, entry.class_label) if part)
        lines.append(f"  {person.place.words()}  {cells}")
    lines += [f"跳过 {row.place.words()}（{row.why}）：{row.text}" for row in account.skipped]
    for ask in account.asks:
        lines.append(f"请先回答：{ask.what}" if ask.question else f"请改正：{ask.what}")
        lines += [f"  {places}" for places in [account.places_text(ask, _ROWS_SHOWN)] if places]
        lines += [f"  --answer {ask.question}={choice.answer}  {choice.label}" for choice in ask.choices]
    if not account.people and not account.asks:
        lines.append(NOBODY_READ)
    return "\n".join(lines)
