"""What the county has on record: every line given out so far, folded. The truth is never here.

Children are rows of numpy arrays, so that a week's features are a few vector operations. Sums fade
with a half-life, so that "visits of late" needs no list of visits. Corrections of visits are left
out (1 in 200): they change no duty here.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from domain.child_file import RiskFactor
from domain.duties import Agreement, ChildFacts
from domain.event import child_id
from domain.list_line import EXTRA
from domain.terms import Tier

NEVER = -100_000

FLAGS = (
    "on_ledger", "boy", "birth", "tier", "disabled", "ill", "poor", "left_behind", "unsupported",
    "unguarded", "single_parent", "psychological_abnormality", "family_violence",
    "guardianship_improper", "truancy", "father_away", "mother_away", "father_unable",
    "mother_unable", "agreed", "carer", "carer_capacity", "carer_grade", "elder", "out_of_school",
    "boarding", "own_log", "concerns_last",
)  # fmt: skip
DAYS = ("registered", "visit", "met", "contact", "serious", "left", "parent_call", "problem")
FADING = {
    "visits": 240, "concerns": 240, "serious_year": 300, "minor": 180, "unfit": 300, "failed": 120,
    "calls_month": 25, "calls_quarter": 90, "seen_calls": 60, "finds": 300, "own_visits": 700,
    "reports": 300,
}  # fmt: skip
"""Name → half-life in days."""

TIERS = {each.value: each for each in Tier}
FACTORS = {each.value: each for each in RiskFactor}
CAPACITY = {"limited": 1, "none": 2}
UNABLE = {"normal": 0, "divorced": 0}


class Wire(msgspec.Struct):
    """A line, as far as it matters here."""

    id: str
    source: str
    type: str
    time: str
    data: msgspec.Raw
    subject: str = ""
    corrects: str = ""


_wire = msgspec.json.Decoder(Wire).decode
_data = msgspec.json.Decoder(dict[str, Any]).decode
Column = NDArray[np.float64]


def ordinal(text: str) -> int:
    """The ordinal of a date's, or moment's, day."""
    return date.fromisoformat(text[:10]).toordinal()


class Record:
    """The county as its files know it."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.keys: list[str] = []
        self.village: list[str] = []
        self.house: list[str] = []
        self.address: list[str] = []
        self.tier: list[Tier | None] = []
        self.factors: list[set[RiskFactor]] = []
        self.plan: list[int | None] = []
        self.agreement: list[dict[str, Agreement]] = []
        self.flag = {name: np.zeros(64) for name in FLAGS}
        self.day = {name: np.full(64, NEVER) for name in DAYS}
        self.sum = {name: np.zeros(64) for name in FADING}
        self.since = {name: np.zeros(64) for name in FADING}
        self.visits: list[tuple[int, int]] = []
        self.found: list[tuple[int, int]] = []
        self.extra_visits: list[list[int]] = []
        self._numbers: dict[str, str] = {}
        self._handlers = {
            name.removeprefix("on_").replace("__", "."): getattr(self, name)
            for name in dir(self)
            if name.startswith("on_")
        }

    def __len__(self) -> int:
        return len(self.keys)

    def observe(self, line: bytes) -> None:
        """Take in one line."""
        wire = _wire(line)
        if wire.type == "child.registered.v1":
            self._register(wire)
            return
        handler = self._handlers.get(wire.type.removesuffix(".v1"))
        if handler is None or wire.corrects:
            return
        row = self.rows.get(self._numbers.get(wire.subject, wire.subject))
        if row is not None:
            handler(row, ordinal(wire.time), _data(wire.data))

    def _register(self, wire: Wire) -> None:
        data, key = _data(wire.data), str(child_id(wire.source, wire.id))
        if data.get("id_number"):
            self._numbers[data["id_number"]] = key
        row = self.rows[key] = len(self.keys)
        self.keys.append(key)
        if row >= len(self.flag["boy"]):
            self._grow()
        self.village.append(data["residence_division"])
        self.house.append("")
        self.address.append(f"{data.get('address')} {data.get('phone')}")
        self.tier.append(None)
        self.factors.append(set())
        self.plan.append(None)
        self.agreement.append({})
        self.extra_visits.append([])
        self.flag["on_ledger"][row] = 1
        self.flag["boy"][row] = data["sex"] == "male"
        self.flag["birth"][row] = ordinal(data["birth_date"])
        self.day["registered"][row] = self.day["met"][row] = ordinal(wire.time)

    def _grow(self) -> None:
        for table in (self.flag, self.sum, self.since):
            for name, values in table.items():
                table[name] = np.concatenate([values, np.zeros(len(values))])
        for name, days in self.day.items():
            self.day[name] = np.concatenate([days, np.full(len(days), NEVER)])

    def add(self, name: str, row: int, day: int, value: float = 1.0) -> None:
        """Add to a fading sum. A late fact counts as of the day of the last one."""
        since = self.since[name]
        gap = day - since[row]
        if gap > 0:
            self.sum[name][row] *= 0.5 ** (gap / FADING[name])
            since[row] = day
        self.sum[name][row] += value

    def faded(self, name: str, on: int) -> Column:
        """A fading sum of every child on a day."""
        n = len(self)
        gap = np.maximum(0.0, on - self.since[name][:n])
        made: Column = self.sum[name][:n] * 0.5 ** (gap / FADING[name])
        return made

    def _last(self, name: str, row: int, day: int) -> None:
        self.day[name][row] = max(self.day[name][row], day)

    # --- what each event means ------------------------------------------------------------------

    def on_visit__completed(self, row: int, day: int, data: dict[str, Any]) -> None:
        """A visit by the director."""
        self._last("visit", row, day)
        self._last("contact", row, day)
        if data.get("child_seen", True):
            self._last("met", row, day)
        concerns = len(data.get("concerns", ()))
        self.add("visits", row, day)
        self.add("own_visits", row, day)
        self.add("concerns", row, day, concerns)
        self.flag["concerns_last"][row] = concerns
        self.visits.append((row, day))
        if data.get("selection") in EXTRA:
            self.extra_visits[row].append(day)

    def on_visit__attempt_failed(self, row: int, day: int, _: dict[str, Any]) -> None:
        """Nobody home, refused, weather."""
        self.add("failed", row, day)

    def on_contact__logged(self, row: int, day: int, data: dict[str, Any]) -> None:
        """A call by the director."""
        if data["by"] == "director":
            self._last("contact", row, day)

    def on_problem__found(self, row: int, day: int, data: dict[str, Any]) -> None:
        """A problem; the serious ones are what visits are for."""
        self._last("problem", row, day)
        if data["severity"] == "minor":
            self.add("minor", row, day)
            return
        self._last("serious", row, day)
        self.add("serious_year", row, day)
        self.found.append((row, day))
        if data["found_by"] == "visit":
            self.add("finds", row, day)

    def on_care__deficiency_found(self, row: int, day: int, _: dict[str, Any]) -> None:
        """A delegate found unfit."""
        self.add("unfit", row, day)

    def on_report__submitted(self, row: int, day: int, _: dict[str, Any]) -> None:
        """A mandatory report."""
        self.add("reports", row, day)

    def on_parent_contact__logged(self, row: int, day: int, data: dict[str, Any]) -> None:
        """Parents called: each week by their own log, or asked about once a month."""
        if data["leg"] == "child":
            self._last("parent_call", row, day)
            self.add("calls_month", row, day)
            self.add("calls_quarter", row, day)

    def on_risk__tier_set(self, row: int, _: int, data: dict[str, Any]) -> None:
        """红黄蓝绿."""
        self.tier[row] = TIERS[data["tier"]]
        self.flag["tier"][row] = ("green", "blue", "yellow", "red").index(data["tier"])

    def on_visit_plan__set(self, row: int, _: int, data: dict[str, Any]) -> None:
        """The child's own interval."""
        self.plan[row] = data["interval_days"]

    def on_risk__factor_recorded(self, row: int, _: int, data: dict[str, Any]) -> None:
        """A factor appears or goes."""
        name, present = data["factor"], data.get("present", True)
        (self.factors[row].add if present else self.factors[row].discard)(FACTORS[name])
        if name in self.flag:
            self.flag[name][row] = present

    def on_child__category_added(self, row: int, _: int, data: dict[str, Any]) -> None:
        """A category holds."""
        self._category(row, data["category"], 1)

    def on_child__category_removed(self, row: int, _: int, data: dict[str, Any]) -> None:
        """A category ends."""
        self._category(row, data["category"], 0)

    def _category(self, row: int, category: str, held: int) -> None:
        names = {
            "left_behind_child": "left_behind",
            "family_poverty": "poor",
            "orphan": "unsupported",
            "de_facto_unsupported": "unsupported",
            "guardianship_failure": "unguarded",
        }
        if category in names:
            self.flag[names[category]][row] = held

    def on_child__health_status_set(self, row: int, _: int, data: dict[str, Any]) -> None:
        """Ill or disabled."""
        grade = data.get("disability_grade")
        self.flag["disabled"][row] = 5 - grade if grade else 0
        self.flag["ill"][row] = data["status"] in {"chronic", "serious", "weak"}

    def on_child__moved(self, row: int, _: int, data: dict[str, Any]) -> None:
        """To another village."""
        self.village[row] = data["residence_division"]

    def on_child__left_ledger(self, row: int, _: int, __: dict[str, Any]) -> None:
        """Off the ledger."""
        self.flag["on_ledger"][row] = 0

    def on_child__returned_to_ledger(self, row: int, _: int, __: dict[str, Any]) -> None:
        """On it again."""
        self.flag["on_ledger"][row] = 1

    def on_parent__departed(self, row: int, day: int, data: dict[str, Any]) -> None:
        """A parent left for work."""
        self.flag[f"{data['parent']}_away"][row] = 1
        self._last("left", row, day)

    def on_parent__returned(self, row: int, _: int, data: dict[str, Any]) -> None:
        """A parent came back."""
        self.flag[f"{data['parent']}_away"][row] = 0

    def on_parent__status_changed(self, row: int, _: int, data: dict[str, Any]) -> None:
        """Divorced, ill, in prison, dead, silent."""
        self.flag[f"{data['parent']}_unable"][row] = UNABLE.get(data["status"], 1)

    def on_guardian__linked(self, row: int, _: int, data: dict[str, Any]) -> None:
        """Who cares for the child; siblings have the same carer."""
        self.house[row] = data["guardian_id"]
        self.flag["carer"][row] = 1
        self.flag["elder"][row] = data["relation"].endswith("grandparent")
        self._capacity(row, data)

    def on_guardian__assessed(self, row: int, _: int, data: dict[str, Any]) -> None:
        """How well."""
        self.flag["carer_grade"][row] = ("good", "fair", "poor").index(data["grade"])
        self._capacity(row, data)

    def _capacity(self, row: int, data: dict[str, Any]) -> None:
        self.flag["carer_capacity"][row] = CAPACITY.get(data.get("capacity", ""), 0)

    def on_care_agreement__signed(self, row: int, day: int, data: dict[str, Any]) -> None:
        """Entrusted in writing."""
        end = data.get("end")
        self.agreement[row][data["agreement_id"]] = Agreement(
            signed_on=date.fromordinal(day), end=date.fromisoformat(end) if end else None
        )
        self.flag["agreed"][row] = 1

    def on_care_agreement__renewed(self, row: int, _: int, data: dict[str, Any]) -> None:
        """Runs on."""
        held = self.agreement[row].get(data["agreement_id"])
        if held is not None:
            longer = msgspec.structs.replace(held, end=date.fromisoformat(data["end"]))
            self.agreement[row][data["agreement_id"]] = longer

    def on_care_agreement__filed(self, row: int, day: int, data: dict[str, Any]) -> None:
        """Filed with the committee."""
        held = self.agreement[row].get(data["agreement_id"])
        if held is not None:
            filed = msgspec.structs.replace(held, filed_on=date.fromordinal(day))
            self.agreement[row][data["agreement_id"]] = filed

    def on_care_agreement__ended(self, row: int, _: int, data: dict[str, Any]) -> None:
        """No longer in force."""
        self.agreement[row].pop(data["agreement_id"], None)
        self.flag["agreed"][row] = bool(self.agreement[row])

    def on_school__enrolled(self, row: int, _: int, data: dict[str, Any]) -> None:
        """In school."""
        self.flag["out_of_school"][row] = 0
        self.flag["boarding"][row] = data.get("boarding", False)

    def on_school__left(self, row: int, _: int, data: dict[str, Any]) -> None:
        """Out of it."""
        self.flag["out_of_school"][row] = data["reason"] == "dropped_out"

    # --- what the duty policies ask ---------------------------------------------------------------

    def facts(self, row: int) -> ChildFacts:
        """A child as the duty policies see it."""
        flag, days = self.flag, self.day
        away = flag["father_away"][row] + flag["mother_away"][row]
        gone = sum(
            bool(flag[f"{each}_away"][row] or flag[f"{each}_unable"][row])
            for each in ("father", "mother")
        )
        held = list(self.agreement[row].values())
        left = _day(days["left"][row]) if away else None
        return ChildFacts(
            child_id=UUID(self.keys[row]),
            village_code=self.village[row],
            registered_on=date.fromordinal(int(days["registered"][row])),
            on_ledger=bool(flag["on_ledger"][row]),
            tier=self.tier[row],
            factors=frozenset(self.factors[row]),
            plan_days=self.plan[row],
            director_visit_on=_day(days["visit"][row]),
            director_contact_on=_day(days["contact"][row]),
            away_since=left,
            unparented_since=left if gone == len(("father", "mother")) else None,
            agreement=held[-1] if held else None,
        )


def _day(value: float) -> date | None:
    return date.fromordinal(int(value)) if value > 0 else None
