"""Two languages and two sizes: every text of ours has its English, and a cookie switches."""

from __future__ import annotations

import re
from pathlib import Path

from infra.web import app, models_page, subsidy_desk
from infra.web.english import ENGLISH
from infra.web.navigation import PAGES

TEMPLATES = Path(app.__file__).parent / "templates"

CHINESE = {
    "child_file.html", "subject_copy.html",  # printed for a Chinese office
    "_top.html", "_foot.html",  # the mark and the switch are themselves
    "attachments.html", "break_glass.html", "break_glass_file.html", "looks.html",
    "_glasses.html", "_glass_notices.html", "erasure.html",
}  # fmt: skip
"""Templates that speak Chinese alone."""


def texts() -> set[str]:
    found = {
        text
        for path in TEMPLATES.glob("*.html")
        for _, text in re.findall(r"""\bt\((["'])(.+?)\1[,)]""", path.read_text("utf-8"))
    }
    found |= {text for each in PAGES for text in (each.label, each.what)}
    found |= {*app.SAID.values(), app.FAULT, *subsidy_desk.TITLES.values()}
    return found | {*subsidy_desk.KINDS.values()} | {title for _, title, _ in models_page.ROOMS}


def test_every_text_of_the_pages_is_there_in_english() -> None:
    assert sorted(texts() - ENGLISH.keys()) == []


def test_english_keeps_what_is_filled_in() -> None:
    for chinese, english in ENGLISH.items():
        assert set(re.findall(r"\{(\w+)\}", chinese)) == set(re.findall(r"\{(\w+)\}", english))


def test_no_template_says_chinese_without_its_english() -> None:
    bare = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<[^>]*>", re.DOTALL)
    for path in TEMPLATES.glob("*.html"):
        if path.name in CHINESE:
            continue
        left = re.findall(r"[\u4e00-\u9fff]+", bare.sub("", path.read_text("utf-8")))
        assert left == [], path.name
