"""`shouhe rejected` and `shouhe rejected replay`: what was refused, and its second chance."""

from __future__ import annotations

import msgspec

from infra.console import DONE, WITH_REJECTIONS, emit_json, out, progress, table
from infra.home import Home
from infra.settings import from_environment


def rejected(*, json: bool = False) -> int:
    """List the kept rejections: what was refused, why, and what to do.

    Parameters
    ----------
    json
        One JSON array of `source`, `id`, `type`, `code`, `field`, `value`, `message`,
        `received_at`, `attempts`.
    """
    with Home(from_environment()) as home:
        kept = list(home.intake.rejected())
    if json:
        rows = [msgspec.structs.asdict(each) for each in kept]
        emit_json([{k: v for k, v in row.items() if k != "seq"} for row in rows])
    elif not kept:
        out("nothing is rejected")
    else:
        columns = ("source", "id", "type", "code", "field", "value", "message")
        cells = [[getattr(each, name) for name in columns] for each in kept]
        table(f"{len(kept)} rejected", columns, cells)
    return DONE


def replay(*, json: bool = False) -> int:
    """Try the kept rejections again, oldest first, until a whole round lands none.

    Parameters
    ----------
    json
        One JSON object: `accepted`, `duplicate`, `rejected` (what stays).
    """
    with Home(from_environment()) as home, progress("replay") as bar:
        counts = home.intake.replay(bar)
    if json:
        emit_json(counts)
    else:
        out(f"accepted {counts.accepted}, duplicate {counts.duplicate}, rejected {counts.rejected}")
    return WITH_REJECTIONS if counts.rejected else DONE
