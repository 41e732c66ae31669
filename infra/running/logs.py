"""Logs for machines: one JSON object a line on stderr. No personal data, whatever is logged.

Of an error that isn't ours only its type and its place are told: a database's message quotes rows.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec

from domain.errors import ShouheError

EXTRA = ("stage", "position", "count", "seconds", "error", "code", "where", "address")
"""Fields beside the message that may be logged: `logger.info(…, extra={…})`."""

QUIET = ("kafka", "psycopg", "psycopg.pool", "uvicorn", "eventsourcing", "clickhouse_connect")
"""Libraries that speak only when something is wrong."""

_NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")
_LONGEST = 500


def masked(text: str) -> str:
    """Without 18-digit id numbers and 11-digit mobile numbers, and of bearable length."""
    return _NUMBER.sub("***", text)[:_LONGEST]


def told(error: BaseException) -> dict[str, Any]:
    """What may be said of an error: `error`, `where`, `code`; a message only of our own errors."""
    frames = traceback.extract_tb(error.__traceback__)
    said: dict[str, Any] = {"error": type(error).__name__}
    if frames:
        said["where"] = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}"
    if isinstance(code := getattr(error, "code", None), int | str):
        said["code"] = code
    return said


def message_of(error: BaseException) -> str:
    """Our own errors' words are safe; others may quote what they were given."""
    return masked(str(error)) if isinstance(error, ShouheError) else type(error).__name__


class JsonLines(logging.Formatter):
    """`{"at": …, "level": …, "logger": …, "message": …}` and the allowed extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        own = record.name.startswith("shouhe")
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()) if own else masked(str(record.msg)),
        }
        if record.exc_info and record.exc_info[1] is not None:
            said |= told(record.exc_info[1])
        for name in EXTRA:
            if (value := getattr(record, name, None)) is not None:
                said[name] = masked(value) if isinstance(value, str) else value
        return msgspec.json.encode(said).decode()


def configure(stream: TextIO | None = None) -> None:
    """All loggers to stderr in this form; of other libraries warnings alone, without values."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
