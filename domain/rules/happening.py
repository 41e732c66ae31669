"""An event as the checks see it: its marks, its reference, whom it is about.

The same reading stands in projections/evidence.sql.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from domain.rules.judging import Happened
from domain.rules.register import CHECKS
from domain.rules.shape import AnyCheck, Chain, Each, Match, Own

REFERENCES = (
    "agreement_id",
    "report_id",
    "problem_id",
    "benefit_id",
    "dropout_id",
    "referral_id",
    "guardianship_id",
    "case_id",
    "advice_id",
    "application_id",
    "hazard_id",
    "incident_id",
    "alert_id",
    "pairing_id",
    "school_code",
    "site_id",
    "home_id",
    "institution_id",
    "worker_id",
)
"""The field that says what an event is about: the first of these that it has."""

SUBJECTS = {
    "school": "school_code",
    "water_site": "site_id",
    "children_home": "home_id",
    "institution": "institution_id",
    "director": "worker_id",
}
"""Subject of a check → the field that names it."""


def matches(check: AnyCheck) -> Iterator[tuple[str, Match]]:
    """(role, match) of a check: `event`, or `trigger` and `response` of a chain."""
    match check:
        case Chain():
            yield "trigger", check.trigger
            yield "response", check.response
        case Own():
            return
        case _:
            yield "event", check.match


def _asked() -> Iterator[str]:
    for check in CHECKS:
        for _, match in matches(check):
            yield from (*match.marks, *match.without)
        if isinstance(check, Each):
            yield from check.must


MARKED = frozenset(mark.partition("=")[0] for mark in _asked())
"""The fields that some rule asks about."""

REGISTERING = {
    "school": "school.registered.v1",
    "water_site": "water_site.registered.v1",
    "children_home": "children_home.registered.v1",
    "institution": "institution.registered.v1",
}
"""Subject → the event with which it comes about. A director's is the appointment."""

TYPES = frozenset(REGISTERING.values()) | {
    type_name for check in CHECKS for _, match in matches(check) for type_name in match.types
}
"""The event types that the register looks at."""


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def happened(type_name: str, data: Mapping[str, Any], on: date) -> Happened:
    """The event of a type, with its stored data, on a Shanghai day."""
    return Happened(
        day=on,
        type=type_name,
        marks=frozenset(f"{name}={_word(data[name])}" for name in MARKED if name in data),
        reference=next((str(data[name]) for name in REFERENCES if name in data), ""),
    )
