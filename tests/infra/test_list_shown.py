"""A list for people says in words what a score means; the number is for machines."""

from __future__ import annotations

from uuid import uuid4

import pytest

from domain.bands import Band
from infra.commands.list_ import show_lists
from infra.visit_lists import Row


def test_a_printed_list_has_the_words_of_a_score_and_never_the_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, unscored = uuid4(), uuid4()
    lines = [
        Row(village_code="520526100201", worker_id="D-1", child_id=child, rank=rank,
            duty="none", score=score, reasons=[])
        for rank, (child, score) in enumerate([(first, 0.8731), (unscored, None)], 1)
    ]  # fmt: skip
    show_lists("2026-W12", lines, {first: Band.FIRST})
    printed = capsys.readouterr().out
    assert Band.FIRST.label in printed
    assert "0.87" not in printed
    assert "–" in printed
