"""The feature matrix at the size of a prefecture: 50,000 children on 12 as-of dates, in one run."""

from __future__ import annotations

from datetime import date
from typing import Any

from bench.measure import peak_mib, seconds
from projections.engine import Engine
from risk.features import FEATURES
from risk.matrix import fetch
from risk.questions import SERIOUS_PROBLEM, as_of_dates

CHILDREN = 50_000
DATES = 12
PER_CHILD = 90
UNTIL = date(2026, 3, 31)

MIX = """[
    ('visit.completed.v1', '{"by":"director","child_seen":true,"concerns":["health"],"checklist":{"health":"concern"}}', 90),
    ('contact.logged.v1', '{"by":"director","channel":"phone","with_whom":"child"}', 250),
    ('parent_contact.logged.v1', '{"leg":"child","parent":"mother","channel":"video"}', 520),
    ('visit.attempt_failed.v1', '{"by":"director","reason":"nobody_home"}', 20),
    ('benefit.paid.v1', '{"benefit_id":"B","amount_fen":75000,"period":"2025-03"}', 40),
    ('parent.departed.v1', '{"parent":"father"}', 15),
    ('parent.returned.v1', '{"parent":"father"}', 15),
    ('risk.tier_set.v1', '{"tier":"yellow"}', 10),
    ('child.category_added.v1', '{"category":"left_behind_child"}', 10),
    ('school.enrolled.v1', '{"school_code":"S","stage":"primary","grade":3}', 10),
    ('guardian.assessed.v1', '{"guardian_id":"G","grade":"fair"}', 10),
    ('care_agreement.signed.v1', '{"agreement_id":"A","start":"2025-02-20"}', 5),
    ('problem.found.v1', '{"problem_id":"P","kind":"safety","severity":"serious"}', 5)
]"""  # noqa: E501 - a table

FILL = f"""
INSERT INTO events (offset, event_id, stream_id, version, type, child_id, occurred_at, recorded_at,
    source, id, actor, role, place, rule, corrects, data)
WITH {MIX} AS mix,
    arrayFlatten(arrayMap(m -> arrayWithConstant(m.3, (m.1, m.2)), mix)) AS drawn,
    intDiv(number, {{per:UInt64}}) AS child, number % {{per:UInt64}} AS nth,
    drawn[cityHash64(number) % length(drawn) + 1] AS fact,
    toDateTime64('2024-04-01', 6, 'UTC') + toIntervalSecond(
        nth = 0 ? 0 : cityHash64(number, 1) % (729 * 86400)) AS happened
SELECT number + 1, generateUUIDv4(), generateUUIDv4(), 1, nth = 0 ? 'child.registered.v1' : fact.1,
    reinterpretAsUUID(MD5(toString(child))), happened, happened + toIntervalMinute(5), 'bench',
    toString(number), 'D-1', 'director', '', '', toUUID('00000000-0000-0000-0000-000000000000'),
    nth = 0 ? concat('{{"sex":"female","birth_date":"2015-03-07","residence_division":"520526',
        leftPad(toString(child % 2000), 6, '0'), '"}}') : fact.2
FROM numbers({{children:UInt64}} * {{per:UInt64}})
SETTINGS async_insert = 0
"""


def fill(client: Any, children: int = CHILDREN) -> int:
    """Two years of events for so many children, straight into an empty `events`. → how many."""
    engine = Engine(client)
    client.command(FILL, parameters={"children": children, "per": PER_CHILD})
    engine.advance()
    return engine.head()


def measure(client: Any, dates: int = DATES) -> dict[str, Any]:
    """`client`: a database with read models at the head, filled by `fill`.

    → `children`, `dates`, `rows`, `features`, `seconds`, `rows_per_second`, `peak_mib`
    """
    days = as_of_dates(SERIOUS_PROBLEM, date(2024, 6, 1), UNTIL)[-dates:]
    made: list[Any] = []
    taken = seconds(lambda: made.append(fetch(client, days, SERIOUS_PROBLEM, UNTIL)))
    matrix = made[0]
    return {
        "children": len(set(matrix.on(days[-1:]).text("child"))),
        "dates": len(days),
        "rows": len(matrix),
        "features": len(FEATURES),
        "seconds": taken,
        "rows_per_second": len(matrix) / taken,
        "peak_mib": peak_mib(),
    }
