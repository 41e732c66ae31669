"""Logs for machines: one JSON object a line on stderr. No personal data, whatever is logged.

Of an error that isn't ours only its type and its place are told: a database's message quotes rows.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

import msgspec

from domain.errors import ShouheError

EXTRA = (
    "stage", "position", "topic", "partition", "first", "last", "count", "seconds",
    "error", "code", "where", "address",
)  # fmt: skip
"""Fields beside the message that may be logged: `logger.info(…, extra={…})`."""

OWN = "shouhe"
"""Our loggers' root. Libraries speak only when something is wrong, and without values."""

_NUMBER = re.compile(
    r"\d{17,}[\dXx]|\d{6}[ -]\d{8}[ -]\d{3}[\dXx]"  # an id number, whatever stands around it
    r"|(?<!\d)(?:\+?86[ -]?)?[1１][3-9３-９]\d(?:[ -]?\d{4}){2}(?!\d)"  # a mobile number
)
"""As they are typed: with a country code, in groups, in full-width digits."""

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


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """What is said of a record: when, how bad, by whom, the message and the allowed fields."""
    said: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "process": record.process,
        "logger": record.name,
        "message": masked(_words(record)),
    }
    if record.exc_info and record.exc_info[1] is not None:
        said |= told(record.exc_info[1])
    for name in EXTRA:
        if (value := getattr(record, name, None)) is not None:
            said[name] = value if isinstance(value, int | float) else masked(str(value))
    return said


def _words(record: logging.LogRecord) -> str:
    """Our message with its values; a library's without. An error is never quoted."""
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    if record.name.partition(".")[0] == OWN:
        try:
            return record.getMessage()
        except (TypeError, ValueError, KeyError):  # logging would print the values in its complaint
            return record.msg
    return record.msg.partition("\n")[0]  # asyncio quotes the error in the lines that follow


class JsonLines(logging.Formatter):
    """`{"at": …, "level": …, "process": …, "logger": …, "message": …}` and the allowed fields."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        return msgspec.json.encode(fields(record)).decode()


class ForPeople(logging.Formatter):
    """The same on a terminal: `12:00:00 WARNING relay: fails: BrokerError (error=BrokerError)`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; times in UTC."""
        said = fields(record)
        at, level, who = said["at"][11:19], said["level"], said.pop("stage", said["logger"])
        rest = ", ".join(f"{name}={said[name]}" for name in EXTRA if name in said)
        message = " ".join(said["message"].split())
        return f"{at} {level} {who}: {message}" + (f" ({rest})" if rest else "")


def configure(stream: TextIO | None = None) -> None:
    """All loggers to a stream (stderr): JSON lines, or on a terminal lines for people.

    So is what ends the process or a thread: Python's own trace quotes values.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ForPeople() if stream.isatty() else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OWN).setLevel(logging.INFO)
    sys.excepthook = _ended
    threading.excepthook = _thread_ended


def _ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        words = message_of(error)
        logging.getLogger(OWN).critical("ends: %s", words, exc_info=(kind, error, trace))


def _thread_ended(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
        name = args.thread.name if args.thread else "?"
        logging.getLogger(OWN).error(
            "thread %s ends: %s", name, message_of(args.exc_value),
            exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
        )  # fmt: skip
