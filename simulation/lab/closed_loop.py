"""A year of weeks under each policy, on the same lives.

`harm days` are days of hidden serious harm within the year, over all children. Prevented: those of
the county in which directors go only where they are asked to, less those under a policy. The same
seed gives every policy the same families, departures, illnesses and beginnings of harm (each turn
of a life draws from chance of its own), so that what differs is what visits did.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple

import msgspec

from domain.duty_settings import SETTINGS
from domain.duty_settings import Setting as DutySetting
from domain.errors import ShouheError
from domain.visit_list import Rules
from simulation.county import simulate
from simulation.lab.policies import POLICIES, Policy, Steersman
from simulation.lab.record import Record
from simulation.parameters import Parameters
from simulation.truth import Truth
from simulation.variants import Variant, variant

HISTORY = timedelta(days=7 * 78)
"""How long the county lives by its own habits before the year begins."""

YEAR = timedelta(days=7 * 52)

HELP_DAYS = 22
"""From the day on which harm is seen to its end: 5 to 40 (simulation.harm)."""


LAW = tuple(each if each.is_law else msgspec.structs.replace(each, value=366) for each in SETTINGS)
"""Duty as the law numbers it; T8.7's "more often", without a number there, is the list's to say."""


class Episode(NamedTuple):
    """Hidden harm of one child, in ordinal days; found 0: never."""

    child: str
    start: int
    end: int
    found: int
    by: str


class Look(NamedTuple):
    """The way to a child in harm that nobody has seen; end: when it would be over by itself."""

    child: str
    day: int
    chance: float
    end: int


class Watch(Truth):
    """Keeps episodes, for counting afterwards; no policy sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.episodes: list[Episode] = []
        self.hazards: dict[str, float] = {}
        self.harmed: dict[str, tuple[int, int]] = {}
        self.looks: list[Look] = []

    def hazard(self, child: str, day: str, hazard: float, in_harm: bool) -> None:
        """This week's rate; only the ceiling `truth` reads it."""
        del day, in_harm
        self.hazards[child] = hazard

    def unseen(self, child: str, monday: int, end: int) -> None:
        """Only the `oracle` reads it."""
        self.harmed[child] = (monday, end)

    def looked(self, child: str, day: int, chance: float, end: int) -> None:
        """One way; counted afterwards."""
        self.looks.append(Look(child, day, chance, end))

    def episode(self, child: str, harm: str, span: tuple[int, int], found: int, by: str) -> None:
        """An episode that is over."""
        del harm
        self.episodes.append(Episode(child, *span, found, by))


class Lived(msgspec.Struct, frozen=True, kw_only=True):
    """What a year under a policy came to.

    harm_days     child → days of serious harm in the year
    detection     days from the beginning of harm to its being seen; never seen: to its end
    found         how much was seen, and how much of it at visits
    missed        child-weeks with an overdue visit ÷ child-weeks
    groups        child → the groups it belongs to, as recorded
    saved         child → harm days of the year that visits spare it, each visit by its chance to
                  see what is there; without what follows from it
    """

    policy: str
    seed: int
    children: int
    harm_days: dict[str, int]
    episodes: int
    detection: float
    found: int
    found_at_visits: int
    visits: int
    missed: float
    groups: dict[str, tuple[str, ...]]
    houses: dict[str, str]
    saved: dict[str, float] = {}

    @property
    def total(self) -> int:
        """Harm days of all children."""
        return sum(self.harm_days.values())


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What all policies have in common.

    begin    the Monday on which the year begins
    hours    a factor on every director's hours
    duties   the numbers of the duty rules
    variant  the number of another county (simulation.variants), whose year is the drifted one
    """

    children: int = 2000
    begin: date = date(2025, 3, 3)
    county: str = "520526"
    hours: float = 1.0
    rules: Rules = Rules()
    duties: tuple[DutySetting, ...] = LAW
    variant: int | None = None

    def place(self) -> Variant:
        """The county: its code, its numbers, and those of the year."""
        if self.variant is not None:
            made = variant(self.variant)
        else:
            made = Variant(self.county, Parameters(), Parameters())
        return made._replace(params=self._hours(made.params), drifted=self._hours(made.drifted))

    def _hours(self, par: Parameters) -> Parameters:
        low, high = par.director_hours
        return replace(par, director_hours=(low * self.hours, high * self.hours))


def live(
    seed: int,
    setting: Setting = Setting(),  # noqa: B008 - frozen
    policies: Sequence[Policy] = POLICIES,
    parts: Mapping[str, Rules] = MappingProxyType({}),
) -> list[Lived]:
    """One year under each policy, after one history by the county's own habits.

    The history is lived once; each policy goes on from it in a process of its own (fork).
    parts   name → rules under which the model's policy is lived once more, and kept by that name
    """
    steersman, watch = Steersman("none", seed, setting.rules, setting.duties), Watch()
    begin = setting.begin
    first = begin - HISTORY
    place = setting.place()
    lines = simulate(
        place.params,
        county=place.county,
        children=setting.children,
        start=first,
        until=begin + YEAR,
        seed=seed,
        truth=watch,
        drift=None if setting.variant is None else (begin, place.drifted),
        steer=(begin, steersman.choose),
        fates=True,
    )
    _feed(steersman, lines, first.toordinal(), begin.toordinal())
    ways = [_Way(policy, policy, setting.rules) for policy in policies]
    ways += [_Way(name, "model", rules) for name, rules in parts.items()]
    return [_go_on(way, steersman, watch, lines, begin) for way in ways]


class _Way(NamedTuple):
    """How a year is lived, and what it is called."""

    name: str
    policy: Policy
    rules: Rules


def _feed(steersman: Steersman, lines: Iterator[bytes], first: int, begin: int) -> None:
    """The history's lines to the record, and a look on each Monday; leaves the year's lines."""
    observe, mark = steersman.record.observe, b'"recordedtime":"'
    monday = first + 7 - (first - 1) % 7
    for line in lines:
        at = line.index(mark) + len(mark)
        while line[at : at + 10] >= date.fromordinal(monday).isoformat().encode():
            steersman.look(monday)
            monday += 7
        observe(line)
        if monday >= begin:
            return


def _go_on(
    way: _Way, steersman: Steersman, watch: Watch, lines: Iterator[bytes], begin: date
) -> Lived:
    """The year under one policy, in a process of its own."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def work() -> None:
        steersman.policy, steersman.rules = way.policy, way.rules
        steersman.hidden, steersman.harmed = watch.hazards, watch.harmed
        for line in lines:
            steersman.record.observe(line)
        theirs.send_bytes(msgspec.msgpack.encode(_count(way.name, steersman, watch, begin)))

    process = context.Process(target=work)
    process.start()
    theirs.close()
    try:
        made = msgspec.msgpack.decode(ours.recv_bytes(), type=Lived)
    except EOFError:
        raise ShouheError(
            f"policy lab: the year under {way.name!r} did not come to its end"
        ) from None
    finally:
        process.join()
    return made


def _count(name: str, steersman: Steersman, watch: Watch, begin: date) -> Lived:
    record, start = steersman.record, begin.toordinal()
    end = start + YEAR.days
    days: dict[str, int] = {}
    spans, found, at_visits, begun = 0, 0, 0, 0
    for each in watch.episodes:
        inside = min(each.end, end) - max(each.start, start)
        if inside > 0:
            days[each.child] = days.get(each.child, 0) + inside
        if start <= each.start < end:
            begun += 1
            spans += (each.found or each.end) - each.start
            found += bool(each.found)
            at_visits += each.by == "visit"
    late, count = (sum(column) for column in zip(*steersman.owed, strict=True))
    present = {key: _groups(record, row, start) for key, row in record.rows.items()}
    return Lived(
        policy=name,
        seed=steersman.seed,
        children=len(record),
        harm_days=days,
        episodes=begun,
        detection=spans / max(1, begun),
        found=found,
        found_at_visits=at_visits,
        visits=sum(day >= start for _, day in record.visits),
        missed=late / max(1, count),
        groups=present,
        houses=_houses(record),
        saved=_saved(watch.looks, start, end),
    )


def _saved(looks: Sequence[Look], start: int, end: int) -> dict[str, float]:
    saved: dict[str, float] = {}
    for each in looks:
        days = min(each.end, end) - (each.day + HELP_DAYS)
        if each.day >= start and days > 0:
            saved[each.child] = saved.get(each.child, 0.0) + each.chance * days
    return saved


def _houses(record: Record) -> dict[str, str]:
    """Siblings are known by their address in the census; carers change."""
    first: dict[str, str] = {}
    return {
        key: first.setdefault(address, key)
        for key, address in zip(record.keys, record.address, strict=True)
    }


def _groups(record: Record, row: int, on: int) -> tuple[str, ...]:
    """The groups of a child, as recorded at the end; age as of the first day."""
    flag = record.flag
    years = (on - flag["birth"][row]) / 365.25
    age: Literal["0–5岁", "6–12岁", "13岁及以上"] = (
        "0–5岁" if years < 6 else "6–12岁" if years < 13 else "13岁及以上"
    )
    found = ["男" if flag["boy"][row] else "女", age]
    found.append("残疾" if flag["disabled"][row] else "非残疾")
    for name, label in (
        ("left_behind", "留守"),
        ("poor", "困境家庭"),
        ("unsupported", "孤儿或无人抚养"),
    ):
        if flag[name][row]:
            found.append(label)
    return tuple(found)
