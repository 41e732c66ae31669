"""`shouhe simulate OUT`: the events of a synthetic county, as CloudEvents JSONL."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Annotated

import zstandard
from cyclopts import Parameter

from domain.errors import SettingsError, WrongUsageError
from infra.console import DONE, Advance, emit_json, note, progress
from simulation import county as county_
from simulation.variants import variant as variant_of

DRIFTED = timedelta(days=365)
"""The last year of another county is not like the years before."""

EVERY = 5000
"""Events between two steps of the progress bar."""


def simulate(
    out: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    county: str = "520526",
    children: int = 5000,
    from_: Annotated[date, Parameter(name="--from")],
    until: date,
    seed: int = 1,
    variant: int = 0,
    truth: str | None = None,
    json: bool = False,
) -> int:
    """Write the events of a synthetic county, in the order in which they were recorded.

    Parameters
    ----------
    out
        File for the events, one CloudEvent a line; `.gz` or `.zst` compresses; `-` is stdout.
    county
        Six digits of a county of Guizhou.
    children
        How many children are ever registered.
    from_
        First day (YYYY-MM-DD).
    until
        The day after the last one.
    seed
        The same seed gives the same bytes.
    variant
        Another county with other rates and habits, drawn from this number (0: the standard one),
        whose last year has drifted; COUNTY is then the variant's own.
    truth
        File for the hidden truth, to judge a model by; no feature may read it.
    json
        Print one JSON object: `events`, `children`, `county`, `from`, `until`, `seed`, `variant`,
        `out`.
    """
    if json and out == "-":
        raise WrongUsageError("OUT: - and --json both want standard output; name a file")
    with ExitStack() as files, progress("simulate") as bar:
        hidden = files.enter_context(opened(truth)) if truth else None
        other = variant_of(variant) if variant else None
        if other is not None:
            county = other.county
        lines = county_.simulate(
            other.params if other is not None else None,
            county=county,
            children=children,
            start=from_,
            until=until,
            seed=seed,
            truth=hidden,
            drift=(until - DRIFTED, other.drifted) if other is not None else None,
        )
        events = write(lines, files.enter_context(opened(out)), bar)
    if json:
        emit_json(
            {
                "events": events,
                "children": children,
                "county": county,
                "from": from_,
                "until": until,
                "seed": seed,
                "variant": variant,
                "out": out,
            }
        )
    else:
        note(f"{events} events of {children} children in {out}")
    return DONE


def write(lines: Iterator[bytes], to: IO[bytes], bar: Advance) -> int:
    """Write lines to a file; returns how many."""
    count = 0
    for line in lines:
        to.write(line + b"\n")
        count += 1
        if count % EVERY == 0:
            bar(count)
    return count


@contextmanager
def opened(path: str | Path) -> Iterator[IO[bytes]]:
    """A binary file to write to, compressed by its ending; `-` is standard output.

    Raises SettingsError where it can't be opened.
    """
    name = str(path)
    if name == "-":
        with nullcontext(sys.stdout.buffer) as to:
            yield to
            to.flush()
        return
    try:
        raw = Path(name).open("wb")  # noqa: SIM115 - closed below; here to tell why it can't open
    except OSError as error:
        raise SettingsError(f"OUT: can't write to {name}: {error.strerror}") from None
    with raw, _packed(raw, name) as to:
        yield to


@contextmanager
def _packed(raw: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    if name.endswith(".gz"):
        with gzip.GzipFile("", "wb", compresslevel=5, fileobj=raw, mtime=0) as to:
            yield to  # type: ignore[misc]  # GzipFile writes bytes, but is no IO[bytes] by name
    elif name.endswith(".zst"):
        with zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False) as to:
            yield to
    else:
        yield raw
