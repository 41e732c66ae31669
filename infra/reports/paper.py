"""An official document in Word: type, margins, headings, tables and page numbers (GB/T 9704)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from infra.reports.sealed import midnight
from infra.reports.standing import Standing

SONG, HEI, FANG, KAI, WESTERN = "宋体", "黑体", "仿宋", "楷体", "Times New Roman"
THREE, FOUR, FIVE, SMALL = Pt(16), Pt(14), Pt(10.5), Pt(9)
"""三号, 四号, 五号, 小五."""
LINE = Pt(28)
CENTRE, RIGHT, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT
HEAD_FILL = "E8EEF4"
RED = RGBColor(0xB4, 0x41, 0x3C)
GREY = RGBColor(0x52, 0x60, 0x6D)


WIDE = {",": "，", ":": "：", ";": "；", "(": "（", ")": "）"}
_CHINESE = "[\u4e00-\u9fff“”（）()、。%]"
_NARROW = re.compile(
    f"(?<={_CHINESE})[,:;()]|[,:;()](?={_CHINESE})|(?<=[0-9]),(?![0-9])|(?<=[0-9])[);:](?=[,。;]|$)"
)
"""Not a comma or colon within a number or a command."""


class Paper:
    """A document as it grows."""

    def __init__(self, title: str, standing: Standing) -> None:
        self.document: Document = docx.Document()
        self._page(f"{title} · 数据位置 {standing.position}")
        self._properties(title, standing)
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = WESTERN, THREE
        _east_asian(style.element, FANG)

    def _page(self, heading: str) -> None:
        section = self.document.sections[0]
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
        section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
        section.different_first_page_header_footer = True
        run = section.header.paragraphs[0].add_run(heading)
        _type(run, SONG, SMALL)
        run.font.color.rgb = GREY
        for footer in (section.footer, section.first_page_footer):
            _page_number(footer.paragraphs[0])

    def _properties(self, title: str, standing: Standing) -> None:
        said, made = self.document.core_properties, midnight(standing.as_of)
        said.title, said.author, said.last_modified_by = title, "守禾", "守禾"
        said.subject, said.comments = f"数据位置 {standing.position}", ""
        said.created, said.modified, said.revision = made, made, 1

    def title(self, text: str) -> None:
        """The title, 二号."""
        for line in text.split("\n"):
            _type(self._paragraph(CENTRE, indent=False).add_run(line), SONG, Pt(22), bold=True)
        self._paragraph(LEFT, indent=False)

    def heading(self, text: str) -> None:
        """一、…"""
        run = self._paragraph(keep=True, outline=0).add_run(formal(text))
        _type(run, HEI, THREE)

    def second(self, text: str) -> None:
        """(一)…"""
        run = self._paragraph(keep=True, outline=1).add_run(formal(text))
        _type(run, KAI, THREE)

    def text(self, text: str, *, lead: str = "") -> None:
        """A paragraph; its `lead` in bold."""
        paragraph = self._paragraph()
        if lead:
            _type(paragraph.add_run(lead), FANG, THREE, bold=True)
        _type(paragraph.add_run(formal(text)), FANG, THREE)

    def addressed(self, text: str) -> None:
        """主送机关, without indent."""
        _type(self._paragraph(indent=False).add_run(formal(text)), FANG, THREE)

    def signed(self, *lines: str) -> None:
        """落款, to the right."""
        self._paragraph()
        for line in lines:
            paragraph = self._paragraph(RIGHT, keep=True)
            paragraph.paragraph_format.right_indent = Cm(1.5)
            _type(paragraph.add_run(line), FANG, THREE)

    def caption(self, text: str) -> None:
        """What the table below shows."""
        paragraph = self._paragraph(CENTRE, indent=False, keep=True)
        paragraph.paragraph_format.space_before = Pt(6)
        _type(paragraph.add_run(formal(text)), HEI, FIVE)

    def new_page(self) -> None:
        """What follows begins a page."""
        self._paragraph(indent=False).add_run().add_break(WD_BREAK.PAGE)

    def table(
        self, headings: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]],
        *, left: int = 1, late: int = -1,
    ) -> None:  # fmt: skip
        """A table with a heading row that comes again on every page.

        widths   in centimetres
        left     how many columns are words, to the left; the others are figures, to the right
        late     the column that is red where it is not 0
        """
        table = self.document.add_table(1 + len(rows), len(headings), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        _margins(table)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        for number, row in enumerate([headings, *rows]):
            _row(table.rows[number], row, widths, left=left, late=late, head=number == 0)
        self._paragraph(indent=False).paragraph_format.line_spacing = Pt(10)

    def _paragraph(
        self, align: Any = None, *, indent: bool = True, keep: bool = False, outline: int = -1
    ) -> Any:
        paragraph = self.document.add_paragraph()
        form = paragraph.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
        form.space_before = form.space_after = Pt(0)
        form.keep_with_next = keep
        if align is not None:
            form.alignment = align
        if indent and align is None:
            form.first_line_indent = Pt(32)
        if outline >= 0:
            level = OxmlElement("w:outlineLvl")
            level.set(qn("w:val"), str(outline))
            paragraph.paragraph_format.element.get_or_add_pPr().append(level)
        return paragraph


def _row(
    row: Any, texts: Sequence[str], widths: Sequence[float], *, left: int, late: int, head: bool
) -> None:
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no other way
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))
    for index, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        cell.width = Cm(widths[index])
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.alignment = CENTRE if head else LEFT if index < left else RIGHT
        run = paragraph.add_run(formal(text))
        _type(run, HEI if head else SONG, SMALL)
        if head:
            _fill(cell, HEAD_FILL)
        elif index == late and text not in ("0", "", "—"):
            run.font.color.rgb, run.font.bold = RED, True


def _margins(table: Any) -> None:
    """A millimetre left and right of the text of a cell."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "57")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look = table._tbl.tblPr.find(qn("w:tblLook"))  # noqa: SLF001 - python-docx has no other way
    look.addprevious(margins)  # the schema says in which order


def _fill(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - python-docx has no other way


def formal(text: str) -> str:
    """Punctuation as wide as the characters beside it, as official documents have it."""
    return _NARROW.sub(lambda found: WIDE[found[0]], text)


def _type(run: Any, font: str, size: Any, *, bold: bool = False) -> None:
    run.font.name, run.font.size, run.font.bold = WESTERN, size, bold
    _east_asian(run.element, font)


def _east_asian(element: Any, font: str) -> None:
    """The font of Chinese characters, which python-docx leaves alone."""
    element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _page_number(paragraph: Any) -> None:
    """— 3 —"""
    paragraph.alignment = CENTRE
    for kind, text in (
        ("text", "— "),
        ("begin", ""),
        ("code", "PAGE"),
        ("end", ""),
        ("text", " —"),
    ):
        run = paragraph.add_run(text if kind == "text" else "")
        _type(run, SONG, FOUR)
        if kind == "code":
            code = OxmlElement("w:instrText")
            code.text = text
            run.element.append(code)
        elif kind != "text":
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run.element.append(mark)
