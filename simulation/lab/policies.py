"""Who is visited: nobody, at random, by duty, by points, by a model; all have the same hours.

    none       only where the director is asked to go; what the others prevent is counted against it
    random     all hours by lot
    duty       what duty asks, most overdue first, and then no more: hours left over are not used,
               but that a child owed a call is visited where there is time
    due_order  what duty asks, then on in the order in which visits fall due (the kill switch)
    points     what duty asks, then by a points rule that knows the history
    model      what duty asks, then by the probability of a small glass box (simulation.lab.learner)
    truth      what duty asks, then by the hidden hazard: no policy, but the ceiling of any model
    oracle     what duty asks, then whom harm that nobody has seen would last longest: the ceiling
               of any list, for nobody can know it

All but the first two are domain.visit_list.plan, the product's own planner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from random import Random
from typing import Literal

import numpy as np

from domain.duties import (
    ChildFacts,
    DutyStatus,
    care_agreement,
    director_contact,
    director_visit,
)
from domain.duty_settings import SETTINGS, Setting, values_on
from domain.foresight import ListedFor, Task
from domain.list_line import ListLine
from domain.visit_list import Candidate, Costs, Rules, plan
from domain.visiting import Selection
from simulation.lab.learner import EVERY, Floats, Learner
from simulation.lab.record import Record
from simulation.state import Pick

Policy = Literal["none", "random", "duty", "due_order", "points", "model", "truth", "oracle"]
POLICIES: tuple[Policy, ...] = ("none", "random", "duty", "due_order", "points", "model", "truth")
UNSCORED = ("duty", "due_order")
FIT_EVERY = 8
"""Weeks between two fits."""

HIGHEST = 4.0
"""Harm a year that counts as certain, where the truth is made a score."""

LONGEST = 280
"""Days of harm to come that count as certain, where they are."""

ORACLE = Rules(even=1.0, regain_days=0, random_share=0.0, information_share=0.0, unseen_days=10**5)
"""Who knows the harm to come needs no allowance for what may have gone unseen."""


def points(record: Record, on: int) -> Floats:
    """The rule with history (risk.baselines), stronger than a county's sheet; 0 to 1."""
    n = len(record)
    flag = {name: values[:n] for name, values in record.flag.items()}
    total = 2.0 * (flag["father_away"] + flag["mother_away"] == 2) + flag["mother_away"]
    total += flag["tier"] + 3 * np.minimum(record.faded("serious_year", on), 3)
    total += np.minimum(record.faded("minor", on), 3) + 2 * np.minimum(record.faded("unfit", on), 3)
    total += 2 * np.minimum(record.faded("reports", on), 3)
    for name, worth in (
        ("unguarded", 2), ("guardianship_improper", 2), ("family_violence", 3), ("truancy", 1),
        ("psychological_abnormality", 2), ("out_of_school", 2), ("carer_capacity", 1),
        ("carer_grade", 1), ("carer", -1), ("poor", 1), ("concerns_last", 1), ("disabled", 0.5),
    ):  # fmt: skip
        total += worth * np.minimum(flag[name], 3)
    made: Floats = np.clip(total + 1, 0, 60) / 60
    return made


def _owed(facts: ChildFacts, on: date, values: Mapping[str, int]) -> tuple[DutyStatus, ...]:
    """The duties that make lines."""
    owed = (director_visit(facts, on, values), director_contact(facts, on, values))
    agreement = care_agreement(facts, on, values)
    return owed if agreement is None else (*owed, agreement)


class Steersman:
    """Lists for a year of weeks, by one policy. Feed it every line; ask it each Monday.

    hidden   the truth's hazards, for the ceiling alone
    harmed   child → the last Monday on which it was in harm that nobody had seen, and the end of
             it; for the oracle alone
    """

    def __init__(
        self,
        policy: Policy,
        seed: int,
        rules: Rules = Rules(),  # noqa: B008 - frozen
        settings: Sequence[Setting] = SETTINGS,
    ) -> None:
        self.policy, self.seed, self.rules, self.settings = policy, seed, rules, settings
        self.record, self.learner = Record(), Learner()
        self.hidden: Mapping[str, float] = {}
        self.harmed: Mapping[str, tuple[int, int]] = {}
        self.owed: list[tuple[int, int]] = []
        self._monday, self._weeks = 0, 0
        self._villages: dict[str, list[Candidate]] = {}

    def look(self, monday: int) -> None:
        """A Monday: keep what may be learned from."""
        if self._weeks % EVERY == 0:
            self.learner.snapshot(self.record, monday)
        self._weeks += 1

    def choose(
        self, monday: int, village: str, minutes: int, taken: frozenset[str]
    ) -> Sequence[Pick]:
        """Whom a director sees this week."""
        if monday != self._monday:
            self._begin(monday)
        known = [e for e in self._villages.get(village, []) if str(e.child_id) not in taken]
        if self.policy == "random":
            return self._by_lot(monday, village, known, minutes)
        if self.policy == "none":
            return []
        made = plan(
            known,
            minutes,
            day=date.fromordinal(monday),
            rules=ORACLE if self.policy == "oracle" else self.rules,
            scores_approved=self.policy not in UNSCORED,
            worker=f"{self.seed} {village}",
        )
        lines = made.lines
        if self.policy == "duty":
            lines = [each for each in lines if each.listed_for is ListedFor.DUTY]
        return [
            Pick(
                str(line.child_id),
                ListLine(line.duty, line.listed_for, line.task, line.raised_for).selection,
                line.task is Task.CONTACT,
            )
            for line in lines
        ]

    def _by_lot(
        self, monday: int, village: str, known: list[Candidate], minutes: int
    ) -> list[Pick]:
        rng = Random(f"{self.seed} {monday} {village}")
        costs = Costs()
        most = min(len(known), minutes // (costs.visit + costs.travel))
        return [Pick(str(e.child_id), Selection.RANDOM) for e in rng.sample(known, most)]

    def _begin(self, monday: int) -> None:
        self._monday = monday
        self.look(monday)
        scores = self._scores(monday)
        self._villages = {}
        late = count = 0
        for row, candidate in self._candidates(monday, scores):
            self._villages.setdefault(self.record.village[row], []).append(candidate)
            count += 1
            late += any(e.duty == "director_visit" and e.overdue_days > 0 for e in candidate.duties)
        self.owed.append((late, count))

    def _scores(self, monday: int) -> Floats | None:
        if self.policy == "points":
            return points(self.record, monday)
        if self.policy == "truth":
            rates = [self.hidden.get(key, 0.0) for key in self.record.keys]
            return np.clip(np.array(rates) / HIGHEST, 0.0, 1.0)
        if self.policy == "oracle":
            ends = (self.harmed.get(key, (0, 0)) for key in self.record.keys)
            left = [end - monday if seen == monday else 0 for seen, end in ends]
            return np.clip(np.array(left) / LONGEST, 0.0, 1.0)
        if self.policy != "model":
            return None
        if len(self.owed) % FIT_EVERY == 0:
            self.learner.fit(self.record, monday)
        return self.learner.scores(self.record, monday)

    def _candidates(self, monday: int, scores: Floats | None) -> Iterator[tuple[int, Candidate]]:
        record, on = self.record, date.fromordinal(monday)
        values = values_on(self.settings, "", on)
        for row in map(int, np.flatnonzero(record.flag["on_ledger"][: len(record)])):
            facts = record.facts(row)
            yield (
                int(row),
                Candidate(
                    child_id=facts.child_id,
                    duties=_owed(facts, on, values),
                    score=float(scores[row]) if scores is not None else None,
                    household=record.house[row],
                    extra_days=tuple(
                        date.fromordinal(day)
                        for day in record.extra_visits[row]
                        if day > monday - 30
                    ),
                    unseen_since=date.fromordinal(int(record.day["met"][row])),
                    little_known=bool(record.day["visit"][row] < monday - 365),
                ),
            )
