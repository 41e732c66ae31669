"""The house itself: documents that must stay true, and the size of its rooms."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from domain.contract import catalogue
from infra.cli import COMMANDS, GROUPS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_is_in_the_readme() -> None:
    missing = [name for name in (*COMMANDS, *GROUPS) if f"shouhe {name}" not in README]
    assert missing == []


def test_every_setting_is_in_the_readme() -> None:
    source = (ROOT / "infra" / "settings.py").read_text(encoding="utf-8")
    settings = set(re.findall(r"\bSHOUHE_[A-Z_]+", source))
    assert settings
    assert [name for name in sorted(settings) if f"`{name}`" not in README] == []


def test_only_one_module_reads_the_environment() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for folder in ("domain", "projections", "risk", "infra")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)", path.read_text(encoding="utf-8"))
    ]
    assert readers == ["infra/settings.py"]


def test_the_generated_event_catalogue_is_current() -> None:
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert page == catalogue(), "run `make docs`"


def test_no_file_is_longer_than_500_lines() -> None:
    files = subprocess.run(
        ["git", "ls-files", "*.py", "*.sql", "*.html", "*.css", "*.js"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    long = [f for f in files if len((ROOT / f).read_text(encoding="utf-8").splitlines()) > 500]
    assert long == []


def shouhe(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra", *arguments],
        env={"SHOUHE_HOME": str(home), "PATH": "/usr/bin:/bin"},
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nonsense"], 2, "nonsense"),
        (["list"], 2, "week"),
        (["list", "--week", "2026-W60"], 2, "2026-W60"),
        (["import", "no-such-file.jsonl"], 1, "no-such-file.jsonl"),
        (["schema", "no.such.event"], 2, "no.such.event"),
        (["query", "SELEC 1"], 1, "Syntax error"),
        (["query", "DROP TABLE events"], 1, ""),
        (["forget", str(UUID(int=7))], 1, "000000000007"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_line_and_its_exit_code(
    empty_homes: Callable[[], Path], arguments: list[str], code: int, said: str
) -> None:
    done = shouhe(*arguments, home=empty_homes())
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().count("\n") == 0, done.stderr
    assert done.stdout == ""
