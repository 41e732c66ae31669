"""A workbook made to be printed: titles, headings that stay, widths, number formats, A4."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from infra.reports.standing import Standing
from infra.reports.words import chinese

CELL: dict[str, Any] = {
    "font_name": "宋体", "font_size": 10, "valign": "vcenter", "border": 1,
    "border_color": "#9aa5b1",
}  # fmt: skip
FORMS: dict[str, dict[str, Any]] = {
    "text": {}, "wrap": {"text_wrap": True}, "middle": {"align": "center"},
    "count": {"num_format": "#,##0"}, "rate": {"num_format": "0.0%"},
    "change": {"num_format": "+#,##0;-#,##0;0"}, "day": {"num_format": "yyyy-mm-dd"},
}  # fmt: skip
STRONG = {"bold": True, "bg_color": "#eef2f6"}
HEADING = {"bold": True, "bg_color": "#dbe7f3", "align": "center", "text_wrap": True}
BAR = {
    "type": "data_bar", "bar_color": "#9cc3e6", "bar_solid": True,
    "min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1,
}  # fmt: skip
A4 = 9


class Column(NamedTuple):
    """A column: heading, width in characters, and which of FORMS its cells have."""

    heading: str
    width: float
    form: str = "text"


class Pages:
    """The sheets of a workbook, all of one look. `subject`: how each title begins."""

    TOP = 3
    """Row of the headings: above them the title, what the sheet stands on, and a space."""

    def __init__(self, book: Any, standing: Standing, subject: str) -> None:
        self.book, self._standing, self._subject = book, standing, subject
        self._form = {name: book.add_format(CELL | own) for name, own in FORMS.items()}
        self._strong = {name: book.add_format(CELL | own | STRONG) for name, own in FORMS.items()}
        self._heading = book.add_format(CELL | HEADING)
        self._title = book.add_format({"font_name": "黑体", "font_size": 16, "valign": "vcenter"})
        self._quiet = book.add_format(
            {"font_name": "宋体", "font_size": 9, "font_color": "#52606d"}
        )
        self._late = book.add_format({"font_color": "#b4413c", "bold": True})

    def sheet(
        self, name: str, title: str, columns: Sequence[Column], *, one_page: bool = False
    ) -> Any:
        """A sheet with its headings, to be printed on A4, as wide as the paper."""
        made, position = self.book.add_worksheet(name), self._standing.position
        made.hide_gridlines(2)
        made.set_row(0, 26)
        made.write(0, 0, self._subject + title, self._title)
        made.write(1, 0, f"截至 {chinese(self._standing.as_of)};数据位置 {position}", self._quiet)
        made.set_row(self.TOP, 30)
        for index, column in enumerate(columns):
            made.set_column(index, index, column.width)
            made.write(self.TOP, index, column.heading, self._heading)
        made.freeze_panes(self.TOP + 1, 0)
        made.repeat_rows(self.TOP)
        made.set_paper(A4)
        made.set_landscape()
        made.fit_to_pages(1, 1 if one_page else 0)
        made.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        made.set_footer(f"&L&9守禾 · 数据位置 {position}&C&9第 &P 页 共 &N 页&R&9&A")
        return made

    def rows(
        self, made: Any, columns: Sequence[Column], rows: Sequence[Sequence[Any]],
        *, strong: Sequence[int] = (),
    ) -> int:  # fmt: skip
        """Lines below the headings, those named by number bold. → the row after the last."""
        bold = set(strong)
        for number, row in enumerate(rows):
            forms = self._strong if number in bold else self._form
            for index, value in enumerate(row):
                made.write(self.TOP + 1 + number, index, value, forms[columns[index].form])
        return self.TOP + 1 + len(rows)

    def mark(self, made: Any, end: int, column: int) -> None:
        """What is above 0 in a column stands out."""
        over = {"type": "cell", "criteria": ">", "value": 0, "format": self._late}
        made.conditional_format(self.TOP + 1, column, end - 1, column, over)
