"""JSON Schemas (2020-12) of what services send and read.

    <type>.json            an event's data, as a service sends it
    recorded/<type>.json   the same as it stands on the topic: personal fields are ciphertext
    incoming.json          the CloudEvent around the data, as a service sends it
    recorded.json          the CloudEvent around the data, as it stands on the topic
    result.json            what became of an event that was sent

What is sent is closed: a misspelt field is refused. What is read is open: fields and enum values
may be added, so a reader passes over those it does not know.
"""

from __future__ import annotations

import inspect
from datetime import datetime
from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec

from domain.contract import SCHEMA_DIALECT, json_schema
from domain.event import Event, Incoming, Recorded
from domain.vocabulary import EVENTS
from infra.intake.decode import INTERNAL
from infra.keys import PREFIX

Schema = dict[str, Any]

CIPHERTEXT: Schema = {"type": "string", "pattern": f"^{PREFIX}"}
"""A personal field on the topic."""

PLACE_IN_LOG: Schema = {
    "sequence": {
        "type": "string",
        "pattern": "^[1-9][0-9]*$",
        "description": "position in the log; ascending per child, with gaps in a partition",
    },
    "stream": {
        "type": "string",
        "pattern": "^[0-9a-f]{32}$",
        "description": "the aggregate the event belongs to",
    },
    "streamversion": {
        "type": "integer",
        "minimum": 1,
        "description": "the event's place in its aggregate",
    },
}
"""What `infra.wire` puts at the end of a stored event."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
SHOWN_AS: dict[Any, Any] = {
    datetime: Moment,
    datetime | None: Moment | None,
    msgspec.Raw: dict[str, Any],
}
"""Field types that msgspec has no schema for, or says less of than the intake wants."""

Envelope = Literal["incoming", "recorded", "result"]
ENVELOPES: tuple[Envelope, ...] = get_args(Envelope)


def sent_data(cls: type[Event]) -> Schema:
    """An event's data as a service sends it.

    `domain.contract.json_schema`, and where it is filed and who may send it: `x-key`,
    `x-about-child`, `x-internal` (only this system records it).
    """
    marks = {
        "x-key": cls.KEY,
        "x-about-child": cls.ABOUT_CHILD,
        "x-internal": cls.TYPE in INTERNAL,
    }
    return json_schema(cls) | marks


def recorded_data(cls: type[Event]) -> Schema:
    """An event's data as it stands on the topic, personal fields as ciphertext."""
    schema: Schema = _as_read(sent_data(cls))
    return schema | {"$id": f"urn:shouhe:recorded:{cls.TYPE}"}


def envelope(name: Envelope) -> Schema:
    """The message around the data, or the result of one."""
    return {"incoming": incoming, "recorded": recorded, "result": result}[name]()


def incoming() -> Schema:
    """The CloudEvent as a service sends it."""
    return _document("incoming", Incoming, "发来的事件 CloudEvent as sent", _with_data(Incoming))


def stored() -> Schema:
    """The CloudEvent as the log keeps it, without its place there."""
    return _document("stored", Recorded, "存储的事件 CloudEvent as stored", _with_data(Recorded))


def recorded() -> Schema:
    """The CloudEvent as it stands on the topic."""
    made = stored()
    made |= {"$id": "urn:shouhe:recorded", "title": "读到的事件 CloudEvent as read"}
    made["properties"] |= PLACE_IN_LOG
    made["required"] = [*made["required"], "data", *PLACE_IN_LOG]
    return made


def result() -> Schema:
    """What became of an event of the intake topic."""
    from infra.intake.door import Status  # noqa: PLC0415 - beside its only use
    from infra.streaming.intake import Result  # noqa: PLC0415 - an extra

    made = msgspec.json.schema(Result)["$defs"]["Result"]
    made["properties"]["status"] = {"enum": list(get_args(Status))}
    return _document("result", Result, "处理结果 result of an event", made)


def documents() -> dict[str, Schema]:
    """File name in `docs/schemas/` → schema."""
    made = {f"{name}.json": envelope(name) for name in ENVELOPES}
    made |= {f"{name}.json": sent_data(cls) for name, cls in EVENTS.items()}
    return made | {f"recorded/{name}.json": recorded_data(cls) for name, cls in EVENTS.items()}


def _document(name: str, cls: type, title: str, schema: Schema) -> Schema:
    head = {"$schema": SCHEMA_DIALECT, "$id": f"urn:shouhe:{name}"}
    words = {"title": title, "description": inspect.cleandoc(cls.__doc__ or "")}
    return head | words | {k: v for k, v in schema.items() if k not in words}


def _with_data(cls: type[msgspec.Struct]) -> Schema:
    """An envelope's schema, through a twin of its class: msgspec has no schema for raw JSON."""
    config, hints = cls.__struct_config__, get_type_hints(cls, include_extras=True)
    twin = msgspec.defstruct(
        cls.__name__,
        [
            (each.name, SHOWN_AS.get(hints[each.name], hints[each.name]), _like(each))
            for each in msgspec.structs.fields(cls)
        ],
        kw_only=True,
        tag=config.tag,
        tag_field=config.tag_field,
        forbid_unknown_fields=config.forbid_unknown_fields,
    )
    made: Schema = msgspec.json.schema(twin)["$defs"][cls.__name__]
    return made


def _like(field: msgspec.structs.FieldInfo) -> Any:
    """A field's name on the wire and its default."""
    if field.required:
        return msgspec.field(name=field.encode_name)
    if field.type is msgspec.Raw:
        return msgspec.field(name=field.encode_name, default_factory=dict)
    return msgspec.field(name=field.encode_name, default=field.default)


def _as_read(schema: Any) -> Any:
    """Open objects, ciphertext for personal fields, all the way down."""
    if isinstance(schema, list):
        return [_as_read(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "x-scope" in schema:
        return CIPHERTEXT | {"x-scope": schema["x-scope"]}
    closed = schema.get("additionalProperties") is False
    return {
        name: _as_read(each)
        for name, each in schema.items()
        if not (closed and name == "additionalProperties")
    }
