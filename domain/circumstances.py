"""What is known of a child that categories and benefits rest on, topic by topic.

An event says something about a topic (`income`, `father.away`, `school`, …); what holds on a day is
what its latest event says, since the first event of the unbroken run that says the same. What no
event says is no topic here: unknown, which is not the same as no. The SQL twin is
projections/child_topics.sql.

    topic               values
    hukou               rural, urban, other, none
    hukou_county        six digits of the registered place
    residence           six digits of the county lived in
    father.away         work, other, home              (and mother.away, …)
    father.status       ParentStatus
    father.capacity     full, limited, none
    income              IncomeStatus
    certificate         type/grade: intellectual/2
    health              status/grade: disabled/2, serious/0
    school              stage, or `left`
    guardian.grade      good, fair, poor: the latest assessment
    factor.…            present, gone: guardianship_improper, family_violence
    reunited            yes: lives with the migrant parents
    category.…          held, removed
    refused.added.…     yes: a human refused a proposal (and refused.removed.…)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

PARENTS = ("father", "mother")
GUARDING_FACTORS = ("guardianship_improper", "family_violence")


class Told(NamedTuple):
    """One event of a child, as it is stored. Those of a child come in the order of time."""

    type: str
    data: Mapping[str, Any]
    day: date
    event_id: UUID


class Standing(NamedTuple):
    """What holds of a topic: since when, when last said, and by which event."""

    value: str
    since: date
    last: date
    event_id: UUID


Circumstances = Mapping[str, Standing]


Reading = Callable[[Mapping[str, Any]], dict[str, str]]

_READINGS: dict[str, Reading] = {
    "child.registered": lambda data: {
        "hukou": data["hukou_type"],
        "hukou_county": data["hukou_division"][:6],
        "residence": data["residence_division"][:6],
    },
    "child.moved": lambda data: {"residence": data["residence_division"][:6]},
    "parent.departed": lambda data: {f"{data['parent']}.away": data.get("reason") or "work"},
    "parent.returned": lambda data: {f"{data['parent']}.away": "home"},
    "parent.status_changed": lambda data: {f"{data['parent']}.status": data["status"]},
    "guardian.linked": lambda data: (
        {f"{data['relation']}.capacity": data.get("capacity") or "full"}
        if data["relation"] in PARENTS
        else {}
    ),
    "guardian.assessed": lambda data: {"guardian.grade": data["grade"]},
    "household.income_status_set": lambda data: {"income": data["status"]},
    "disability.certified": lambda data: {"certificate": f"{data['type']}/{data['grade']}"},
    "child.health_status_set": lambda data: {
        "health": f"{data['status']}/{data.get('disability_grade') or 0}"
    },
    "school.enrolled": lambda data: {"school": data["stage"]},
    "school.left": lambda _: {"school": "left"},
    "migration.child_reunited": lambda _: {"reunited": "yes"},
    "child.category_added": lambda data: {f"category.{data['category']}": "held"},
    "child.category_removed": lambda data: {f"category.{data['category']}": "removed"},
    "category.proposal_refused": lambda data: {
        f"refused.{data['change']}.{data['category']}": "yes"
    },
    "risk.factor_recorded": lambda data: (
        {f"factor.{data['factor']}": "present" if data.get("present", True) else "gone"}
        if data["factor"] in GUARDING_FACTORS
        else {}
    ),
}
"""Event → what it says. The same reading stands in child_topics.sql."""

TYPES = frozenset(f"{name}.v1" for name in _READINGS)
"""The event types that say something here."""


def circumstances(told: Iterable[Told]) -> dict[str, Standing]:
    """Topic → what holds, from a child's events in the order of time."""
    found: dict[str, Standing] = {}
    for event in told:
        reading = _READINGS.get(event.type.removesuffix(".v1"))
        said = reading(event.data) if reading else {}
        for topic, value in said.items():
            known = found.get(topic)
            same = known is not None and known.value == value
            since = known.since if known is not None and same else event.day
            found[topic] = Standing(value, since, event.day, event.event_id)
    return found


def value(known: Circumstances, topic: str) -> str:
    """What holds of a topic; empty where nothing is known."""
    return known[topic].value if topic in known else ""
