"""The contract as it was released: what services may rely on from then on.

It stands in `docs/schemas/released.json`. A release adds what is new. What would break an old
sender, an old event or a reader is refused: it wants a new version of the type, and an upcast.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

import msgspec

from domain.contract import personal_fields
from domain.errors import ShouheError
from domain.event import NO_CHILD, UPCASTS, Event, event_id, stable_id
from domain.examples import CHILD, HAPPENED, example, wire_example
from domain.vocabulary import EVENTS
from infra.contracts.compatible import Contract, breaks
from infra.contracts.narrowing import plain
from infra.contracts.schemas import incoming, recorded, result, sent_data, stored
from infra.intake.land import Row
from infra.keys import PREFIX

TOKEN = PREFIX + "5a6I56i-" * 8
"""Stands for the ciphertext of a personal field."""


class BreakingChangeError(ShouheError):
    """A release would break what was released before. `breaks` names each change."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(
            "; ".join(found) + "; leave the released type as it is, declare a new version of it and"
            " an upcast (docs/adding-an-event.md)"
        )
        self.breaks = found


def today() -> Contract:
    """The contract as the classes say it now."""
    return Contract(
        types={name: plain(sent_data(cls)) for name, cls in EVENTS.items()},
        taken={"incoming": plain(incoming()), "stored": plain(stored())},
        promised={"recorded": plain(recorded()), "result": plain(result())},
        upcasts=sorted(UPCASTS),
    )


def release(old: Contract, new: Contract) -> Contract:
    """What was released and what is new. Raises BreakingChangeError; then nothing is released."""
    found = breaks(old, new)
    if found:
        raise BreakingChangeError(found)
    return Contract(
        types=dict(sorted({**old.types, **new.types}.items())),
        taken={**old.taken, **new.taken},
        promised={**old.promised, **new.promised},
        upcasts=sorted({*old.upcasts, *new.upcasts}),
    )


def read(text: str) -> Contract:
    """A released contract. Raises ShouheError."""
    try:
        return msgspec.json.decode(text, type=Contract)
    except msgspec.DecodeError as error:
        raise ShouheError(f"released.json: {error}; take it back from the repository") from None


def written(contract: Contract) -> str:
    """A contract as a file, a line a schema: a change of one type is a change of one line."""
    groups: dict[str, Any] = msgspec.to_builtins(contract)
    upcasts = groups.pop("upcasts")
    parts = [f'"{group}": {{\n{_lines(schemas)}\n}}' for group, schemas in groups.items()]
    return "{\n" + ",\n".join([*parts, f'"upcasts": {_json(upcasts)}']) + "\n}\n"


def stored_example(cls: type[Event]) -> bytes:
    """A stored state of an event type: the bytes that the log keeps of its example."""
    wire = wire_example(cls)
    own = event_id(wire["source"], cls.TYPE)
    hidden = {name: TOKEN for name, _ in personal_fields(cls)}
    made = example(cls)
    filled = {name: token for name, token in hidden.items() if getattr(made, name) is not None}
    return msgspec.json.encode(
        Row(
            own, wire["source"], cls.TYPE, cls.TYPE,
            CHILD if cls.ABOUT_CHILD else NO_CHILD,
            HAPPENED.astimezone(UTC),
            HAPPENED.astimezone(UTC),
            wire["actor"], wire["actorrole"], wire["place"],
            data=msgspec.structs.replace(made, **filled),
        )
    )  # fmt: skip


def stream_of(cls: type[Event]) -> str:
    """A stream that an example could lie in, 32 hex digits."""
    return stable_id(cls.STREAM, "example").hex


def _lines(schemas: dict[str, Any]) -> str:
    return ",\n".join(f"{_json(name)}: {_json(schema)}" for name, schema in schemas.items())


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
