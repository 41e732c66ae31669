"""Logs: one JSON object a line, and nothing of any person."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from domain.errors import ShouheError
from infra.running import logs


@pytest.fixture
def said() -> Iterator[object]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = StringIO()
    logs.configure(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before[0], before[1]


def test_a_line_is_an_object_with_the_fields_that_may_be_logged(said) -> None:
    extra = {"stage": "relay", "position": 7, "child": "苗禾穗"}
    logging.getLogger("shouhe.x").info("relayed %d", 5, extra=extra)
    (line,) = said()
    assert line.pop("at").endswith("+00:00")
    assert line == {"level": "INFO", "logger": "shouhe.x", "message": "relayed 5",
                    "stage": "relay", "position": 7}  # fmt: skip


@pytest.mark.parametrize("number", ["529901201503070017", "52990120150307001X", "13812345678"])
def test_numbers_of_persons_are_masked(said, number: str) -> None:
    logging.getLogger("shouhe.x").warning("refused %s", f"v={number}.")
    assert said()[0]["message"] == "refused v=***."


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


def test_our_own_errors_speak() -> None:
    assert logs.message_of(ShouheError("kafka: no broker")) == "kafka: no broker"
