"""What the simulated county remembers: villages, workers, families, children.

Days are ordinals; 0 stands for never. Nothing here grows with the number of events.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from domain.child_file import Category, Leaving, RiskFactor, SchoolStage
from domain.divisions import VillagePlace
from domain.guardianship import Capacity, ParentStatus
from domain.terms import Parent, Relation, Sex, Tier
from domain.visiting import ProblemKind, Selection
from simulation.journal import Journal
from simulation.parameters import Parameters
from simulation.people import People
from simulation.truth import Truth


@dataclass(slots=True, eq=False)
class ParentOf:
    """A father or mother: what became of them, and whether they are away for work."""

    parent: Parent
    status: ParentStatus = ParentStatus.NORMAL
    works_away: bool = False
    away: bool = False

    @property
    def reachable(self) -> bool:
        """Alive, free and known to be somewhere."""
        return self.status in (ParentStatus.NORMAL, ParentStatus.DIVORCED)


@dataclass(slots=True, eq=False)
class Carer:
    """Who looks after the children day by day."""

    guardian_id: str
    relation: Relation
    name: str
    phone: str
    birth: int
    sex: Sex
    ill_until: int = 0
    capacity: Capacity = Capacity.FULL


@dataclass(slots=True, eq=False)
class Harm:
    """A hidden episode of serious harm."""

    kind: ProblemKind
    start: int
    end: int
    found: int = 0
    found_by: str = ""


@dataclass(slots=True, eq=False)
class Child:
    """A child with its file, and what the file does not say."""

    key: str
    id_number: str
    name: str
    sex: Sex
    birth: int
    family: Family
    frailty: float
    recorded: dict[str, int] = field(default_factory=dict)
    registered: int = 0
    on_ledger: bool = False
    categories: list[Category] = field(default_factory=list)
    factors: list[RiskFactor] = field(default_factory=list)
    parents_away: list[Parent] = field(default_factory=list)
    disability: int = 0
    stage: SchoolStage = SchoolStage.PRESCHOOL
    school: str = ""
    out_of_school: bool = False
    tier: Tier | None = None
    last_visit: int = 0
    asked_for: int = 0
    harm: Harm | None = None
    harmed: int = 0
    benefits: list[str] = field(default_factory=list)
    agreement: str = ""
    constant: float = 0.0
    strain: float = 0.0


@dataclass(slots=True, eq=False)
class Family:
    """A household and its hidden strain."""

    surname: str
    village: Village
    address: str
    phone: str
    ethnicity: str
    father: ParentOf
    mother: ParentOf
    carer: Carer | None
    poor: bool
    violent: bool
    frailty: float
    contact: float
    weekly_log: bool
    stress: float = 0.0
    left_on: int = 0
    work_place: str = ""
    children: list[Child] = field(default_factory=list)

    @property
    def parents(self) -> tuple[ParentOf, ParentOf]:
        """Father, mother."""
        return self.father, self.mother

    @property
    def away(self) -> int:
        """How many parents are away."""
        return self.father.away + self.mother.away

    @property
    def nobody_home(self) -> bool:
        """No parent lives with the children."""
        return all(each.away or not each.reachable for each in self.parents)


@dataclass(slots=True, eq=False)
class Worker:
    """A child director or supervisor."""

    worker_id: str
    hours: float
    diligence: float
    skill: float


@dataclass(slots=True, eq=False)
class Village:
    """A village, its director, its township's supervisor, its families."""

    place: VillagePlace
    director: Worker
    supervisor: Worker
    families: list[Family] = field(default_factory=list)


class Pick(NamedTuple):
    """Where a director is sent: the child's key, why, and whether a call will do."""

    child: str
    why: Selection
    call: bool = False


Choose = Callable[[int, str, int, frozenset[str]], Sequence[Pick]]
"""(Monday, village code, minutes, keys of children visited at request) → picks, in order."""


def _name(thing: object) -> str:
    """What tells a person or a place from others; numbers of papers don't."""
    if isinstance(thing, Child):
        return thing.key
    if isinstance(thing, Family):
        return thing.children[0].key if thing.children else ""
    return thing.place.code if isinstance(thing, Village) else ""


class Agenda:
    """What is due on which day."""

    def __init__(self) -> None:
        self._due: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0
        self._done_before = 0

    def at(self, day: int, act: Callable[..., None], *args: Any) -> None:
        """Call `act(county, day, *args)` on that day, or as soon after as the week allows."""
        self._count += 1
        day = max(day, self._done_before)
        heapq.heappush(self._due, (day, self._count, act, args))

    def run(self, county: County, before: int) -> None:
        """Do everything due before a day, in order."""
        due = self._due
        while due and due[0][0] < before:
            day, _, act, args = heapq.heappop(due)
            county.turn(act.__name__, day, *args)
            act(county, day, *args)
        self._done_before = before


class Service:
    """A department that acts on its own: what it is told of, and when. Days are ordinals."""

    def begin(self, county: County) -> None:
        """The county's first day: villages and workers are there, families not yet."""

    def appointed(self, county: County, day: int, village: Village) -> None:
        """A village has a new director."""

    def entered(self, county: County, day: int, child: Child) -> None:
        """A child came on the ledger."""

    def harm_found(self, county: County, day: int, child: Child, kind: ProblemKind) -> None:
        """Someone saw that a child is harmed."""

    def dropped_out(self, county: County, day: int, child: Child) -> None:
        """A child no longer comes to school."""

    def came_back(self, county: County, day: int, child: Child) -> None:
        """A child that had dropped out is in school again."""

    def left(self, county: County, day: int, child: Child, reason: Leaving) -> None:
        """A child is about to leave the ledger."""


@dataclass(slots=True, eq=False)
class County:
    """The whole: what every act is given.

    aside   chance for what changes no child's fate (a training, an inspection): adding such a
            service leaves every family's life as it was
    fates   where given, each turn of each life draws from chance of its own: what happened to
            others changes nothing of it, so that two ways of visiting can be compared on the same
            lives
    steer   where given, from a day on the directors go where it says
    """

    code: str
    start: int
    rng: Random
    aside: Random
    par: Parameters
    people: People
    journal: Journal
    truth: Truth
    agenda: Agenda = field(default_factory=Agenda)
    villages: list[Village] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    fates: int | None = None
    steer: tuple[int, Choose] | None = None
    turned: Counter[str] = field(default_factory=Counter)
    turned_on: int = 0

    def turn(self, what: str, day: int, *whom: object) -> None:
        """From here on chance is that of this act, person, place and day alone."""
        if self.fates is None:
            return
        if day != self.turned_on:
            self.turned_on = day
            self.turned.clear()
        name = f"{self.fates} {what} {day} {' '.join(map(_name, whom))}"
        self.turned[name] += 1
        text = f"{name} {self.turned[name]}".encode()
        self.rng.seed(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big"))

    def number(self, prefix: str) -> str:
        """The next reference of a kind: `ca-000017`."""
        self.numbers[prefix] = self.numbers.get(prefix, 0) + 1
        return f"{prefix}-{self.code}-{self.numbers[prefix]:06d}"

    def moment(self, day: int, first_hour: int = 8, last_hour: int = 18) -> int:
        """A second of a day between two hours."""
        return day * 86_400 + int(
            (first_hour + self.rng.random() * (last_hour - first_hour)) * 3600
        )

    def chance(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return self.rng.random() < probability
