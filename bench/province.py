"""A province made in bulk: 200,000 children, three years, straight into the read models' tables.

Every table is filled by its own projection's SELECT, from made-up events: what it holds is what the
log would have given it. Shares and habits are those of a county (simulation/parameters.py): parents
home at Spring Festival, directors of more or less diligence, one fact in forty learnt weeks late,
one in five hundred corrected.
"""
# ruff: noqa: E501 - a table: a habit a line

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import msgspec

from bench.measure import peak_anew, peak_since, processor_seconds, seconds
from bench.stored import CHECKLIST
from domain.divisions import villages
from domain.event import event_class
from domain.examples import example_data
from domain.rules.happening import TYPES
from projections.definition import Definition, load
from projections.engine import Engine
from projections.rendering import ENVELOPE_SELECT
from projections.storages import Shelf

CHILDREN = 200_000
FROM, DAYS = date(2024, 1, 1), 1095
UNTIL = date(2026, 12, 31)
SCHOOLS, SITES = 6_000, 20_000
NIL = "toUUID('00000000-0000-0000-0000-000000000000')"


class Habit(NamedTuple):
    """Events of a type: so many for each of the units, spread evenly and shaken.

    unit    child, village, county, school, site or director
    times   events a unit over the three years
    share   of the units that have any, in percent
    data    an SQL expression of the data: `u` is the unit's number, `nth` which of its events
    """

    type: str
    unit: str
    times: int
    share: int
    data: str


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _filled(text: str, **names: str) -> str:
    """JSON with `@name` filled in by SQL expressions."""
    made = _text(text)
    for name, sql in names.items():
        made = f"replaceOne({made}, '@{name}', {sql})"
    return made


HABITS: tuple[Habit, ...] = (
    Habit("child.registered.v1", "child", 1, 100, _filled(
        '{"sex":"@sex","birth_date":"@born","ethnicity":"01","hukou_type":"rural",'
        '"hukou_division":"520526","residence_division":"@home"}',
        sex="if(u % 2 = 0, 'female', 'male')", home="villages[home]",
        born="toString(toDate('2009-06-01') + cityHash64(u, 7) % 4900)")),
    Habit("file.opened.v1", "child", 1, 93, "'{}'"),
    Habit("national_system.synced.v1", "child", 2, 90, "'{}'"),
    Habit("care_plan.adopted.v1", "child", 2, 80, "'{}'"),
    Habit("child.category_added.v1", "child", 1, 100,
          '\'{"category":"left_behind_child","basis":"census","note":null}\''),
    Habit("risk.factor_recorded.v1", "child", 2, 35, _filled(
        '{"factor":"@f","present":true,"note":null}',
        f="['single_parent', 'both_parents_away', 'disaster', 'child_disability', 'school_aversion',"
          " 'guardianship_improper', 'family_violence', 'psychological_abnormality'][1 + cityHash64(u, nth) % 8]")),
    Habit("risk.tier_set.v1", "child", 2, 60, _filled(
        '{"tier":"@t","origin":"manual","note":null}',
        t="['red', 'yellow', 'blue', 'green', 'green', 'green'][1 + cityHash64(u, nth, 2) % 6]")),
    Habit("school.enrolled.v1", "child", 2, 78, _filled(
        '{"school_code":"S-@s","stage":"primary","grade":3,"boarding":false}', s=f"toString(u % {SCHOOLS})")),
    Habit("child.left_ledger.v1", "child", 1, 6, '\'{"reason":"parent_back"}\''),
    Habit("child.moved.v1", "child", 1, 3, _filled(
        '{"residence_division":"@home"}', home="villages[1 + cityHash64(u, 3) % length(villages)]")),
    Habit("parent.departed.v1", "child", 5, 92, _filled(
        '{"parent":"@p","reason":"work","place_division":"4403","expected_return":"2027-01-20"}',
        p="if(nth % 2 = 0, 'father', 'mother')")),
    Habit("parent.returned.v1", "child", 3, 84, _filled(
        '{"parent":"@p"}', p="if(nth % 2 = 0, 'father', 'mother')")),
    Habit("parent.status_changed.v1", "child", 1, 8, '\'{"parent":"father","status":"lost_contact"}\''),
    Habit("parent_contact.logged.v1", "child", 141, 100, _filled(
        '{"leg":"@l","parent":"mother","channel":"video","minutes":12}',
        l="if(cityHash64(u, nth, 1) % 4 = 0, 'delegate', 'child')")),
    Habit("contact.logged.v1", "child", 67, 100, _filled(
        '{"by":"@b","channel":"phone","with_whom":"child","minutes":6,"note":null}',
        b="if(nth % 12 = 0, 'supervisor', 'director')")),
    Habit("visit.completed.v1", "child", 24, 100, _filled(
        '{"by":"@b","child_seen":true,"child_spoken_alone":true,"carer_present":true,"checklist":'
        + CHECKLIST + ',"concerns":["health"],"selection":"duty","minutes":35,"next_due":null}',
        b="if(nth % 8 = 7, 'supervisor', 'director')")),
    Habit("care_agreement.signed.v1", "child", 1, 75, _filled(
        '{"agreement_id":"A-@a","name":"x","relation":"relative","start":"2024-02-20","end":null,'
        '"child_view_heard":true}', a="toString(u)")),
    Habit("care_agreement.filed.v1", "child", 1, 68, _filled('{"agreement_id":"A-@a"}', a="toString(u)")),
    Habit("care_agreement.delegate_assessed.v1", "child", 1, 66, _filled(
        '{"agreement_id":"A-@a","disqualifiers":[]}', a="toString(u)")),
    Habit("care_agreement.notice_sent.v1", "child", 1, 60, _filled(
        '{"agreement_id":"A-@a","to":"school"}', a="toString(u)")),
    Habit("guardian.guidance_given.v1", "child", 3, 70, "'{}'"),
    Habit("mental.screening_completed.v1", "child", 3, 76, _filled(
        '{"band":"@b"}', b="['normal', 'normal', 'normal', 'needs_counselling'][1 + cityHash64(u, nth) % 4]")),
    Habit("mental.file_opened.v1", "child", 1, 70, "'{}'"),
    Habit("mental.counselling_delivered.v1", "child", 1, 40, "'{}'"),
    Habit("activity.attended.v1", "child", 3, 70, "'{}'"),
    Habit("problem.found.v1", "child", 1, 9, _filled(
        '{"problem_id":"P-@u","kind":"@k","severity":"serious","found_by":"visit","note":null}', u="toString(u)",
        k="['unattended', 'guardianship', 'living', 'safety', 'abuse'][1 + cityHash64(u) % 5]")),
    Habit("problem.resolved.v1", "child", 1, 7, _filled(
        '{"problem_id":"P-@u","outcome":"solved"}', u="toString(u)")),
    Habit("eligibility.assessed.v1", "child", 1, 25, _filled(
        '{"benefit_id":"B-@u","type":"orphan","result":"eligible"}', u="toString(u)")),
    Habit("benefit.granted.v1", "child", 1, 23, _filled(
        '{"benefit_id":"B-@u","type":"orphan","amount_fen":75000,"from_month":"2024-05"}', u="toString(u)")),
    Habit("benefit.paid.v1", "child", 30, 22, _filled(
        '{"benefit_id":"B-@u","period":"@m","amount_fen":75000}', u="toString(u)",
        m="formatDateTime(addMonths(toDate('2024-05-01'), nth), '%Y-%m')")),
    Habit("household.income_status_set.v1", "child", 1, 30, '\'{"status":"subsistence"}\''),
    Habit("dropout.confirmed.v1", "child", 1, 1, _filled('{"dropout_id":"DO-@u"}', u="toString(u)")),
    Habit("dropout.persuasion_made.v1", "child", 1, 1, _filled('{"dropout_id":"DO-@u"}', u="toString(u)")),
    Habit("dropout.returned.v1", "child", 1, 1, _filled('{"dropout_id":"DO-@u"}', u="toString(u)")),
    Habit("report.submitted.v1", "child", 1, 1, _filled(
        '{"report_id":"R-@u","to":"police","situation":"multiple_injuries"}', u="toString(u)")),
    Habit("report.received.v1", "child", 1, 1, _filled('{"report_id":"R-@u"}', u="toString(u)")),
    Habit("report.accepted.v1", "child", 1, 1, _filled('{"report_id":"R-@u"}', u="toString(u)")),
    Habit("worker.appointed.v1", "director", 1, 100, _filled(
        '{"worker_id":"D-@u","role":"director","place":"@v","weekly_hours":6}', u="toString(u)",
        v="villages[u + 1]")),
    Habit("training.attended.v1", "director", 3, 80, _filled('{"worker_id":"D-@u"}', u="toString(u)")),
    Habit("census.village_completed.v1", "village", 1, 97, "'{}'"),
    Habit("employment.service_delivered.v1", "village", 3, 80, "'{}'"),
    Habit("school.registered.v1", "school", 1, 100, _filled(
        '{"school_code":"S-@u"}', u="toString(u)")),
    Habit("dropout.report_submitted.v1", "school", 30, 95, _filled(
        '{"school_code":"S-@u","level":"school"}', u="toString(u)")),
    Habit("water_site.registered.v1", "site", 1, 100, _filled('{"site_id":"W-@u"}', u="toString(u)")),
    Habit("water_site.patrolled.v1", "site", 30, 90, _filled('{"site_id":"W-@u"}', u="toString(u)")),
)  # fmt: skip
"""What there is much of; every other type that a rule looks at comes as its example, from counties."""


def _others() -> Iterator[Habit]:
    for name in sorted(TYPES - {habit.type for habit in HABITS}):
        if not event_class(name).ABOUT_CHILD:
            data = msgspec.json.encode(example_data(event_class(name))).decode()
            yield Habit(name, "county", 12, 90, _text(data))


def events(habit: Habit, number: int, units: dict[str, int]) -> str:
    """A SELECT of made-up events, as the projections see them."""
    count, step = units[habit.unit], max(1, DAYS // habit.times)
    registers = habit.type.endswith((".registered.v1", ".appointed.v1"))
    day = (
        "cityHash64(u) % 90"
        if registers
        else f"60 + nth * {step} + cityHash64(u, nth, {number}) % {step}"
    )
    child = "reinterpretAsUUID(sipHash128(u))" if habit.unit == "child" else NIL
    place = "left(villages[home], 6)" if habit.unit == "county" else "villages[home]"
    home = (
        "u * 7 % length(villages) + 1"
        if habit.unit != "child"
        else "cityHash64(u, 5) % length(villages) + 1"
    )
    return f"""
    (WITH (SELECT groupArray(code) FROM (SELECT code FROM places ORDER BY code)) AS villages
    SELECT intDiv(number, {habit.times}) AS u, number % {habit.times} AS nth, {home} AS home,
        {child} AS child_id, reinterpretAsUUID(sipHash128({number}, number)) AS event_id,
        toUInt64({number}) * 1000000000 + number AS position, '{habit.type}' AS type,
        toDateTime64('{FROM} 02:00:00', 6, 'UTC') + toIntervalMinute(({day}) * 1440 + cityHash64(number) % 600)
            AS occurred_at,
        occurred_at + toIntervalMinute(if(cityHash64(number, 4) % 40 = 0, 1440 * (5 + number % 30), 9)) AS recorded_at,
        concat('D-', toString(home)) AS actor, {place} AS place,
        if(nth > 0 AND cityHash64(number, 6) % 500 = 0, reinterpretAsUUID(sipHash128({number}, number - 1)), {NIL})
            AS corrects,
        {habit.data} AS data
    FROM numbers({count * habit.times}) WHERE cityHash64(u, {number}) % 100 < {habit.share})
    """


def fill(client: Any, children: int = CHILDREN) -> int:
    """Every read model of the duties and obligations, filled. → events."""
    Engine(client).advance()
    client.command("CREATE TABLE places (code String) ENGINE = Memory")
    client.insert("places", [[each.code] for each in villages()], column_names=["code"])
    scale = children / CHILDREN
    units = {"child": children, "director": 17_964, "village": 17_964, "county": 88,
             "school": max(1, round(SCHOOLS * scale)), "site": max(1, round(SITES * scale))}  # fmt: skip
    live, made = Shelf(client).live(), 0
    models = [each for each in load() if each.stored]
    for number, habit in enumerate([*HABITS, *_others()], 1):
        made += units[habit.unit] * habit.times * habit.share // 100
        for model in models:
            if habit.type in model.types and model.name != "timeline":
                _insert(client, model, live[model.name].table, events(habit, number, units))
    for storage in live.values():
        client.command(f"OPTIMIZE TABLE {storage.table}")
    client.command("DROP TABLE places SYNC")
    return made


ASKED = (
    "duties", "obligations", "entitlements", "application_steps", "payment_findings", "indicators",
)  # fmt: skip


class Asked(NamedTuple):
    """What one question took. The peak is of resident memory while it was answered."""

    name: str
    rows: int
    seconds: float
    cpu: float
    peak_mib: float


def measure(client: Any, on: date = date(2026, 11, 15)) -> list[Asked]:
    """All that is owed on a day, every row of it, and every indicator at every place."""
    return [_ask(client, name, f"as_of = '{on}'") for name in ASKED]


def _ask(client: Any, name: str, day: str) -> Asked:
    rows: list[int] = []

    def ask() -> None:
        asked = f"SELECT count(), sum(cityHash64(*)) FROM {name}_as_of({day})"
        rows.append(client.query(asked).result_rows[0][0])

    peak_anew()
    before = processor_seconds()
    taken = seconds(ask)
    return Asked(name, rows[0], taken, processor_seconds() - before, peak_since())


def _insert(client: Any, model: Definition, table: str, made: str) -> None:
    select = model.select.replace("{envelope}", ENVELOPE_SELECT).replace("{events}", made)
    client.command(f"INSERT INTO {table} {select} SETTINGS max_insert_threads = 1")
