"""Facts that this system states itself: in wire form, and through intake like everyone's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

import msgspec

from domain.errors import SettingsError
from domain.event import Event, Incoming
from infra.home import Home

BATCH = 2_000
"""Events recorded in one durable transaction."""

_encode = msgspec.json.Encoder().encode


def own_event(source: str, id_: str, at: datetime, fact: Event, subject: str = "") -> Incoming:
    """A fact that this system states itself, in wire form."""
    return Incoming(
        specversion="1.0",
        id=id_,
        source=source,
        type=type(fact).TYPE,
        time=at,
        subject=subject,
        actorrole="system",
        data=msgspec.Raw(_encode(fact)),
    )


def record(home: Home, events: Iterable[Incoming]) -> int:
    """Record our own events, batch by batch. → how many were new.

    Of a child that was forgotten nothing is recorded; what else was to be is. Raises SettingsError
    where intake refuses one for another reason, which it tells.
    """
    new, rest = 0, iter(events)
    while batch := list(islice(rest, BATCH)):
        for outcome in home.intake.record(batch):
            if outcome.status == "rejected" and outcome.code != "child_forgotten":
                raise SettingsError(f"{outcome.field}: {outcome.message} ({outcome.type})")
            new += outcome.status == "accepted"
    return new
