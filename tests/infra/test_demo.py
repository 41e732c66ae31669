"""A demo begins from nothing, and never at the cost of someone's events."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.errors import SettingsError
from infra.commands.demo import _begin_anew, _mark
from infra.home import Home
from infra.settings import Settings


def take_in(settings: Settings, source: str) -> int:
    """One model event of a source. → the head of the log."""
    event = {
        "specversion": "1.0", "id": f"{source}-1", "source": source,
        "type": "worker.appointed.v1", "time": "2026-01-01T00:00:00Z",
        "data": {"worker_id": "w-1", "role": "director", "place": "520526114206",
                 "weekly_hours": 8},
    }  # fmt: skip
    event["data"]["worker_id"] += source[-1]
    with Home(settings) as home:
        (outcome,) = home.intake.submit([json.dumps(event).encode()])
        assert outcome.status == "accepted", outcome
        return home.log.head()


@pytest.fixture
def demo(tmp_path: Path) -> Settings:
    """A directory in which a demo was done."""
    settings = Settings(tmp_path)
    _begin_anew(settings, 10, 1)
    _mark(settings, 10, 1, take_in(settings, "//county.example/a"))
    return settings


def test_a_second_demo_clears_the_first(demo: Settings) -> None:
    take_in(demo, "shouhe/pages")
    _begin_anew(demo, 10, 1)
    assert not demo.events_path.exists()
    assert not demo.master_key_path.exists()


def test_events_of_others_are_not_erased_by_a_demo(demo: Settings) -> None:
    head = take_in(demo, "//school.example/b")
    with pytest.raises(SettingsError, match="1 events of others"):
        _begin_anew(demo, 10, 1)
    with Home(demo) as home:
        assert home.log.head() == head


def test_a_log_that_is_no_demos_is_never_touched(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    take_in(settings, "//school.example/b")
    with pytest.raises(SettingsError, match="not a demo's"):
        _begin_anew(settings, 10, 1)


def test_a_demo_that_was_cut_off_can_be_begun_again(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    _begin_anew(settings, 10, 1)
    take_in(settings, "//county.example/a")
    _begin_anew(settings, 10, 1)
    assert not settings.events_path.exists()
