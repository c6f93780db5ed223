"""The year of all units (单位年度): how far each is, and the share of 优秀 over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.errors import FieldInvalid, NotFound
from kaohe.domain.permissions import Act
from kaohe.domain.state_words import state_word
from kaohe.domain.typed_numbers import number_text, read_number
from kaohe.domain.unit_years import UnitTiers, UnitYear
from kaohe.operations.archive.unit_years import WHOLE_YEAR, UnitYears, load_unit_years
from kaohe.reports.personnel import county_sheet, tier_cells
from kaohe.reports.sheet import Sheet
from kaohe.storage.meetings import MeetingLine
from kaohe.web.access import may_now, this_reach
from kaohe.web.asked import asked_number
from kaohe.web.organizer.results.year_steps import YearSteps, year_steps
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.lists import Paging, csv_file, excel_file, paging
from kaohe.web.organizer.shell.parts import shown

_LINES_OF_A_PAGE: Final = 100
_PER_CENT: Final = 100
_NAMED: Final = 10
_NO_UNIT: Final = "（未填写单位）"


@dataclass(frozen=True, slots=True)
class HeldInCell:
    """One meeting of a unit."""

    title: str
    """'' where it is the only one of its cell."""
    word: str
    url: str
    """'' where there is nothing to see."""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit: its periods and its year, and its tiers where they are published."""

    name: str
    cells: Sequence[Sequence[HeldInCell]]
    """The meetings of each period and of the year."""


@dataclass(frozen=True, slots=True)
class TierLine:
    """A unit's tiers, or those of all units."""

    name: str
    cells: Sequence[str]
    is_over: bool


@dataclass(frozen=True, slots=True)
class UnitYearsPage:
    """One year of all units."""

    years: Sequence[Option]
    periods: Sequence[Option]
    share: str
    proposed: str
    """The share where nobody has typed it; '' where somebody has."""
    heads: Sequence[str]
    """The labels of the periods, and the year."""
    units: Sequence[UnitLine]
    paging: Paging
    tier_heads: Sequence[str]
    has_tiers: bool
    """Whether some unit has any, be it on another page of the list."""
    tiers: Sequence[TierLine]
    whole: TierLine
    verdict: str
    """Whether the share holds over all units."""
    is_over: bool
    over_units: str
    """Who is over it alone."""
    several: str
    """Who has several results, of which each counts."""
    unpublished: str
    asked: dict[str, str]
    """What the addresses of the files say."""
    next: YearSteps | None
    refusal: Refusal | None


@organizer.get("/results/year", act=Act.LOOK_UP)
def unit_years() -> ResponseReturnValue:
    """Show units × periods of ``year``, and the tiers of ``period`` beside the ``share`` of 优秀 in per cent."""
    return show_unit_years()


def show_unit_years(refusal: Refusal | None = None) -> ResponseReturnValue:
    """The page, with a refusal where an act on it was refused."""
    try:
        found = _found()
    except FieldInvalid as error:
        found, refusal = _found(is_share_typed=False), refusal_of(error)
    template, page = "organizer/results/unit_years.html", _page(found, refusal)
    return shown(template, reply_code(refusal), parts=("year",), page=page)


@organizer.get("/results/year.xlsx", act=Act.LOOK_UP)
def unit_years_excel() -> Response:
    """The tiers of all units as an Excel workbook; NotFound where no unit has published any."""
    return excel_file(_filed())


@organizer.get("/results/year.csv", act=Act.LOOK_UP)
def unit_years_csv() -> Response:
    """The tiers of all units as a text file; NotFound where no unit has published any."""
    return csv_file(_filed())


def _filed() -> Sheet:
    found = _found()
    if not found.county.units:
        raise NotFound
    return _sheet(found)


def _found(*, is_share_typed: bool = True) -> UnitYears:
    year, period = asked_number("year"), request.args.get("period", "")
    return load_unit_years(year, period, _share(_typed_share()) if is_share_typed else None, this_reach())


def _typed_share() -> str:
    """The share that somebody wants to see; '' where the field says what the page itself has put there."""
    typed = request.args.get("share", "").strip()
    return "" if typed == request.args.get("proposed") else typed


def _share(typed: str) -> Fraction | None:
    """A share as it was typed; None for none.

    Raises:
        FieldInvalid: it is no number of per cent.
    """
    share = read_number(typed)
    if typed and (share is None or not 0 <= share <= _PER_CENT):
        raise FieldInvalid("优秀比例上限应填 0 到 100 之间的数，例如 20 或 33.3；留空时按方案所定的比例。")
    return None if share is None else share / _PER_CENT


def _share_text(share: Fraction) -> str:
    return number_text(share * _PER_CENT)


def _sheet(found: UnitYears) -> Sheet:
    return county_sheet(found.year, found.period, _share_text(found.share), found.county)


def _page(found: UnitYears, refusal: Refusal | None) -> UnitYearsPage:
    county, share = found.county, _share_text(found.share)
    asked = {"year": str(found.year), "period": found.period}
    if typed := _typed_share():
        asked["share"] = typed
    pages = paging("organizer.unit_years", len(found.units), _LINES_OF_A_PAGE, **asked)
    sheet = _sheet(found)
    whole, over = county.whole, [each for each in county.units if each.over]
    on_page = {each.key for each in found.units[pages.start : pages.end]}
    return UnitYearsPage(
        years=tuple(Option(str(year), f"{year} 年", year == found.year) for year in found.years),
        periods=tuple(Option(label, label, label == found.period) for label in found.periods),
        share=typed or share,
        proposed="" if typed else share,
        heads=(*found.labels, WHOLE_YEAR),
        units=tuple(_unit_line(each, found.labels) for each in found.units[pages.start : pages.end]),
        paging=pages,
        tier_heads=tuple(column.label for column in sheet.columns[1:]),
        has_tiers=bool(county.units),
        tiers=tuple(
            TierLine(each.name, tier_cells(county, each), is_over=each.over > 0)
            for key, each in zip(found.told, county.units, strict=True)
            if key in on_page
        ),
        whole=TierLine(whole.name, tier_cells(county, whole), is_over=whole.over > 0),
        verdict=_verdict(whole, share),
        is_over=whole.over > 0,
        over_units=_named([f"{each.name}（超出 {each.over} 人）" for each in over]),
        several=_named([name or _NO_UNIT for name in found.several]),
        unpublished=_named([name or _NO_UNIT for name in found.unpublished]),
        asked=asked,
        next=year_steps(found),
        refusal=refusal,
    )


def _named(units: Sequence[str]) -> str:
    """The units in a sentence; of many the first ones, since the tables below show each."""
    return "、".join(units[:_NAMED]) + (f"等 {len(units)} 个单位" if len(units) > _NAMED else "")


def _verdict(whole: UnitTiers, share: str) -> str:
    """Whether the share of 优秀 holds over all units."""
    if not whole.share_text:
        return "还没有人有等次。"
    end = f"超出 {whole.over} 人" if whole.over else "没有超出"
    said = f"全部单位有等次的 {sum(whole.by_tier.values())} 人，优秀 {whole.top} 人，占 {whole.share_text}%"
    return f"{said}；上限 {share}%，即 {whole.allowed} 人，{end}。"


def _unit_line(unit: UnitYear[MeetingLine], labels: Sequence[str]) -> UnitLine:
    cells = (*(unit.parts.get(label, ()) for label in labels), unit.wholes)
    return UnitLine(unit.name or _NO_UNIT, [[_held(each, is_alone=len(cell) == 1) for each in cell] for cell in cells])


def _held(held: MeetingLine, *, is_alone: bool) -> HeldInCell:
    word = state_word(held.state, is_paused=held.is_paused, has_votes=held.takes_ballots)
    seen = (("result", Act.SEE_RESULT),) if held.state.is_counted else ()
    pages = (*seen, ("check", Act.PREPARE), ("inputs", Act.BRING_INPUTS))
    endpoint = next((endpoint for endpoint, act in pages if may_now(act, held.state)), "")
    url = url_for(f"organizer.{endpoint}", meeting_id=held.id) if endpoint else ""
    return HeldInCell("" if is_alone else held.title, word, url)
