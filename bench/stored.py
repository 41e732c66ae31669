"""Stored events made fast, for the road below the event store: no intake, no keys.

The mix is a county's: mostly contacts and visits, some of everything else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from domain.event import event_class
from domain.examples import example_data

PER_CHILD = 90
NIL = "00000000-0000-0000-0000-000000000000"

CHECKLIST = (
    '{"living":"fine","guardianship":"fine","schooling":"fine","health":"concern",'
    '"psychology":"fine","safety":"fine","internet":"not_seen"}'
)
TOKEN = "enc1:" + "Zm9yZ2V0" * 8
MIX: tuple[tuple[int, str, str], ...] = (
    (520, "parent_contact.logged.v1",
     '{"leg":"child","parent":"mother","channel":"video","minutes":12}'),
    (250, "contact.logged.v1",
     '{"by":"director","channel":"phone","with_whom":"child","minutes":6,"note":null}'),
    (90, "visit.completed.v1",
     ('{"by":"director","child_seen":true,"child_spoken_alone":true,"carer_present":true,'
     f'"checklist":{CHECKLIST},"concerns":["health"],"selection":"duty","minutes":35,'
     f'"next_due":null,"note":"{TOKEN}"}}')),
    (20, "visit.attempt_failed.v1", '{"by":"director","reason":"nobody_home","note":null}'),
    (40, "benefit.paid.v1", '{"benefit_id":"B-@","amount_fen":75000,"period":"2026-03"}'),
    (20, "risk.scored.v1",
     ('{"model_id":"m-1","as_of":"2026-03-31","score":0.031,"log_position":48210,"reasons":'
     '[{"code":"absent","text":"父母双方外出","weight":0.4,"event_ids":[]},'
     '{"code":"unseen","text":"九十天未见到孩子","weight":0.2,"event_ids":[]}]}')),
    (8, "parent.departed.v1", ('{"parent":"father","reason":"work","place_division":"4403",'
     '"expected_return":"2027-01-20"}')),
    (8, "parent.returned.v1", '{"parent":"father"}'),
    (5, "risk.factor_recorded.v1", '{"factor":"single_parent","present":true,"note":null}'),
    (5, "child.category_added.v1", '{"category":"left_behind_child","basis":"census","note":null}'),
    (4, "risk.tier_set.v1", '{"tier":"yellow","origin":"manual","note":null}'),
    (5, "school.enrolled.v1",
     '{"school_code":"S-520526-01","stage":"primary","grade":3,"boarding":true}'),
    (3, "guardian.linked.v1", ('{"guardian_id":"G-1","name":"enc1:eA","id_number":null,'
     '"phone":null,"relation":"paternal_grandparent","capacity":"full","is_legal":false}')),
    (2, "guardian.assessed.v1",
     '{"guardian_id":"G-1","grade":"fair","capacity":"limited","note":null}'),
    (3, "care_agreement.signed.v1", ('{"agreement_id":"A-@","name":"enc1:eA","phone":null,'
     '"id_number":null,"relation":"relative","start":"2026-02-20","end":null,'
     '"child_view_heard":true}')),
    (2, "care_agreement.filed.v1", '{"agreement_id":"A-@"}'),
    (2, "problem.found.v1", ('{"problem_id":"P-@","kind":"unattended","severity":"serious",'
     '"found_by":"visit","note":null}')),
    (1, "report.submitted.v1", ('{"report_id":"R-@","situation":"multiple_injuries",'
     '"severity":"urgent","to":"police","discovered_at":null,"reporter_kind":"school",'
     '"reporter_name":"enc1:eA","reporter_phone":null,"note":null}')),
    (1, "visit_list.child_listed.v1", ('{"week":"2026-W12","village_code":"520526100201",'
     '"worker_id":"D-1","rank":1,"duty":"due_visit","score":0.031,"reasons":["走访到期"]}')),
    (11, "child.registered.v1", ('{"name":"enc1:eA","id_type":"resident_id","id_number":"enc1:eA",'
     '"sex":"female","birth_date":"2015-03-07","ethnicity":"01","hukou_type":"rural",'
     '"hukou_division":"520526","residence_division":"520526100201","address":null,"phone":null}')),
)  # fmt: skip


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


Mix = Sequence[tuple[int, str, str]]


def mix_of(types: Sequence[str]) -> Mix:
    """Events of these types alone: shares as in a county, examples of what is rare there."""
    usual = {name: (weight, name, data) for weight, name, data in MIX}
    return [usual.get(name) or (5, name, _example(name)) for name in types]


def _example(name: str) -> str:
    return msgspec.json.encode(example_data(event_class(name))).decode()


def states(first: int, count: int, children: int, mix: Mix = MIX) -> str:
    """A SELECT of (offset, stream_id, type, state) for positions first to first + count − 1."""
    bounds, total = [], 0
    for weight, _, _ in mix:
        total += weight
        bounds.append(total)
    types = ", ".join(_quoted(name) for _, name, _ in mix)
    datas = ", ".join(_quoted(data) for _, _, data in mix)
    return f"""
    WITH number + {first} AS n,
        arrayFirstIndex(b -> cityHash64(n) % {total} < b, {bounds}) AS kind,
        cityHash64(n, 1) % {children} AS child,
        reinterpretAsUUID(sipHash128(n)) AS own
    SELECT n AS offset, own AS stream_id, [{types}][kind] AS type, concat(
        '{{"specversion":"1.0","eventid":"', toString(own),
        '","source":"urn:bench","id":"', toString(n),
        '","type":"', type, '","subject":"', toString(reinterpretAsUUID(sipHash128(child))),
        '","time":"', formatDateTime(toDateTime('2024-01-01', 'UTC') + intDiv(n * 7, 3),
        '%Y-%m-%dT%H:%i:%SZ'), '","recordedtime":"2027-01-02T03:04:05.123456Z",',
        '"actor":"D-', toString(child % 200), '","actorrole":"director","place":"520526100',
        toString(200 + child % 300), '","data":',
        replaceAll([{datas}][kind], '@', toString(child)), '}}') AS state
    FROM numbers({count})
    """


def fill_events(client: Any, count: int, mix: Mix = MIX, block: int = 1_000_000) -> None:
    """Positions 1 to `count` straight into ClickHouse's `events`."""
    children = max(1, count // PER_CHILD)
    for first in range(1, count + 1, block):
        some = min(block, count + 1 - first)
        client.command(
            "INSERT INTO events (offset, stream_id, version, state) SELECT offset, stream_id, 1,"
            f" state FROM ({states(first, some, children, mix)})"
        )


def fill_store(client: Any, path: Path, count: int, block: int = 100_000) -> None:
    """Positions 1 to `count` into an event store of the library's schema."""
    store = sqlite3.connect(path, isolation_level=None)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute(
        "CREATE TABLE IF NOT EXISTS stored_events (originator_id TEXT, originator_version INTEGER,"
        " topic TEXT, state BLOB, PRIMARY KEY (originator_id, originator_version))"
    )
    children = max(1, count // PER_CHILD)
    for first in range(1, count + 1, block):
        some = min(block, count + 1 - first)
        rows = client.query(
            "SELECT lower(hex(stream_id)), 1, type, state FROM"
            f" ({states(first, some, children)}) ORDER BY offset"
        ).result_rows
        store.execute("BEGIN")
        store.executemany("INSERT INTO stored_events VALUES (?, ?, ?, CAST(? AS BLOB))", rows)
        store.execute("COMMIT")
    store.close()
