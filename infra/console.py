"""What a command prints: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

PRINTED = 120
"""Columns of a table that goes to a file or a pipe."""

DONE, FAILED, WRONG_USAGE, WITH_REJECTIONS = 0, 1, 2, 3
"""Exit codes; a contract."""

_out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PRINTED)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


class Advance(Protocol):
    """Tells a progress bar how far the work has come, and of how much."""

    def __call__(self, done: int, total: int | None = None) -> None: ...


def out(text: object) -> None:
    """A line for people, on standard output. Square brackets are printed as they are."""
    _out.print(text, markup=False)


def note(text: str) -> None:
    """A remark on standard error, so that standard output stays machine-readable."""
    _err.print(text, markup=False)


def emit_json(value: Any) -> None:
    """One JSON value and a newline on standard output."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table for people. Cells are shown as text."""
    grid = Table(title=title, title_justify="left", show_lines=False)
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*(str(cell) for cell in row))
    _out.print(grid, markup=False)


@contextmanager
def progress(label: str) -> Iterator[Advance]:
    """A progress bar on standard error; silent when that is not a terminal."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=_err,
        disable=not _err.is_terminal,
        transient=True,
    ) as bar:
        task = bar.add_task(label, total=None)

        def advance(done: int, total: int | None = None) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
