"""What the county's services say: CloudEvents lines, given out in the order of recorded time.

Moments are whole seconds of Shanghai time since day 0 (ordinal day * 86,400 + second of the day).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any, NamedTuple, Protocol

import msgspec

from domain.event import Event

DAY = 86_400
_encode = msgspec.json.Encoder().encode


class Desk(NamedTuple):
    """A service that sends events: its source, the role it speaks in, how it names a child."""

    source: str
    role: str
    by_id_number: bool
    prompt: bool = False


APP = Desk("//app.shouhe.example/director", "director", by_id_number=False)
TOWNSHIP = Desk("//app.shouhe.example/township", "supervisor", by_id_number=False)
LEDGER = Desk("//ledger.mz.example/children", "county_officer", by_id_number=True)
REGISTER = LEDGER._replace(prompt=True)
COMMITTEE = Desk("//ledger.mz.example/villages", "village_committee", by_id_number=True)
FAMILIES = Desk("//mini.shouhe.example/families", "parent", by_id_number=True, prompt=True)
TREASURY = Desk("//subsidy.mz.example/payments", "county_officer", by_id_number=True, prompt=True)
SCHOOL = Desk("//jy.example/schools", "school", by_id_number=True)
POLICE = Desk("//ga.example/desk", "police", by_id_number=True, prompt=True)
COURT = Desk("//fy.example/cases", "court", by_id_number=True, prompt=True)
PROCURATOR = Desk("//jcy.example/cases", "procurator", by_id_number=True, prompt=True)
CYBERSPACE = Desk("//wx.example/desk", "cyberspace", by_id_number=True, prompt=True)
EDUCATION = Desk("//jy.example/bureau", "education", by_id_number=True, prompt=True)
YOUTH = Desk("//tw.example/activities", "youth_league", by_id_number=True)
WOMEN = Desk("//fl.example/activities", "women_federation", by_id_number=True)
LABOUR = Desk("//rs.example/services", "human_resources", by_id_number=True)
RIVERS = Desk("//hz.example/waters", "river_chief", by_id_number=True)
DISABLED = Desk("//cl.example/rehab", "disabled_federation", by_id_number=True)
HEALTH = Desk("//wj.example/clinics", "health", by_id_number=True)


class Subject(Protocol):
    """Whom an event is about, as the journal needs to know it."""

    @property
    def key(self) -> str: ...
    @property
    def id_number(self) -> str: ...
    @property
    def recorded(self) -> dict[str, int]: ...


class Sent(NamedTuple):
    """What a correction needs to know of an event sent before."""

    id: str
    event: Event
    moment: int
    recorded: int


class Journal:
    """Collects events and gives them out by recorded time. Holds only what is not yet due."""

    def __init__(self, rng: Random, aside: Random, same_day: float, within_week: float) -> None:
        self.count = 0
        self._rng, self._aside = rng, aside
        self.delays(same_day, within_week)
        self._waiting: list[tuple[int, int, bytes]] = []
        self._days: dict[int, str] = {}
        self._last: dict[str, int] = {}

    def delays(self, same_day: float, within_week: float) -> None:
        """From now on, such shares of what people type in are recorded so soon."""
        self._same_day, self._in_week = same_day, same_day + within_week

    def send(
        self,
        desk: Desk,
        event: Event,
        moment: int,
        child: Subject | None = None,
        *,
        actor: str = "",
        rule: str = "",
        corrects: str = "",
        recorded: int = 0,
        nameless: bool = False,
        id_: str = "",
        place: str = "",
        aside: bool = False,
    ) -> Sent:
        """One event. `recorded`: not before this moment. Aggregates keep their order of events.

        An aggregate may begin without a child (a volunteer is checked) and then meet one (is
        paired with it): the meeting is recorded after what was said before.

        aside   of a service that changes no child's fate: its delays are drawn apart, so that
                adding such a service leaves every family's life as it was
        """
        self.count += 1
        cls = type(event)
        rng = self._aside if aside else self._rng
        learned = max(self._learned(rng, desk, moment), recorded)
        key = str(getattr(event, cls.KEY)) if cls.KEY else cls.STREAM
        last = self._last if child is None else child.recorded
        if cls.STREAM == "fact":
            learned = max(learned, last.get("", 0) + 1)
        else:
            before = max(last.get(key, 0), last.get("", 0), self._last.get(key, 0))
            learned = last[key] = max(learned, before + 1)
        body: dict[str, Any] = {
            "specversion": "1.0",
            "id": id_ or f"{self.count:x}",
            "source": desk.source,
            "type": cls.TYPE,
            "time": self._text(moment),
            "recordedtime": self._text(learned),
        }
        if child is not None and not nameless:
            by_number = desk.by_id_number and child.id_number
            body["subject"] = child.id_number if by_number else child.key
        if actor:
            body["actor"] = actor
        body["actorrole"] = desk.role
        if place:
            body["place"] = place
        if rule:
            body["rule"] = rule
        if corrects:
            body["corrects"] = corrects
        body["data"] = {
            name: value
            for name in cls.__struct_fields__
            if (value := getattr(event, name)) is not None
        }
        heapq.heappush(self._waiting, (learned, self.count, _encode(body)))
        return Sent(body["id"], event, moment, learned)

    def until(self, moment: int) -> Iterator[bytes]:
        """Every line recorded before a moment, in order."""
        waiting = self._waiting
        while waiting and waiting[0][0] < moment:
            yield heapq.heappop(waiting)[2]

    def _learned(self, rng: Random, desk: Desk, moment: int) -> int:
        draw = rng.random()
        if desk.prompt or draw < self._same_day:
            return moment + 60 + int(draw * 5000)
        days = 1 + int(rng.random() * 6) if draw < self._in_week else rng.randint(7, 32)
        return (moment // DAY + days) * DAY + 30_000 + int(rng.random() * 34_000)

    def _text(self, moment: int) -> str:
        day, second = divmod(moment, DAY)
        text = self._days.get(day)
        if text is None:
            text = self._days[day] = date.fromordinal(day).isoformat()
        minute, second = divmod(second, 60)
        hour, minute = divmod(minute, 60)
        return f"{text}T{hour:02d}:{minute:02d}:{second:02d}+08:00"
