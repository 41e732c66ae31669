"""What is found broken."""

from __future__ import annotations

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """One thing that is not as it was. `position`: of the log, 0 where it has none."""

    what: str
    position: int
    message: str
