"""`shouhe subject-copy`: all that is held about a child, for the child or its guardian."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from domain.errors import WrongUsageError
from infra.access import HOURS, Reader, Role
from infra.commands.child_file import NO_CHILD, named
from infra.console import DONE, out
from infra.home import Home
from infra.reports.sealed import write
from infra.settings import from_environment
from infra.subject_copy import subject_copy as make


def subject_copy(
    child: str, out_: Annotated[Path, Parameter(name="OUT")], /, *, by: str = "operator"
) -> int:
    """Write everything that is held about a child as JSON: the file, events, who read it and when.

    That it was read is recorded first. Mandatory reports and who reported are never in it.

    Parameters
    ----------
    child
        Our child id, or the child's ID number.
    out_
        The file to write: OUT.json.
    by
        Who makes the copy, for the record.
    """
    if out_.suffix != ".json":
        raise WrongUsageError(f"{out_.name}: a copy is a .json file")
    with Home(from_environment()) as home:
        home.catch_up()
        until = int((home.clock() + timedelta(hours=HOURS)).timestamp())
        reader = Reader(person=by, role=Role.OFFICER, until=until)
        found = make(home, reader, named(home, child))
        if found is None:
            raise WrongUsageError(f"CHILD: {NO_CHILD}")
        contents = msgspec.json.format(msgspec.json.encode(found), indent=1)
    write(out_, contents)
    out_.chmod(0o600)
    out(f"{out_}: {len(found.events)} 件事,{len(found.readings)} 次查看;这次制作已留痕")
    return DONE
