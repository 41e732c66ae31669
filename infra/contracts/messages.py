"""AsyncAPI's messages: for each event type one as it is sent and one as it is read.

Payload schemas are those of `docs/schemas/`, by reference. Examples come from domain/examples.py.
"""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from domain.event import Event
from domain.examples import HAPPENED, wire_example
from domain.vocabulary import CONCEPTS, EVENTS
from infra.cloudevents import BATCH, JSON, STRUCTURED
from infra.contracts.released import stored_example, stream_of
from infra.contracts.schemas import incoming
from infra.intake.decode import INTERNAL
from infra.wire import message

Message = dict[str, Any]

BINDING = "0.5.0"
"""Version of AsyncAPI's Kafka binding."""

CHILD_KEY = {
    "type": "string",
    "description": (
        "儿童编号（UUID）；与儿童无关的事件：其流的编号（32 位十六进制）。"
        "The child's id; for an event about no child its stream, 32 hex digits."
    ),
    "anyOf": [{"format": "uuid"}, {"pattern": "^[0-9a-f]{32}$"}],
}
ANY_KEY = {
    "type": "string",
    "description": (
        "任意；建议用儿童编号，同一儿童的事件才保持先后。"
        "Any; the child's id keeps one child's events in order."
    ),
}
RESULT_KEY = {"type": "string", "description": "`source` + 空格 a space + `id`"}

NO_HEADERS = ("data", "datacontenttype")
"""Of an event in binary mode, the message's value and its content-type."""

SENT = [name for name in EVENTS if name not in INTERNAL]
"""The types that services may send; the others record what this system did itself."""


def messages() -> dict[str, Message]:
    """Name → message, for `components.messages`."""
    made = {f"sent.{name}": _sent(EVENTS[name]) for name in SENT}
    made |= {"sent.batch": _batch(), "sent.binary": _binary(), "result": _result()}
    return made | {f"recorded.{name}": _recorded(cls) for name, cls in EVENTS.items()}


def recorded_example(cls: type[Event]) -> dict[str, Any]:
    """An event as it stands on the topic."""
    value: dict[str, Any] = msgspec.json.decode(
        message((1, stream_of(cls), 1, cls.TYPE, stored_example(cls)))
    )
    return value


def _sent(cls: type[Event]) -> Message:
    return {
        **_words(cls, "发送 sent by services"),
        "contentType": STRUCTURED,
        "headers": _content_type(STRUCTURED),
        "payload": _payload("incoming", cls, f"{cls.TYPE}.json"),
        "bindings": _bindings(ANY_KEY),
        "examples": [{"name": cls.TYPE, "payload": wire_example(cls)}],
    }


def _recorded(cls: type[Event]) -> Message:
    return {
        **_words(cls, "读取 read by services"),
        "contentType": STRUCTURED,
        "headers": _content_type(STRUCTURED),
        "payload": _payload("recorded", cls, f"recorded/{cls.TYPE}.json"),
        "bindings": _bindings(CHILD_KEY),
        "examples": [{"name": cls.TYPE, "payload": recorded_example(cls)}],
    }


def _words(cls: type[Event], way: str) -> Message:
    """What people look for: Chinese title, the rule it serves, how sensitive it is."""
    concept = inspect.cleandoc(_concepts()[cls.__module__]).splitlines()[0]
    return {
        "name": cls.TYPE,
        "title": cls.LABEL,
        "summary": f"{cls.LABEL}（{way}）· rules {', '.join(cls.RULES)} · {cls.SENSITIVITY}",
        "description": inspect.cleandoc(cls.__doc__ or ""),
        "tags": [{"name": concept.partition(":")[0]}, {"name": cls.SENSITIVITY}],
        "x-rules": list(cls.RULES),
        "x-sensitivity": cls.SENSITIVITY,
        "x-emitters": list(cls.EMITTERS),
    }


def _concepts() -> dict[str, str]:
    return {each.__name__: each.__doc__ or "" for each in CONCEPTS}


def _payload(envelope: str, cls: type[Event], data: str) -> Message:
    """The envelope, its `type`, and the data of that type."""
    own: Message = {
        "type": "object",
        "required": ["type", "data"],
        "properties": {"type": {"const": cls.TYPE}, "data": {"$ref": f"./schemas/{data}"}},
    }
    return {"allOf": [{"$ref": f"./schemas/{envelope}.json"}, own]}


def _content_type(kind: str) -> Message:
    """The header that says how the message is packed."""
    return {
        "type": "object",
        "required": ["content-type"],
        "properties": {"content-type": {"const": kind}},
    }


def _bindings(key: Message) -> Message:
    return {"kafka": {"key": key, "bindingVersion": BINDING}}


def _batch() -> Message:
    """Several events in one message."""
    some = [wire_example(EVENTS[name]) for name in ("visit.completed.v1", "contact.logged.v1")]
    events = [each | {"id": f"2026-00012{index}"} for index, each in enumerate(some)]
    return {
        "name": "batch",
        "title": "一批事件",
        "summary": "一条消息含多个事件。Several events in one message, as an array.",
        "contentType": BATCH,
        "headers": _content_type(BATCH),
        "payload": {"type": "array", "items": {"$ref": "./schemas/incoming.json"}},
        "bindings": _bindings(ANY_KEY),
        "examples": [{"name": "batch", "payload": events}],
    }


def _binary() -> Message:
    """The CloudEvents attributes as headers, the data alone as value."""
    wire = wire_example(EVENTS["visit.completed.v1"])
    data = wire.pop("data")
    attributes = {name: f"ce_{name}" for name in wire if name != "datacontenttype"}
    return {
        "name": "binary",
        "title": "二进制模式的事件",
        "summary": (
            "属性在 ce_ 消息头，值为 data。"
            "Attributes in ce_ headers; the value is the data: schemas/<ce_type>.json."
        ),
        "contentType": JSON,
        "headers": _binary_headers(),
        "payload": {"type": "object", "description": "schemas/<ce_type>.json"},
        "bindings": _bindings(ANY_KEY),
        "examples": [
            {
                "name": wire["type"],
                "headers": {
                    "content-type": JSON,
                    **{header: wire[name] for name, header in attributes.items()},
                },
                "payload": data,
            }
        ],
    }


def _binary_headers() -> Message:
    """One header an attribute; all are text."""
    schema = incoming()
    attributes = {k: v for k, v in schema["properties"].items() if k not in NO_HEADERS}
    required = [f"ce_{name}" for name in schema["required"]]
    return {
        "type": "object",
        "required": ["content-type", *required],
        "properties": {
            "content-type": {"const": JSON},
            **{f"ce_{name}": _as_text(each) for name, each in attributes.items()},
        },
    }


def _as_text(schema: Message) -> Message:
    """An attribute that may be null is left out of the headers instead."""
    options = schema.get("anyOf", [schema])
    return {k: v for k, v in options[0].items() if k != "default"}


def _result() -> Message:
    refused = {
        "status": "rejected",
        "source": "https://example.org/service",
        "id": "2026-000123",
        "type": "visit.completed.v1",
        "topic": "shouhe.intake",
        "partition": 0,
        "offset": 41,
        "code": "in_future",
        "field": "time",
        "value": HAPPENED.isoformat(),
        "message": "later than now; check the sender's clock and time zone",
    }
    taken = {k: refused[k] for k in ("source", "id", "type", "topic", "partition", "offset")}
    taken |= {"status": "accepted", "event_id": "0b4a1f5e-0b0e-8c43-9e8f-7f0c5ad2f3c1"}
    return {
        "name": "result",
        "title": "处理结果",
        "summary": (
            "每个发来的事件一条：accepted 已记录、duplicate 重复、rejected 拒绝（含原因与处置）。"
            "One for each event sent."
        ),
        "contentType": JSON,
        "payload": {"$ref": "./schemas/result.json"},
        "bindings": _bindings(RESULT_KEY),
        "examples": [
            {"name": "accepted", "payload": taken},
            {"name": "rejected", "payload": refused},
        ],
    }
