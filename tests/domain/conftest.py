"""Given these events, when this command, then these events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.child_file import ChildRegistered, Hukou, IDType
from domain.child_state import ChildState
from domain.event import SHANGHAI, Event, event_id
from domain.examples import CHILD, example_place
from domain.identity import make_id_number
from domain.streams import Fact, Occasion, Refusal, apply, correct, new_state, record, retract
from domain.terms import Sex

START = datetime(2025, 1, 1, 9, tzinfo=SHANGHAI)
VILLAGE = "520526100200"


def on_day(number: int) -> datetime:
    """Nine o'clock on the n-th day of the story."""
    return START + timedelta(days=number)


def a_registration(**changes: Any) -> ChildRegistered:
    """A synthetic girl of ten."""
    born = date(2015, 5, 5)
    given: dict[str, Any] = {
        "name": "示例",
        "id_type": IDType.RESIDENT,
        "id_number": make_id_number("529901", born, 2),
        "sex": Sex.GIRL,
        "birth_date": born,
        "hukou_type": Hukou.RURAL,
        "hukou_division": "520526",
        "residence_division": VILLAGE,
    }
    return ChildRegistered(**(given | changes))


def registered_child() -> ChildState:
    """The file of a child that was registered on day 0."""
    file = new_state("child")
    assert isinstance(file, ChildState)
    apply(file, a_registration(), Occasion(on_day(0), on_day(0), CHILD))
    return file


class Story:
    """One stream and what is asked of it. Days count from the start of the story."""

    def __init__(self, child: UUID = CHILD, file: ChildState | None = None) -> None:
        self.history: list[Fact] = []
        self.child = child
        self.file = registered_child() if file is None else file
        self.outcome: Event | Refusal | None = None
        self.place = ""

    def at(
        self, happened: int, recorded: int | None = None, event: Event | None = None
    ) -> Occasion:
        learned = on_day(happened if recorded is None else recorded)
        place = self.place or (VILLAGE if event is None else example_place(type(event)))
        return Occasion(on_day(happened), learned, self.child, place, self.file)

    def given(self, *facts: tuple[int, Event]) -> Story:
        """Facts that were recorded, each accepted."""
        for happened, event in facts:
            self.when(happened, event)
            assert self.outcome == event, self.outcome
        return self

    def when(self, happened: int, event: Event, *, recorded: int | None = None) -> Story:
        at = self.at(happened, recorded, event)
        self.outcome = record(self.history, event, at)
        return self._keep(at)

    def when_corrected(
        self, which: int, event: Event, *, happened: int = 0, recorded: int | None = None
    ) -> Story:
        at, target = self.at(happened, recorded, event), self.history[which].event_id
        self.outcome = correct(self.history, target, event, at)
        return self._keep(at, target)

    def when_retracted(self, which: int) -> Story:
        at, target = self.at(0), self.history[which].event_id
        self.outcome = retract(self.history, target, at)
        return self._keep(at, target)

    def _keep(self, at: Occasion, corrects: UUID | None = None) -> Story:
        if isinstance(self.outcome, Event):
            fact = Fact(
                event_id=event_id("story", str(len(self.history))),
                event=self.outcome,
                occurred_at=at.occurred_at,
                recorded_at=at.recorded_at,
                child_id=at.child_id,
                corrects=corrects or UUID(int=0),
            )
            self.history.append(fact)
        return self

    def then_recorded(self) -> None:
        assert isinstance(self.outcome, Event), self.outcome

    def then_refused(self, code: str, field: str) -> Refusal:
        assert isinstance(self.outcome, Refusal), self.outcome
        assert (self.outcome.code, self.outcome.field) == (code, field)
        assert self.outcome.message
        return self.outcome


@pytest.fixture
def story() -> Story:
    """A stream of a registered child, empty."""
    return Story()


@pytest.fixture
def new_story() -> Callable[..., Story]:
    """Another stream: `new_story(child=..., file=...)`."""
    return Story


@pytest.fixture
def registration() -> Callable[..., ChildRegistered]:
    """A registration with some fields changed."""
    return a_registration


@pytest.fixture
def unregistered() -> ChildState:
    """The file of a child that nobody registered."""
    return ChildState()
