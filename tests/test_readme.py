"""What the README tells a newcomer to type is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.cli import COMMANDS, GROUPS
from infra.home import Home
from infra.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def test_the_events_of_the_readme_land(tmp_path: Path) -> None:
    found = re.search(r"<<'JSONL'\n(.*?)\nJSONL\n", README, re.DOTALL)
    assert found
    lines = found[1].encode().splitlines()
    with Home(Settings(tmp_path)) as home:
        assert [each.status for each in home.intake.submit(lines)] == ["accepted"] * len(lines)


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_every_command_named_is_a_command(name: str) -> None:
    text = (ROOT / name).read_text()
    named = set(re.findall(r"(?m)(?:^|`)shouhe ([a-z-]+)", text))
    assert named <= {*COMMANDS, *GROUPS}
    targets = set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", text))
    makefile = (ROOT / "Makefile").read_text()
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_every_command_stands_in_the_readme() -> None:
    missing = [name for name in (*COMMANDS, "rejected") if f"shouhe {name}" not in README]
    assert missing == []


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "docs/adding-an-event.md"])
def test_every_link_leads_somewhere(name: str) -> None:
    page = ROOT / name
    links = re.findall(r"\]\(([^)#]+)", page.read_text())
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []
