"""An example of every event, made from its class: for the catalogue, the documents and the tests.

Examples satisfy the schema and, where the guards look at values, the guards; their persons are
synthetic.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from msgspec import inspect as shapes

from domain.event import PLACE_LENGTH, SHANGHAI, Event, child_id
from domain.identity import make_id_number

BORN = date(2015, 5, 5)
HAPPENED = datetime(2026, 3, 16, 9, 30, tzinfo=SHANGHAI)
CHILD = child_id("example", "registered")
"""The child that the examples are about."""

BY_FIELD: dict[str, Any] = {
    "name": "示例儿童",
    "id_number": make_id_number("529901", BORN, 2),
    "id_type": "resident_id",
    "sex": "female",
    "birth_date": BORN.isoformat(),
    "reporter_name": "示例报告人",
    "reporter_phone": "00000000000",
    "to": "police",
    "desk": "police",
    "interval_days": 30,
    "new_agreement_id": "example-2",
    "role": "director",
    "place": "520526100200",
    "residence_division": "520526100200",
    "village_code": "520526100200",
    "hukou_division": "520526",
    "from_month": "2026-03",
    "last_month": "2026-12",
    "period": "2026-03",
    "week": "2026-W12",
    "amount_fen": 30000,
    "weekly_hours": 14,
    "years": 16,
    "year": 2026,
    "tasks": 18,
    "rule": "T8.6",
    "key": "visit_months",
    "valid_from": "2099-01-01",
}
"""field name → wire value, where the type alone does not say enough."""


def _of_type(kind: shapes.Type) -> Any:
    """A wire value that a type allows."""
    if isinstance(kind, shapes.Metadata):
        return _of_type(kind.type)
    if isinstance(kind, shapes.UnionType):
        return _of_type(next(e for e in kind.types if not isinstance(e, shapes.NoneType)))
    if isinstance(kind, shapes.EnumType):
        return next(iter(kind.cls)).value
    if isinstance(kind, shapes.ListType):
        return []
    if isinstance(kind, shapes.DateType):
        return HAPPENED.date().isoformat()
    if isinstance(kind, shapes.DateTimeType):
        return HAPPENED.isoformat()
    return {shapes.BoolType: True, shapes.IntType: 1, shapes.FloatType: 0.5}.get(
        type(kind), "example-1"
    )


def example_data(cls: type[Event]) -> dict[str, Any]:
    """The required fields of an event, in wire form."""
    kind = shapes.type_info(cls)
    fields = kind.fields if isinstance(kind, shapes.StructType) else ()
    allowed = {field.name: field for field in fields}
    made = {
        name: BY_FIELD[name]
        if name in BY_FIELD and _fits(field, BY_FIELD[name])
        else _of_type(field.type)
        for name, field in allowed.items()
        if field.required
    }
    if "id_type" in made:
        made["id_number"] = BY_FIELD["id_number"]
    return made


def _fits(field: shapes.Field, value: Any) -> bool:
    """Whether a value by name is one of the field's own (`to` is a department or a school)."""
    kind = field.type
    return not isinstance(kind, shapes.EnumType) or value in {e.value for e in kind.cls}


PLACE = "520526100200"


def example_place(cls: type[Event]) -> str:
    """A place of a level that the event may belong to: a village where it may."""
    if not cls.LEVELS or "village" in cls.LEVELS:
        return PLACE
    return PLACE[: max(PLACE_LENGTH[level] for level in cls.LEVELS)]


def example(cls: type[Event]) -> Event:
    """An event of a class, with its required fields."""
    return msgspec.convert(example_data(cls), cls)


def wire_example(cls: type[Event]) -> dict[str, Any]:
    """The CloudEvents 1.0 form of an example, as a service sends it."""
    return {
        "specversion": "1.0",
        "id": "2026-000123",
        "source": "https://example.org/service",
        "type": cls.TYPE,
        "time": HAPPENED.isoformat(),
        "recordedtime": (HAPPENED + timedelta(hours=2)).isoformat(),
        **({"subject": str(CHILD)} if cls.ABOUT_CHILD else {}),
        "actor": "worker-7",
        "actorrole": "director",
        "place": example_place(cls),
        "datacontenttype": "application/json",
        "data": example_data(cls),
    }
