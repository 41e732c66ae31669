"""`shouhe import FILE…`: events into the log."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from infra.console import DONE, WITH_REJECTIONS, emit_json, note, out, progress
from infra.files import check_readable
from infra.home import Home
from infra.intake import Counts
from infra.settings import from_environment


def import_events(
    files: Annotated[list[str], Parameter(allow_leading_hyphen=True)], /, *, json: bool = False
) -> int:
    """Take in files of events: one CloudEvent in JSON a line; plain, .gz or .zst; `-` is stdin.

    Safe to repeat: what was taken in before counts as duplicate. Ends with 3 when any event was
    rejected; `shouhe rejected` says why.

    Parameters
    ----------
    files
        One or more files.
    json
        Print one JSON object: `accepted`, `duplicate`, `rejected`.
    """
    for file in files:
        check_readable(file)
    counts = Counts()
    with Home(from_environment()) as home, progress("import") as bar:
        for file in files:
            before = counts.total
            each = home.intake.import_file(
                file, lambda done, total=None, before=before: bar(before + done, total)
            )
            counts.accepted += each.accepted
            counts.duplicate += each.duplicate
            counts.rejected += each.rejected
    if json:
        emit_json(counts)
    else:
        out(f"accepted {counts.accepted}, duplicate {counts.duplicate}, rejected {counts.rejected}")
    if counts.rejected:
        note("`shouhe rejected` lists what was rejected and what to do")
    return WITH_REJECTIONS if counts.rejected else DONE
