"""Logs: one JSON object a line, and nothing of any person."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import StringIO

import pytest

from domain.errors import ShouheError
from infra.running import logs


@pytest.fixture
def said() -> Iterator[object]:
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook, threading.excepthook
    stream = StringIO()
    logs.configure(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level, sys.excepthook, threading.excepthook = before


def test_a_line_is_an_object_with_the_fields_that_may_be_logged(said) -> None:
    extra = {"stage": "relay", "position": 7, "child": "苗禾穗"}
    logging.getLogger("shouhe.x").info("relayed %d", 5, extra=extra)
    (line,) = said()
    assert line.pop("at").endswith("+00:00")
    assert line.pop("process") == os.getpid()
    assert line == {"level": "INFO", "logger": "shouhe.x", "message": "relayed 5",
                    "stage": "relay", "position": 7}  # fmt: skip


@pytest.mark.parametrize("number", [
    "529901201503070017", "52990120150307001X", "52990120150307001x", "529901 20150307 0017",
    "0529901201503070017", "５２９９０１２０１５０３０７００１７",
    "13812345678", "+8613812345678", "8613812345678", "+86 138 1234 5678", "138-1234-5678",
    "１３８１２３４５６７８",
])  # fmt: skip
def test_numbers_of_persons_are_masked(said, number: str) -> None:
    logging.getLogger("shouhe.x").warning("refused %s", f"v={number}.")
    logging.getLogger("shouhe.x").warning("refused", extra={"topic": f"v={number}."})
    first, second = said()
    assert not set(first["message"]) & set("0123456789０１２３４５６７８９")
    assert first["message"].startswith("refused v=***")
    assert second["topic"] == first["message"].removeprefix("refused ")


@pytest.mark.parametrize("text", ["48210", "offset 1732422917000", "2026-11-24T04:33:17", "0.25 s"])
def test_other_numbers_stay(text: str) -> None:
    assert logs.masked(text) == text


def test_of_another_librarys_message_the_values_are_left_out(said) -> None:
    logging.getLogger("kafka.net").error("can't send %r", {"name": "苗禾穗"})
    logging.getLogger("kafka.net").info("chatter")
    (line,) = said()
    assert line["message"] == "can't send %r"


def test_of_a_strange_error_its_type_and_place_are_told_and_not_its_words(said) -> None:
    try:
        int("苗禾穗")
    except ValueError as error:
        words = logs.message_of(error)
        logging.getLogger("shouhe.x").exception("failed: %s", words)
    (line,) = said()
    assert (line["message"], line["error"]) == ("failed: ValueError", "ValueError")
    assert line["where"].startswith("test_logs.py:")
    assert "苗禾穗" not in json.dumps(line, ensure_ascii=False)


def test_of_a_message_that_quotes_an_error_only_the_first_line_is_told(said) -> None:
    error = ValueError("苗禾穗")
    asyncio = logging.getLogger("asyncio")
    asyncio.error(f"Task exception was never retrieved\nfuture: <Task exception={error!r}>")
    logging.getLogger("kafka.x").error(error)
    assert [line["message"] for line in said()] == [
        "Task exception was never retrieved", "ValueError",
    ]  # fmt: skip


def test_a_message_that_does_not_fit_its_values_is_told_without_them(said) -> None:
    record = logging.LogRecord("shouhe.x", logging.INFO, "x.py", 1, "took %d", ("苗禾穗",), None)
    assert json.loads(logs.JsonLines().format(record))["message"] == "took %d"


ENDS = """
import threading
from infra.running import logs
logs.configure()
other = threading.Thread(target=lambda: int("苗禾穗"), name="other")
other.start()
other.join()
int("苗禾穗")
"""


def test_what_ends_a_thread_or_the_process_is_logged_the_same() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=30, check=False
    )
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert ended.returncode == 1
    assert [(each["message"], each["error"]) for each in lines] == [
        ("thread other ends: ValueError", "ValueError"), ("ends: ValueError", "ValueError"),
    ]  # fmt: skip
    assert "苗禾穗" not in ended.stderr


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_line_is_for_people(said) -> None:
    screen = Terminal()
    logs.configure(screen)
    told = {"stage": "relay", "count": 5}
    logging.getLogger("shouhe.x").warning("fails:\nv=13812345678", extra=told)
    assert screen.getvalue()[8:] == " WARNING relay: fails: v=*** (count=5)\n"


def test_our_own_errors_speak() -> None:
    assert logs.message_of(ShouheError("kafka: no broker")) == "kafka: no broker"
