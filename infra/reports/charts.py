"""Charts that Word, WPS and Excel draw themselves, from numbers that stay in the file.

One drawing for both: XlsxWriter makes it in a workbook; a document takes the same drawing, with the
workbook inside, so that an official may open and change its numbers.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import msgspec
import xlsxwriter
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Cm

COLOURS = ("#2b6cb0", "#2f7d5b", "#d9902f", "#b4413c", "#7c5cad", "#7b8794")
DASHES = ("solid", "dash", "round_dot", "long_dash", "square_dot", "dash_dot")
MARKERS = ("circle", "square", "triangle", "diamond", "x", "star")
"""Lines are told apart in black and white print, too."""
FONT = "宋体"
CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

INLINE = """
<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 distT="0" distB="0" distL="0" distR="0">
<wp:extent cx="{width}" cy="{height}"/><wp:docPr id="{id}" name="图{id}" descr="{title}"/>
<wp:cNvGraphicFramePr/>
<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">
<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">
<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="{relation}"/>
</a:graphicData></a:graphic></wp:inline></w:drawing>
"""
NUMBERS = "rId1"
"""The relation from a drawing to the workbook of its numbers."""
PRINT = b"<c:printSettings>"
EXTERNAL = b'<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData>'
SERIES_END, STRAIGHT = b"</c:ser>", b'<c:smooth val="0"/>'
"""Between two months nothing is known: no curve."""
WIDTH, HEIGHT = Cm(15.6), Cm(7.8)


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """Some series over the same labels.

    kind     line, or bar (lying: names of places are long)
    series   name → a value a label; None: nothing to say
    """

    title: str
    kind: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[float | None]]
    number: str = "0%"
    top: float | None = None
    stacked: bool = False


def draw(book: Any, chart: Chart, sheet: str, row: int, column: int) -> Any:
    """XlsxWriter's chart over a block of cells: header at (row, column), a line a label below."""
    subtype = {"subtype": "stacked"} if chart.stacked else {}
    drawn = book.add_chart({"type": chart.kind, **subtype})
    last = row + len(chart.labels)
    for index in range(len(chart.series)):
        colour = COLOURS[index % len(COLOURS)]
        looks: dict[str, Any] = (
            {
                "line": {"color": colour, "width": 2, "dash_type": DASHES[index % len(DASHES)]},
                "marker": {"type": MARKERS[index % len(MARKERS)], "size": 5,
                           "fill": {"color": colour}, "border": {"color": colour}},
            }
            if chart.kind == "line"
            else {"fill": {"color": colour}, "gap": 60}
        )  # fmt: skip
        drawn.add_series(
            {
                "name": [sheet, row, column + 1 + index],
                "categories": [sheet, row + 1, column, last, column],
                "values": [sheet, row + 1, column + 1 + index, last, column + 1 + index],
                **looks,
            }
        )
    _dress(drawn, chart)
    return drawn


def _dress(drawn: Any, chart: Chart) -> None:
    words = {"name": FONT, "size": 10, "bold": False}
    names: dict[str, Any] = {"num_font": words, "line": {"color": "#9aa5b1"}}
    numbers: dict[str, Any] = {
        "num_font": words,
        "num_format": chart.number,
        "min": 0,
        "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": "#e4e7eb"}},
    }
    if chart.top is not None:
        numbers["max"] = chart.top
    if chart.kind == "bar":  # lying: the first at the top, the scale below
        drawn.set_y_axis({**names, "reverse": True, "crossing": "max"})
        drawn.set_x_axis(numbers)
    else:
        drawn.set_x_axis(names)
        drawn.set_y_axis(numbers)
    title = {"name": FONT, "size": 12, "bold": True}
    drawn.set_title({"name": chart.title, "name_font": title})
    many = len(chart.series) > 1
    drawn.set_legend({"position": "bottom", "font": words} if many else {"none": True})
    drawn.show_blanks_as("gap")
    drawn.set_chartarea({"border": {"none": True}})


def workbook(chart: Chart, created: datetime) -> bytes:
    """A workbook of one chart and its numbers."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.set_properties({"created": created})
        sheet = book.add_worksheet("数据")
        sheet.write_row(0, 1, list(chart.series))
        sheet.write_column(1, 0, list(chart.labels))
        form = book.add_format({"num_format": chart.number})
        for index, values in enumerate(chart.series.values()):
            sheet.write_column(1, 1 + index, values, form)
        sheet.insert_chart("H2", draw(book, chart, "数据", 0, 0))
    return made.getvalue()


def place(document: Document, chart: Chart, number: int, created: datetime) -> None:
    """A chart as a paragraph of its own."""
    held = workbook(chart, created)
    with zipfile.ZipFile(io.BytesIO(held)) as parts:
        drawing = parts.read("xl/charts/chart1.xml").replace(PRINT, EXTERNAL + PRINT)
    if chart.kind == "line":
        drawing = drawing.replace(SERIES_END, STRAIGHT + SERIES_END)
    package = document.part.package
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), CHART_TYPE, drawing, package)
    book = Part(PackURI(f"/word/embeddings/chart{number}.xlsx"), BOOK_TYPE, held, package)
    part.load_rel(RELATIONSHIP_TYPE.PACKAGE, book, NUMBERS)
    relation = document.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    inline = INLINE.format(
        width=WIDTH, height=HEIGHT, id=number, title=escape(chart.title), relation=relation
    )
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run().element.append(parse_xml(inline))
