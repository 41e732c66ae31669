"""`shouhe rejected` and `shouhe rejected replay`: what was refused, and its second chance."""

from __future__ import annotations

from collections import Counter

import msgspec

from infra.console import DONE, WITH_REJECTIONS, emit_json, out, progress, table
from infra.home import Home
from infra.settings import from_environment


def rejected(*, code: str = "", limit: int = 30, json: bool = False) -> int:
    """List the kept rejections: how many of each kind, and what to do.

    Parameters
    ----------
    code
        Only rejections of this code.
    limit
        How many to print one by one.
    json
        One JSON array of `source`, `id`, `type`, `code`, `field`, `value`, `message`,
        `received_at`, `attempts`.
    """
    with Home(from_environment()) as home:
        kept = [each for each in home.intake.rejected() if code in ("", each.code)]
    if json:
        rows = [msgspec.structs.asdict(each) for each in kept]
        emit_json([{k: v for k, v in row.items() if k != "seq"} for row in rows])
    elif not kept:
        out("nothing is rejected")
    else:
        kinds = Counter((each.code, each.type, each.field) for each in kept)
        counted = [(count, *kind) for kind, count in kinds.most_common(limit)]
        table(f"{len(kept)} rejected", ("count", "code", "type", "field"), counted)
        columns = ("source", "id", "code", "field", "value", "message")
        cells = [[getattr(each, name) for name in columns] for each in kept[:limit]]
        table("the first of them (--code, --limit, --json for more)", columns, cells)
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
