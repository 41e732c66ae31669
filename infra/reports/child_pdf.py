"""A child's file on paper: A4, its five parts, pages numbered, its characters embedded."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import TableCellFillMode, WrapMode, XPos, YPos
from fpdf.fonts import FontFace

from infra.web.child_file import BASICS, ChildFile, details, stated, what, who
from infra.web.telling import Told

FONT = "han"
INK, QUIET, LINE, HEAD = (29, 37, 32), (93, 106, 97), (170, 176, 170), (231, 240, 229)
BODY, SMALL = 10, 8.5
NUMERALS = "一二三四五"
WIDTHS = (21, 34, 92, 33)
"""Millimetres: day, what, how it was, who."""


class _Sheet(FPDF):
    """A4 with the reader and the page's number on every page."""

    def __init__(self, file: ChildFile, font: Path) -> None:
        super().__init__(format="A4")
        self._file = file
        with TTFont(font, lazy=True) as opened:
            self.known = frozenset(opened.getBestCmap())
        self.add_font(FONT, fname=font)
        self.set_font(FONT, size=BODY)
        self.set_margins(15, 16, 15)
        self.set_auto_page_break(True, 18)
        self.set_creation_date(file.made_at)
        self.set_title("一人一档")
        self.set_author("守禾")
        self.set_lang("zh-CN")
        self.alias_nb_pages("{共}")

    def header(self) -> None:
        """Whose file, and that it is not for everyone."""
        self._line(
            10, f"儿童档案(一人一档) {self.said(self._file.person.name)}", "含个人信息 · 注意保密"
        )

    def footer(self) -> None:
        """Who printed it and when; the page."""
        who = f"{self._file.reader.role.label} {self._file.reader.person}"
        left = f"打印:{who} {self._file.today} · 数据位置 {self._file.position}"
        self._line(-13, left, f"第 {self.page_no()} 页 共 {{共}} 页")

    def _line(self, y: float, left: str, right: str) -> None:
        self.set_y(y)
        self.set_font(FONT, size=SMALL)
        self.set_text_color(*QUIET)
        self.cell(self.epw / 2, 5, left)
        self.cell(self.epw / 2, 5, right, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(FONT, size=BODY)
        self.set_text_color(*INK)

    def said(self, text: str) -> str:
        """A text with what the font lacks as its number, never an empty box."""
        return "".join(c if ord(c) in self.known or c == "\n" else f"[U+{ord(c):X}]" for c in text)


def pdf(file: ChildFile) -> bytes:
    """The file as a PDF."""
    with _font() as font:
        sheet = _Sheet(file, font)
        sheet.add_page()
        sheet.set_font(FONT, size=20)
        sheet.cell(
            0, 14, "农村留守儿童和困境儿童档案", align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        for number, (title, told) in enumerate(file.parts.items()):
            _heading(sheet, f"{NUMERALS[number]}、{title}")
            if title == BASICS:
                _basics(sheet, file)
            _told(sheet, told)
        return bytes(sheet.output())


@contextmanager
def _font() -> Iterator[Path]:
    """The font as a file, which fpdf2 asks for."""
    with TemporaryDirectory(prefix="shouhe-") as folder:
        path = Path(folder) / "han.ttf"
        path.write_bytes(_unpacked())
        yield path


@cache
def _unpacked() -> bytes:
    return lzma.decompress((files("infra.reports") / "fonts" / "han.ttf.xz").read_bytes())


def _heading(sheet: _Sheet, text: str) -> None:
    if sheet.will_page_break(30):
        sheet.add_page()
    sheet.ln(3)
    sheet.set_font(FONT, size=13)
    sheet.cell(0, 9, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.set_font(FONT, size=BODY)


def _basics(sheet: _Sheet, file: ChildFile) -> None:
    """What holds now, two to a line."""
    rows = stated(file)
    sheet.set_draw_color(*LINE)
    with sheet.table(
        col_widths=(24, 66, 24, 66), first_row_as_headings=False, line_height=6.5,
        text_align="LEFT", wrapmode=WrapMode.CHAR,
    ) as table:  # fmt: skip
        for pair in zip(rows[::2], [*rows[1::2], ("", "")][: (len(rows) + 1) // 2], strict=True):
            row = table.row()
            for heading, text in pair:
                row.cell(heading, style=FontFace(fill_color=HEAD))
                row.cell(sheet.said(text))
    sheet.ln(3)


def _told(sheet: _Sheet, told: list[Told]) -> None:
    if not told:
        sheet.set_text_color(*QUIET)
        sheet.cell(0, 8, "无记录", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        sheet.set_text_color(*INK)
        return
    sheet.set_font(FONT, size=SMALL)
    with sheet.table(
        col_widths=WIDTHS, line_height=5, text_align="LEFT", wrapmode=WrapMode.CHAR,
        headings_style=FontFace(fill_color=HEAD), cell_fill_mode=TableCellFillMode.NONE,
        repeat_headings=1,
    ) as table:  # fmt: skip
        table.row(("日期", "事项", "内容", "经办"))
        for each in told:
            style = FontFace(color=QUIET) if each.became else None
            row = table.row()
            for text in (f"{each.at:%Y-%m-%d}", what(each), details(each), who(each)):
                row.cell(sheet.said(text), style=style)
    sheet.set_font(FONT, size=BODY)
