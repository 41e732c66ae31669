"""How the rooms look and how they reach ClickHouse: the same client for every notebook."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import altair as alt

from domain.child_file import Category
from domain.event import SHANGHAI
from infra.settings import Settings, from_environment
from infra.warehouse import connect
from risk.training import OUR_OWN

FONT = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
INK, SOFT, GREEN, AMBER, RED, BLUE = (
    "#1f2933", "#9aa5b1", "#2f7d5b", "#d9902f", "#b4413c", "#2b6cb0",
)  # fmt: skip
STEPS = [GREEN, AMBER, BLUE, RED, "#7c5cad", SOFT]
"""Told apart by readers who don't see red and green apart, too: they differ in lightness."""


@alt.theme.register("shouhe", enable=True)
def theme() -> alt.theme.ThemeConfig:
    """Few lines, one font, no box."""
    words = {"labelFont": FONT, "titleFont": FONT, "labelColor": INK, "titleColor": INK}
    return {
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "range": {"category": STEPS},
            "axis": {**words, "grid": False, "domainColor": SOFT, "tickColor": SOFT,
                     "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
            "axisQuantitative": {"labelFlush": False, "grid": True, "gridColor": "#e4e7eb", "domain": False},
            "legend": {**words, "labelFontSize": 12, "titleFontSize": 12, "orient": "top"},
            "title": {"font": FONT, "fontSize": 15, "color": INK, "anchor": "start",
                      "subtitleFont": FONT, "subtitleColor": "#52606d", "subtitleFontSize": 12},
        }
    }  # fmt: skip


def analyst(home: str = "") -> Any:
    """A read-only ClickHouse client: of the running `shouhe serve`, or embedded where none runs."""
    settings = Settings(Path(home)) if home else from_environment()
    return connect(settings, user="analyst")


def today() -> date:
    """Today in Shanghai."""
    return datetime.now(SHANGHAI).date()


def last_day(client: Any) -> date:
    """The last Shanghai day on which something happened; today for an empty log."""
    found, last = client.query(
        "SELECT count(), toDate(max(occurred_at), 'Asia/Shanghai') FROM events"
        f" WHERE type NOT IN {OUR_OWN}"
    ).result_rows[0]
    return last if found else today()


def categories() -> list[Category]:
    """The categories of children, with their labels."""
    return list(Category)
