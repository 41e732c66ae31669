"""The numbers of the duty rules, as data: one table of dated values, per place.

A value holds from its day until a later row of the same rule, key and place. Of the places that
contain a village (everywhere, province, prefecture, county, ...), the tightest value counts. Every
value is a longest allowed interval, so tighter means smaller. A county may tighten, never loosen;
a change holds from its day on and never rewrites the past.

In SQL, for a village and a day:

    SELECT rule, key, min(value) FROM (
        SELECT rule, key, place, argMax(value, valid_from) AS value FROM duty_settings
        WHERE valid_from <= {as_of} AND startsWith({village}, place) GROUP BY rule, key, place
    ) GROUP BY rule, key
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

import msgspec

from domain.errors import SettingsError

Unit = Literal[
    "calendar_months", "months", "days", "weeks", "times", "workdays", "years", "grade", "reading"
]
"""calendar_months   whole periods of so many months, counted from January
months            so many months from the last time, the day clamped to the month's end
days              so many days from the last time
weeks             whole weeks, Monday to Sunday
times             how often in a row
workdays          so many working days from the step before (domain/workdays.py)
years, grade      an age, a grade of disability
reading           0 or 1: which of two readings of a text holds"""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One dated value. `place` is a code prefix, empty for everywhere."""

    rule: str
    key: str
    value: int
    unit: Unit
    place: str = ""
    valid_from: date
    is_law: bool
    source: str


SINCE_EVER = date(2000, 1, 1)
"""The plan starts on 2024-05-31 (M1, L75); older files are judged by the same numbers."""


def _law(rule: str, key: str, value: int, unit: Unit, source: str) -> Setting:
    return Setting(
        rule=rule,
        key=key,
        value=value,
        unit=unit,
        valid_from=SINCE_EVER,
        is_law=True,
        source=source,
    )


def _ours(key: str, value: int, source: str, unit: Unit = "days") -> Setting:
    return Setting(
        rule="T8.7",
        key=key,
        value=value,
        unit=unit,
        valid_from=SINCE_EVER,
        is_law=False,
        source=source,
    )


SETTINGS: tuple[Setting, ...] = (
    _law("T5.1", "agreement_days", 0, "days", "L39: before the parents leave"),
    _law("T5.5", "parent_contact_weeks", 1, "weeks", "L39: at least weekly"),
    _law("T8.4", "supervisor_contact_months", 12, "calendar_months", "L48: at least yearly"),
    _law("T8.5", "director_contact_months", 1, "calendar_months", "L48: at least monthly"),
    _law("T8.6", "visit_months", 3, "months", "L48: at least every three months"),
    # T8.7 says "more often", without a number: these are the platform's (K, practice in §5).
    _ours("visit_days_red", 7, "K: domain.md §5"),
    _ours("visit_days_yellow", 15, "K: domain.md §5"),
    _ours("visit_days_blue", 30, "K: domain.md §5"),
    _ours("visit_days_green", 90, "K: domain.md §5"),
    _ours("visit_days_factor", 60, "K: a T8.7 factor is present and no tier says more"),
    # how far a visit that failed puts the next try off
    _ours("again_days_nobody_home", 3, "K: somebody is home within days"),
    _ours("again_days_weather", 3, "K: roads are open again within days"),
    _ours("again_days_moved", 7, "K: find out where the child lives now"),
    _ours("again_days_refused", 7, "K: go with the supervisor"),
    _ours("again_days_unsafe", 7, "K: go with the supervisor or the police"),
    _ours("again_times", 2, "K: the third failed attempt in a row is the supervisor's", "times"),
    _ours("again_cap_days", 14, "K: never further past the day that was due first"),
)
"""What holds everywhere. Law comes from the plan; the rest are settings of this platform."""

DUTY_SETTINGS_COLUMNS = ("rule", "key", "value", "unit", "place", "valid_from", "is_law")


def duty_settings_rows(
    settings: Sequence[Setting] = SETTINGS,
) -> list[tuple[str, str, int, str, str, date, bool]]:
    """Rows in the order of DUTY_SETTINGS_COLUMNS, for the table `duty_settings`."""
    return [(s.rule, s.key, s.value, s.unit, s.place, s.valid_from, s.is_law) for s in settings]


def values_on(settings: Iterable[Setting], place: str, on: date) -> dict[str, int]:
    """key → the value that holds at a place on a day: the tightest of the places around it."""
    latest: dict[tuple[str, str], Setting] = {}
    for each in settings:
        if each.valid_from <= on and place.startswith(each.place):
            known = latest.get((each.key, each.place))
            if known is None or known.valid_from <= each.valid_from:
                latest[each.key, each.place] = each
    tightest: dict[str, int] = {}
    for (key, _), each in latest.items():
        tightest[key] = min(each.value, tightest.get(key, each.value))
    return tightest


def tighten(
    settings: Sequence[Setting],
    county: str,
    rule: str,
    key: str,
    value: int,
    *,
    valid_from: date,
    today: date,
) -> tuple[Setting, ...]:
    """The settings with a county's own value added, in force from `valid_from`.

    county   a place code prefix (six digits for a county; a township or village does as well)
    Raises SettingsError where the rule is unknown, the value is looser than what holds around the
    county, or the change would reach into the past.
    """
    general = [each for each in settings if (each.rule, each.key, each.place) == (rule, key, "")]
    if not general:
        known = ", ".join(sorted({f"{each.rule} {each.key}" for each in settings}))
        msg = f"rule: no setting {rule} {key}; the settings are {known}"
        raise SettingsError(msg)
    unit = general[0].unit
    added = Setting(
        rule=rule,
        key=key,
        value=value,
        unit=unit,
        place=county,
        valid_from=valid_from,
        is_law=False,
        source=f"set by {county}",
    )
    _check_value(settings, added)
    _check_day(settings, added, today)
    return (*settings, added)


def _check_value(settings: Sequence[Setting], added: Setting) -> None:
    county, key, value = added.place, added.key, added.value
    if not (county.isascii() and county.isdigit()):
        msg = f"place: {county!r} is no place code; use the county's six digits"
        raise SettingsError(msg)
    around = [each for each in settings if each.place != county]
    ceiling = values_on(around, county, added.valid_from)[key]
    least = 0 if ceiling == 0 else 1
    if not least <= value <= ceiling:
        msg = (
            f"{key}: {value} must be {least} to {ceiling}; a county may tighten a rule, not loosen"
        )
        raise SettingsError(msg)
    if added.unit == "calendar_months" and 12 % value:
        msg = f"{key}: {value} does not divide the year; use 1, 2, 3, 4, 6 or 12"
        raise SettingsError(msg)


def _check_day(settings: Sequence[Setting], added: Setting, today: date) -> None:
    valid_from = added.valid_from
    if valid_from < today:
        msg = f"valid_from: {valid_from} is past; a change holds from {today} or a later day"
        raise SettingsError(msg)
    own = [s.valid_from for s in settings if (s.place, s.key) == (added.place, added.key)]
    if own and valid_from <= max(own):
        msg = f"valid_from: {valid_from} must be after the last change, {max(own)}"
        raise SettingsError(msg)
