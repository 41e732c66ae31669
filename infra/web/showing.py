"""What every page needs: the day, the week, its template with who reads, words for templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar.exceptions import ClientException
from litestar.response import Template

from domain.child_file import Category, Leaving, RiskFactor, SchoolStage
from domain.divisions import address, names
from domain.event import SHANGHAI
from domain.foresight import Duty
from domain.mandatory_report import Situation
from domain.subsidy import Benefit
from domain.terms import Department, Severity, Sex, Term, Tier
from domain.visiting import NotVisited, ProblemKind
from infra.home import Home
from infra.visit_lists import monday_of, week_of
from infra.web.guard import Grant
from infra.web.language import here, t, word
from infra.web.telling import ROLES


def today_of(home: Home) -> date:
    """The day in Shanghai."""
    return home.clock().astimezone(SHANGHAI).date()


def shown_week(weeks: list[str], asked: str, today: date) -> str:
    """The week asked for; else the nearest to come, or the latest, of those with a list.

    Raises WrongUsageError.
    """
    if asked:
        monday_of(asked)
        return asked
    now = week_of(today)
    ahead = [each for each in weeks if each >= now]
    return min(ahead, default=max(weeks, default=now))


def uuid_of(text: str) -> UUID:
    """An id that a form carries. Raises ClientException for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise ClientException("no id") from None


def page(template: str, grant: Grant, *, status: int = 200, **context: Any) -> Template:
    """A page for whoever is signed in."""
    known = {"reader": grant.reader, "grant": grant}
    return Template(template, context=known | context, status_code=status)


# --- words for the templates --------------------------------------------------------------------

TERMS: dict[str, type[Term]] = {
    "duty": Duty, "sex": Sex, "tier": Tier, "category": Category, "factor": RiskFactor,
    "stage": SchoolStage, "left": Leaving, "not_visited": NotVisited, "problem": ProblemKind,
    "severity": Severity, "situation": Situation, "department": Department, "benefit": Benefit,
}  # fmt: skip


def label(value: str, term: str) -> str:
    """The label of a stored value, `{{ row.duty | label("duty") }}`; in English the value."""
    found = next((each for each in TERMS[term] if each.value == value), None)
    return word(found.value, found.label) if found else value


def role(value: str) -> str:
    """A role as events name it."""
    return word(value, ROLES.get(value, value))


def age(birth_month: date, today: date) -> int:
    """Years of age on a day, to the month."""
    before = (today.month,) < (birth_month.month,)
    return today.year - birth_month.year - before


def utc(moment: datetime) -> datetime:
    """A moment as ClickHouse gives it; one without a zone is in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def shanghai(moment: datetime) -> str:
    """A moment, for people."""
    return f"{utc(moment).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def sunday(monday: date) -> date:
    """The last day of a week."""
    return monday + timedelta(days=6)


def weekday(week: str) -> str:
    """A week by its Monday, as people say it: 2026-W48 → 11月23日."""
    monday = monday_of(week)
    return t("{month}月{day}日", month=monday.month, day=monday.day)


def yuan(fen: int) -> str:
    """Money, for people: 12345 → 123.45."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def place(code: str) -> str:
    """A place by its own name; one that the register does not know by its code."""
    return names().get(code, code)


FILTERS: dict[str, Callable[..., Any]] = {
    "label": label, "age": age, "shanghai": shanghai, "sunday": sunday, "role": role,
    "weekday": weekday, "yuan": yuan, "place": place, "address": address,
}  # fmt: skip
GLOBALS: dict[str, Callable[..., Any]] = {"t": t, "here": here, "word": word}
