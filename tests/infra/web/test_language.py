"""Two languages and two sizes: every text of ours has its English, and a cookie switches."""

from __future__ import annotations

import re
from pathlib import Path

from domain.looking import SAID
from infra.web import app, attaching, models_page, photos, refusals, review, subject, subsidy_desk
from infra.web.child_file import PARTS
from infra.web.english import ENGLISH
from infra.web.navigation import PAGES

TEMPLATES = Path(app.__file__).parent / "templates"

CODE = TEMPLATES.parent
CHINESE = {"_top.html", "_foot.html"}
"""Templates with words that are themselves in every language: the mark, and the switch."""


def texts() -> set[str]:
    found = {
        text
        for path in (*TEMPLATES.glob("*.html"), *CODE.glob("*.py"))
        for _, text in re.findall(r"""\bt\((["'])(.+?)\1[,)]""", path.read_text("utf-8"))
        if re.search("[\u4e00-\u9fff,、:;]", text) and path.name != "language.py"
    }
    found |= {*PARTS, *SAID.values(), subject.HELD_BACK, attaching.MALFORMED.said, review.DECIDED}
    found |= {each.said for each in photos.REFUSED.values()}
    found |= {text for each in PAGES for text in (each.label, each.what)}
    found |= {*refusals.PAGES.values(), *refusals.FORMS.values(), *refusals.WORDS.values()}
    found |= {
        refusals.FAULT,
        refusals.OVER,
        refusals.FAULT_OF_A_FORM,
        *subsidy_desk.TITLES.values(),
    }
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
