"""Timing, memory and the table of results."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: `ours` and `other` are events (or rows) a second.

    `floor` is the ratio promised; None where only the figure is stated.
    """

    name: str
    ours: float
    other: float
    floor: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times the other's rate ours is."""
        return self.ours / self.other if self.other else 0.0

    @property
    def holds(self) -> bool:
        """True where the promise is kept, or none was made."""
        return self.floor is None or self.ratio >= self.floor


def seconds(work: Callable[[], Any]) -> float:
    """Wall seconds of one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def peak_mib() -> float:
    """Peak resident memory of this process so far, in MiB (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def peak_anew() -> None:
    """Begin to count the peak of `peak_since` anew (Linux, of this process)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_since() -> float:
    """Peak resident memory since `peak_anew`, in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def processor_seconds() -> float:
    """Processor seconds of this process so far, of all its threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
