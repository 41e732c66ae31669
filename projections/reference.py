"""Reference tables: the rules and their numbers, loaded from domain/ for the read models to join.

Readers see the old rows of a table or the new ones, whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec

from domain.duty_settings import DUTY_SETTINGS_COLUMNS, Setting, duty_settings_rows
from domain.rules.happening import matches
from domain.rules.register import ALL_SETTINGS, BY_ID, CHECKS
from domain.rules.shape import AnyCheck, Cadence, Chain, Deadline, Each
from domain.workdays import FIRST, LAST, is_workday
from domain.workflows import BY_CHILD, MOVES, STAGES

Row = tuple[Any, ...]


class Reference(NamedTuple):
    """A table made of our own data: its DDL, with the name to fill in, its columns and rows."""

    name: str
    ddl: str
    columns: tuple[str, ...]
    rows: list[Row]


SETTINGS_DDL = """
CREATE TABLE IF NOT EXISTS {name} (
    rule       LowCardinality(String) COMMENT 'rule of domain.md, T8.6',
    key        LowCardinality(String) COMMENT 'which number of the rule, visit_months',
    value      UInt16                 COMMENT 'the longest interval allowed, 3',
    unit       LowCardinality(String) COMMENT 'calendar_months, months, days or weeks',
    place      String                 COMMENT 'where it holds: a code prefix, empty = everywhere',
    valid_from Date                   COMMENT 'from which day on, 2024-05-31',
    is_law     UInt8                  COMMENT '1 = law, 0 = a setting of this platform or county'
) ENGINE = MergeTree ORDER BY (rule, key, place, valid_from)
COMMENT 'One row per rule, key, place and day from which the value holds.'
"""

CHECKS_DDL = """
CREATE TABLE IF NOT EXISTS {name} (
    check   LowCardinality(String) COMMENT 'its key: the rule, and a name where it has several, T2.7/visit',
    rule    LowCardinality(String) COMMENT 'rule of domain.md, T2.7',
    kind    LowCardinality(String) COMMENT 'of the rule: H number, C chain, E evidence, D shown',
    form    LowCardinality(String) COMMENT 'cadence, standing, deadline, chain, each, counted or own',
    subject LowCardinality(String) COMMENT 'child, school, county, ...; case = what the event is about',
    scope   LowCardinality(String) COMMENT 'which children: all, in_school or key_attention',
    actor   String                 COMMENT 'who owes it, 学校',
    what    String                 COMMENT 'what is to be done, 心理健康测评筛查',
    anchor  UInt8                  COMMENT 'cadence: month in which a year of periods begins, 9',
    by      Date                   COMMENT 'deadline: the last day in time, 2024-12-31',
    unit    LowCardinality(String) COMMENT 'chain: days or months',
    joined  LowCardinality(String) COMMENT 'chain: child or reference',
    ledger  UInt8                  COMMENT 'chain: 1 = it ends when the child leaves the ledger',
    must    Array(String)          COMMENT 'each: the marks that such an event has to have'
) ENGINE = MergeTree ORDER BY check
COMMENT 'One row per check of a rule, as domain/rules/ has it.'
"""  # noqa: E501 - a column a line

MATCHES_DDL = """
CREATE TABLE IF NOT EXISTS {name} (
    check   LowCardinality(String) COMMENT 'T2.7/visit',
    role    LowCardinality(String) COMMENT 'event, or trigger and response of a chain',
    type    LowCardinality(String) COMMENT 'mental.referral_urged.v1',
    marks   Array(String)          COMMENT 'which it must have, [''level=prefecture'']',
    without Array(String)          COMMENT 'which it must not have'
) ENGINE = MergeTree ORDER BY (type, check, role)
COMMENT 'One row per check, role and event type: which events a check looks at.'
"""

WORKDAYS_DDL = """
CREATE TABLE IF NOT EXISTS {name} (
    day    Date   COMMENT '2026-02-14',
    number UInt32 COMMENT 'working days of the table up to this day',
    works  UInt8  COMMENT '1 = offices work'
) ENGINE = MergeTree ORDER BY day
COMMENT 'One row per day: which are working days in China, as domain/workdays.py has it.'
"""

MOVES_DDL = """
CREATE TABLE IF NOT EXISTS {name} (
    kind     LowCardinality(String) COMMENT 'of case: report, agreement, guardianship, dropout, mental, subsidy',
    type     LowCardinality(String) COMMENT 'the event that moves it, report.accepted.v1',
    mark     LowCardinality(String) COMMENT 'what the event must say, suspected_illness; empty = whatever',
    froms    Array(String)          COMMENT 'the states in which it moves it; empty text = before the beginning',
    to       LowCardinality(String) COMMENT 'to which state',
    by_child UInt8                  COMMENT '1 = a child has one case of this kind'
) ENGINE = MergeTree ORDER BY (type, kind, to)
COMMENT 'One row per move of a workflow, as domain/workflows.py has it.'
"""  # noqa: E501 - a column a line

STAGES_DDL = """
CREATE TABLE IF NOT EXISTS {name} (
    kind      LowCardinality(String) COMMENT 'of case: report, agreement, ...',
    state     LowCardinality(String) COMMENT 'received',
    label     String                 COMMENT 'in Chinese, 已接收',
    next_step String                 COMMENT '受理或移送; empty = the case is closed',
    actor     LowCardinality(String) COMMENT 'whose step it is, 接报部门',
    check     LowCardinality(String) COMMENT 'whose number is the limit, T6.4/accepted; empty = none',
    counted   LowCardinality(String) COMMENT 'event type from whose day it counts; empty = from the state on',
    workdays  UInt8                  COMMENT '1 = in working days',
    until     UInt8                  COMMENT '1 = due when the agreement ends',
    is_law    UInt8                  COMMENT '1 = the limit is law, 0 = a service level'
) ENGINE = MergeTree ORDER BY (kind, state)
COMMENT 'One row per state of a workflow and what it asks for, as domain/workflows.py has it.'
"""  # noqa: E501 - a column a line

CHECK_COLUMNS = (
    "check", "rule", "kind", "form", "subject", "scope", "actor", "what", "anchor", "by", "unit",
    "joined", "ledger", "must",
)  # fmt: skip
MATCH_COLUMNS = ("check", "role", "type", "marks", "without")
MOVE_COLUMNS = ("kind", "type", "mark", "froms", "to", "by_child")
STAGE_COLUMNS = (
    "kind", "state", "label", "next_step", "actor", "check", "counted", "workdays", "until",
    "is_law",
)  # fmt: skip
NO_DAY = date(1970, 1, 1)


def _check_row(check: AnyCheck) -> Row:
    more: dict[str, Any] = {
        "subject": getattr(check, "subject", "case"),
        "scope": getattr(check, "scope", "all"),
        "anchor": 1,
        "by": NO_DAY,
        "unit": "",
        "joined": "",
        "ledger": 1,
        "must": [],
    }
    match check:
        case Cadence():
            more["anchor"] = check.anchor
        case Deadline():
            more["by"] = check.by
        case Chain():
            more |= {"unit": check.unit, "joined": check.by, "ledger": int(check.ledger)}
        case Each():
            more["must"] = list(check.must)
        case _:
            pass
    row = {
        "check": check.key,
        "rule": check.rule,
        "kind": BY_ID[check.rule].kind,
        "form": type(check).__name__.lower(),
        "actor": check.actor,
        "what": check.what,
    } | more
    return tuple(row[name] for name in CHECK_COLUMNS)


def _match_rows(checks: Sequence[AnyCheck]) -> list[Row]:
    return [
        (check.key, role, type_name, list(match.marks), list(match.without))
        for check in checks
        for role, match in matches(check)
        for type_name in match.types
    ]


def _moves() -> list[Row]:
    return [
        (m.kind, m.type, m.mark, list(m.froms), m.to, int(m.kind in BY_CHILD)) for m in MOVES
    ]  # fmt: skip


def _stages() -> list[Row]:
    return [
        (s.kind, s.state, s.label, s.next_step, s.actor, s.check, s.counted, int(s.workdays),
         int(s.until), int(s.is_law))
        for s in STAGES
    ]  # fmt: skip


def _working_days() -> list[Row]:
    rows: list[Row] = []
    number = 0
    for offset in range((LAST - FIRST).days + 1):
        on = FIRST + timedelta(days=offset)
        works = is_workday(on)
        number += works
        rows.append((on, number, int(works)))
    return rows


def references(
    settings: Sequence[Setting] = ALL_SETTINGS, checks: Sequence[AnyCheck] = CHECKS
) -> tuple[Reference, ...]:
    """Every reference table, with what it should hold."""
    return (
        Reference(
            "duty_settings", SETTINGS_DDL, DUTY_SETTINGS_COLUMNS, duty_settings_rows(settings)
        ),
        Reference("rule_checks", CHECKS_DDL, CHECK_COLUMNS, [_check_row(each) for each in checks]),
        Reference("rule_matches", MATCHES_DDL, MATCH_COLUMNS, _match_rows(checks)),
        Reference("working_days", WORKDAYS_DDL, ("day", "number", "works"), _working_days()),
        Reference("workflow_moves", MOVES_DDL, MOVE_COLUMNS, _moves()),
        Reference("workflow_stages", STAGES_DDL, STAGE_COLUMNS, _stages()),
    )


def load_references(client: Any, tables: Sequence[Reference] | None = None) -> None:
    """Make each table hold exactly its rows."""
    for table in references() if tables is None else tables:
        _load(client, table)


def _load(client: Any, table: Reference) -> None:
    name, following = table.name, f"{table.name}_next"
    rows = [list(row) for row in table.rows]
    client.command(table.ddl.format(name=name))
    columns = ", ".join(f"`{each}`" for each in table.columns)
    held = client.query(f"SELECT {columns} FROM {name} ORDER BY ALL").result_rows  # noqa: S608
    if sorted(map(list, held)) == sorted(rows):
        return
    client.command(f"DROP TABLE IF EXISTS {following} SYNC")
    client.command(table.ddl.format(name=following))
    # as text: the client's own way for rows of Python loads pandas, and a home opens a second later
    lines = (msgspec.json.encode(dict(zip(table.columns, row, strict=True))) for row in rows)
    client.raw_insert(following, table.columns, b"\n".join(lines), fmt="JSONEachRow")
    client.command(f"EXCHANGE TABLES {following} AND {name}")
    client.command(f"DROP TABLE {following} SYNC")
