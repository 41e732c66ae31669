"""What a rule is: its place in the plan, its kind, and the checks that judge it from events.

A rule's kind (domain.md §1): H a number or date in the plan; C a chain, if A happened B must
follow; E an obligation without a number, shown by evidence; D discretionary, shown and never a
breach. A check has one of six forms; all its numbers are settings (domain/rules/numbers.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal

import msgspec

Kind = Literal["H", "C", "E", "D"]

Subject = Literal[
    "child",
    "village",
    "township",
    "county",
    "prefecture",
    "province",
    "school",
    "water_site",
    "children_home",
    "institution",
    "director",
    "case",
]
"""Who or what a check is about. `case`: whatever the triggering event is about."""

Scope = Literal["all", "in_school", "key_attention"]
"""Which children on the ledger: all; in school; with a T8.7 or T8.8 factor."""


class Match(msgspec.Struct, frozen=True):
    """Events by type name, with all of these marks and none of those.

    A mark is `field=value` of a required field, as stored: `level=prefecture`, `rope=true`.
    """

    types: tuple[str, ...]
    marks: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def of(*names: str, without: tuple[str, ...] = (), **marks: str | bool) -> Match:
    """`of("training.held", level="prefecture")`; the version is .v1."""
    said = tuple(f"{name}={_word(value)}" for name, value in marks.items())
    return Match(tuple(f"{name}.v1" for name in names), said, without)


def _word(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is judged.

    key      the rule's id, with the check's name where it has several: `T2.7/visit`
    what     what is to be done, in Chinese, as it stands in a reason
    actor    who owes it, in Chinese
    source   where its number comes from: a line of the plan, a law, or `K` (a platform setting,
             called a service level, never law)
    """

    key: str
    what: str
    actor: str
    source: str

    @property
    def rule(self) -> str:
        """The rule's id."""
        return self.key.split("/")[0]


class Cadence(Check, frozen=True, kw_only=True, tag="cadence"):
    """At least once a period for each subject: due by the end of the period after the last time.

    months   length of the period in calendar months; a setting
    anchor   the month with which a year of periods begins: 1, or 9 for school years
    """

    subject: Subject
    match: Match
    months: int
    anchor: int = 1
    scope: Scope = "all"


class Standing(Check, frozen=True, kw_only=True, tag="standing"):
    """The latest event of these types about a subject has these marks.

    days   until when after the subject came about; a setting
    """

    subject: Subject
    match: Match
    days: int
    scope: Scope = "all"


class Deadline(Check, frozen=True, kw_only=True, tag="deadline"):
    """Each subject has such an event by a date."""

    subject: Subject
    match: Match
    by: date


class Chain(Check, frozen=True, kw_only=True, tag="chain"):
    """After each triggering event a response, about the same child or under the same reference.

    limit    how many `unit` after the trigger's day; a setting
    ledger   whether it ends when the child leaves the ledger; a report's does not
    """

    trigger: Match
    response: Match
    limit: int
    unit: Literal["days", "months"] = "days"
    by: Literal["child", "reference"] = "child"
    ledger: bool = True


class Each(Check, frozen=True, kw_only=True, tag="each"):
    """Each such event has these marks; where `must` is empty, each is a breach by itself."""

    match: Match
    must: tuple[str, ...] = ()


class Counted(Check, frozen=True, kw_only=True, tag="counted"):
    """How often it happened. Nothing is due."""

    match: Match


class Own(Check, frozen=True, kw_only=True, tag="own"):
    """Judged by a policy of its own: `duties` of domain/duties.py or domain/entitlement.py."""

    duties: tuple[str, ...]


AnyCheck = Cadence | Standing | Deadline | Chain | Each | Counted | Own


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of domain.md §1.

    label       in Chinese, as officials say it
    line        line of the plan, `L48`
    unchecked   why events can't tell; only where there are no checks
    """

    id: str
    kind: Kind
    label: str
    line: str
    checks: tuple[AnyCheck, ...] = ()
    unchecked: str = ""

    @property
    def task(self) -> str:
        """`8` of T8.5; `M` and `G` for milestones and safeguards."""
        return self.id.split(".")[0].removeprefix("T") if self.id[0] == "T" else self.id[0]


# --- the words in which the register is written -------------------------------------------------

Said = Callable[[str], AnyCheck]
"""A check that still needs its rule's id."""


def _key(rule: str, name: str) -> str:
    return f"{rule}/{name}" if name else rule


def rule(id_: str, kind: Kind, label: str, line: str, *said: Said, unchecked: str = "") -> Rule:
    """A rule with its checks."""
    checks = tuple(each(id_) for each in said)
    return Rule(id=id_, kind=kind, label=label, line=line, checks=checks, unchecked=unchecked)


def every(
    months: int,
    subject: Subject,
    match: Match,
    actor: str,
    what: str,
    *,
    name: str = "",
    anchor: int = 1,
    scope: Scope = "all",
    source: str = "K",
) -> Said:
    """A Cadence."""
    return lambda id_: Cadence(
        key=_key(id_, name), what=what, actor=actor, source=source, subject=subject, match=match,
        months=months, anchor=anchor, scope=scope,
    )  # fmt: skip


def stands(
    subject: Subject,
    match: Match,
    actor: str,
    what: str,
    *,
    days: int,
    name: str = "",
    scope: Scope = "all",
    source: str = "K",
) -> Said:
    """A Standing."""
    return lambda id_: Standing(
        key=_key(id_, name), what=what, actor=actor, source=source, subject=subject, match=match,
        days=days, scope=scope,
    )  # fmt: skip


def by(
    day: date, subject: Subject, match: Match, actor: str, what: str, *, name: str = "",
    source: str,
) -> Said:  # fmt: skip
    """A Deadline."""
    return lambda id_: Deadline(
        key=_key(id_, name), what=what, actor=actor, source=source, subject=subject, match=match,
        by=day,
    )  # fmt: skip


def then(
    trigger: Match,
    response: Match,
    actor: str,
    what: str,
    *,
    days: int = 0,
    months: int = 0,
    name: str = "",
    same: Literal["child", "reference"] = "child",
    ledger: bool = True,
    source: str = "K",
) -> Said:
    """A Chain, within days or months."""
    return lambda id_: Chain(
        key=_key(id_, name), what=what, actor=actor, source=source, trigger=trigger,
        response=response, limit=months or days, unit="months" if months else "days", by=same,
        ledger=ledger,
    )  # fmt: skip


def always(match: Match, actor: str, what: str, *must: str, name: str = "", source: str) -> Said:
    """An Each: every such event has these marks."""
    return lambda id_: Each(
        key=_key(id_, name), what=what, actor=actor, source=source, match=match, must=must
    )


def never(match: Match, actor: str, what: str, *, name: str = "", source: str) -> Said:
    """An Each without marks: every such event is a breach."""
    return always(match, actor, what, name=name, source=source)


def counted(match: Match, actor: str, what: str, *, name: str = "") -> Said:
    """A Counted."""
    return lambda id_: Counted(key=_key(id_, name), what=what, actor=actor, source="", match=match)


def own(*duties: str, actor: str, what: str, source: str, name: str = "") -> Said:
    """An Own."""
    return lambda id_: Own(
        key=_key(id_, name), what=what, actor=actor, source=source, duties=duties
    )
