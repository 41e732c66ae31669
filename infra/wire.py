"""What leaves the event store: a stored event as the CloudEvent that Kafka and ClickHouse get.

The stored JSON goes out as it is, with three extension attributes at its end:

    sequence       the position in the log, as text (CloudEvents' own extension of that name)
    stream         the aggregate it belongs to, 32 hex digits
    streamversion  its place in that aggregate, from 1

No event is decoded on the way, but for those that tell who reported (ADV 14): they lose the actor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Row = tuple[int, str, int, str, bytes]
"""position, stream id (32 hex digits), version, type, state (JSON of `domain.event.Recorded`)."""

REPORTED = "report.submitted.v1"
_SENDER = re.compile(rb'"(actor|actorrole)":"[^"\\]*",')


def messages(rows: Iterable[Row]) -> list[bytes]:
    """The CloudEvents of stored rows, in their order."""
    return [message(row) for row in rows]


def message(row: Row) -> bytes:
    """The CloudEvent of one stored row. A state that is no JSON object goes out as it is."""
    position, stream, version, type_, state = row
    if type_ == REPORTED:
        state = _without_sender(state)
    if state[-1:] != b"}":
        return state
    return b'%b,"sequence":"%d","stream":"%b","streamversion":%d}' % (
        state[:-1], position, stream.encode(), version,
    )  # fmt: skip


def _without_sender(state: bytes) -> bytes:
    """Actor and role stand before `data`, whose content is not touched."""
    envelope, data, rest = state.partition(b'"data":')
    return _SENDER.sub(b"", envelope) + data + rest
