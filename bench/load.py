"""A cheap stream of CloudEvents for load: registrations, then the everyday mix of a county.

Not a county that lives (that is `simulation/`): only the shape and the share of events are like it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from domain.event import child_id
from domain.identity import make_id_number

SOURCE = "/bench"
START = datetime(2024, 1, 1, 1, tzinfo=UTC)
PER_CHILD = 90
"""Events a child, about a year's (design §9)."""

VISIT = (
    '"by":"director","child_seen":true,"child_spoken_alone":true,"carer_present":true,'
    '"checklist":{"living":"fine","guardianship":"concern","schooling":"fine"},'
    '"concerns":["guardianship"],"selection":"duty","minutes":40'
)
MIX = (
    ("visit.completed.v1", VISIT, 10),
    ("contact.logged.v1", '"by":"director","channel":"phone","with_whom":"carer","minutes":6', 25),
    (
        "parent_contact.logged.v1",
        '"leg":"child","parent":"mother","channel":"video","minutes":12',
        60,
    ),
    ("visit.attempt_failed.v1", '"by":"director","reason":"nobody_home"', 3),
    ("contact.logged.v1", '"by":"director","channel":"phone","note":"外婆说孩子近来睡不好"', 2),
)


def children_for(events: int) -> int:
    """How many children a stream of `events` events is about."""
    return max(1, events // PER_CHILD)


def cloud_events(events: int, seed: int = 1) -> Iterator[bytes]:
    """`events` CloudEvents in JSON, in order of time; the same bytes for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    children = children_for(events)
    for number in range(children):
        yield registration(number, rng)
    types = [(kind, data) for kind, data, _ in MIX]
    weights = [weight for _, _, weight in MIX]
    subjects = [str(child_id(SOURCE, f"r{number}")) for number in range(children)]
    step = timedelta(days=365) / max(1, events)
    for number in range(events - children):
        kind, data = rng.choices(types, weights)[0]
        time = (START + step * number).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield (
            f'{{"specversion":"1.0","id":"e{number}","source":"{SOURCE}","type":"{kind}",'
            f'"subject":"{subjects[rng.randrange(children)]}","time":"{time}","recordedtime":"{time}",'
            f'"actor":"director-{number % 200}","actorrole":"director","data":{{{data}}}}}'
        ).encode()


def registration(number: int, rng: random.Random) -> bytes:
    """The registration of child `number`, with the personal fields a real one has."""
    born = date(2012, 1, 1) + timedelta(days=rng.randrange(3600))
    serial = number % 999 + 1
    id_number = make_id_number(f"5299{number // 999 % 100:02d}", born, serial)
    time = START.strftime("%Y-%m-%dT%H:%M:%SZ")
    village, sex = f"520526001{number % 300:03d}", "male" if serial % 2 else "female"
    return (
        f'{{"specversion":"1.0","id":"r{number}","source":"{SOURCE}","type":"child.registered.v1",'
        f'"time":"{time}","recordedtime":"{time}","data":{{"name":"禾苗{number}",'
        f'"id_type":"resident_id","id_number":"{id_number}","sex":"{sex}",'
        f'"birth_date":"{born}","hukou_type":"rural","hukou_division":"520526",'
        f'"residence_division":"{village}","address":"第{number}号",'
        f'"phone":"1990000{number % 10000:04d}"}}}}'
    ).encode()
