"""Pictures in the formats of an office: charts of a workbook's own cells, in Word vectors with pixels beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from docx.opc.constants import RELATIONSHIP_TYPE as RELATIONSHIP
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Twips
from docx.text.paragraph import Paragraph

from kaohe.reports.pictures.charts import axis_of, bar_layout, colours_of, description, radar_axis, readable_on, values
from kaohe.reports.pictures.drawing import PALE, Drawing, svg_text
from kaohe.reports.pictures.png import png_bytes
from kaohe.reports.sheet import Picture, PictureKind, Sheet

_VECTORS: Final = (
    '<a:extLst {0}><a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}"><asvg:svgBlip r:embed="{1}" '
    'xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main"/></a:ext></a:extLst>'
)
"""How the format says that a picture of pixels has vectors too."""
_TYPES: Final = {
    PictureKind.BARS: {"type": "bar", "subtype": "percent_stacked"},
    PictureKind.LINES: {"type": "line"},
    PictureKind.RADAR: {"type": "radar"},
}
_FONT: Final = {"name": "仿宋", "size": 9}
_TWIPS_A_PIXEL: Final = 15
_INSET: Final = 8
"""Pixels that a chart is narrower at both sides than its table."""


def add_picture(paragraph: Paragraph, drawing: Drawing, fonts: Sequence[Path]) -> bool:
    """Put a picture into a paragraph of a Word document; False where no font is one to write its words in."""
    pixels = png_bytes(drawing, fonts)
    if pixels is None:
        return False
    paragraph.add_run().add_picture(BytesIO(pixels), Twips(drawing.width), Twips(drawing.height))
    part = paragraph.part
    name = PackURI(f"/word/media/drawing{len(part.rels)}.svg")
    vectors = part.relate_to(Part(name, "image/svg+xml", svg_text(drawing).encode(), part.package), RELATIONSHIP.IMAGE)
    for about in paragraph._p.iter(qn("wp:docPr")):  # noqa: SLF001 -- the library writes no description
        about.set("descr", drawing.description)
    for shown in paragraph._p.iter(qn("a:blip")):  # noqa: SLF001 -- the library knows no vectors
        shown.append(parse_xml(_VECTORS.format(nsdecls("a", "r"), vectors)))
    return True


def add_chart(book: Any, worksheet: Any, sheet: Sheet, drawing: Drawing, at: tuple[int, int, int]) -> None:  # noqa: ANN401 -- XlsxWriter ships no types
    """Put a chart of a sheet's own cells where its picture stands.

    ``at`` is the row of the picture, that of the table's head, and the room left of the picture in twips. The first row
    of the table follows its head.
    """
    picture = sheet.picture
    if picture is None:
        return
    row, head, left = at
    chart = book.add_chart(_TYPES[picture.kind])
    for series in _series(worksheet.get_name(), sheet, picture, head):
        chart.add_series(series)
    chart.set_title({"none": True})
    chart.set_legend({"position": "top", "font": _FONT})
    words = {"num_font": _FONT, "line": {"color": PALE}, "major_gridlines": {"visible": False}}
    scale = {"num_font": _FONT, "major_gridlines": {"visible": True, "line": {"color": PALE}}, **_ends(sheet)}
    if picture.kind is PictureKind.BARS:
        # The first row stands on top, and the scale stays below.
        chart.set_y_axis({**words, "reverse": True, "interval_unit": 1})
        chart.set_x_axis({**scale, "label_position": "high"})
        place = bar_layout(drawing, picture)
        chart.set_plotarea({"layout": place})
        chart.set_legend({"position": "top", "font": _FONT, "layout": {**place, "y": 0.0, "height": place["y"] * 0.6}})
    else:
        chart.set_x_axis(words)
        chart.set_y_axis(scale)
    chart.set_chartarea({"border": {"none": True}})
    # A chart that stands over the last column would make the page wider and everything on it smaller.
    width = drawing.width // _TWIPS_A_PIXEL - 2 * _INSET
    chart.set_size({"width": width, "height": drawing.height // _TWIPS_A_PIXEL})
    about = {"x_offset": left // _TWIPS_A_PIXEL + _INSET, "description": description(picture), "object_position": 2}
    worksheet.insert_chart(row, 0, chart, about)


def _series(tab: str, sheet: Sheet, picture: Picture, head: int) -> Iterator[dict[str, object]]:
    first, last = head + sheet.head_row_count, head + sheet.head_row_count + picture.row_count - 1
    colours = colours_of(sheet, picture)
    if picture.kind is PictureKind.LINES:
        start, end = picture.value_columns[0], picture.value_columns[-1]
        for at, colour in enumerate(colours):
            yield {
                "name": [tab, first + at, picture.label_column],
                "categories": [tab, head, start, head, end],
                "values": [tab, first + at, start, first + at, end],
                **_line(colour, at),
            }
        return
    for at, (column, colour) in enumerate(zip(picture.value_columns, colours, strict=True)):
        yield {
            "name": sheet.columns[column].full_label,
            "categories": [tab, first, picture.label_column, last, picture.label_column],
            "values": [tab, first, column, last, column],
            **(
                {"fill": {"color": colour}, "data_labels": _labels(colour), "gap": 25}
                if picture.kind is PictureKind.BARS
                else _line(colour, at)
            ),
        }


def _labels(colour: str) -> dict[str, object]:
    """The number in each part of a bar; none where it is 0."""
    return {"value": True, "num_format": "0;;", "font": {**_FONT, "color": readable_on(colour)}}


def _line(colour: str, at: int) -> dict[str, object]:
    line = {"color": colour, "width": 2, "dash_type": "dash" if at % 2 else "solid"}
    return {
        "line": line,
        "marker": {"type": "square", "size": 5, "fill": {"color": colour}, "border": {"color": colour}},
    }


def _ends(sheet: Sheet) -> dict[str, float]:
    """Where the axis begins and ends, as on the other papers; a chart knows only floats, and shows the cells beside."""
    picture = sheet.picture
    if picture is None or picture.kind is PictureKind.BARS:
        return {}
    numbers = [number for row in values(sheet, picture) for number in row if number is not None]
    axis = radar_axis(numbers) if picture.kind is PictureKind.RADAR else axis_of(numbers)
    return {"min": float(axis.low), "max": float(axis.high), "major_unit": float(axis.step)}
