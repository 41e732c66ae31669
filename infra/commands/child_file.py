"""`shouhe child-file`: 一人一档, a child's file in five parts, to be printed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

from cyclopts import Parameter

from domain.errors import Refusal, WrongUsageError
from infra.access import BY_KEY, HOURS, Reader, Role
from infra.console import DONE, out
from infra.home import Home
from infra.intake.locate import Children
from infra.reports.child_pdf import pdf
from infra.reports.sealed import write
from infra.settings import from_environment
from infra.web.child_file import read_file

NO_CHILD = "no such child; send our child id or the ID number"


def child_file(
    child: str,
    out_: Annotated[Path, Parameter(name="OUT")],
    /,
    *,
    by: str = "operator",
    role: Role = Role.OFFICER,
    purpose: str = "child_file",
) -> int:
    """A child's file as a PDF: basics, visits, work log, care, problems and their solution.

    That it was read is recorded first, by whom and for what. What is secret (mandatory reports) is
    not for a director. Keep the file as carefully as the paper.

    Parameters
    ----------
    child
        Our child id, or the child's ID number.
    out_
        The file to write: OUT.pdf.
    by
        Who reads it, for the record.
    role
        As what.
    purpose
        What for, a short code for the record.
    """
    if out_.suffix != ".pdf":
        raise WrongUsageError(f"{out_.name}: a child's file is a .pdf file")
    if role not in BY_KEY["child_file"].roles:
        raise WrongUsageError(f"--role: {role.label} may not open a child's file")
    with Home(from_environment()) as home:
        home.catch_up()
        until = int((home.clock() + timedelta(hours=HOURS)).timestamp())
        reader = Reader(person=by, role=role, until=until)
        found = read_file(home, reader, named(home, child), purpose=purpose, page="child-file")
        if found is None:
            raise WrongUsageError(f"CHILD: {NO_CHILD}")
        contents = pdf(found)
    write(out_, contents)
    out_.chmod(0o600)
    out(f"{out_}: {len(contents) // 1024} KB; {by} 的这次查看已留痕")
    return DONE


def named(home: Home, child: str) -> UUID:
    """The child that an argument names. Raises WrongUsageError."""
    with home.log.store.reading() as cursor:
        found = Children(home.keys).find(cursor, child)
    if isinstance(found, Refusal):
        absent = found.code == "child_unknown"
        raise WrongUsageError(f"CHILD: {NO_CHILD if absent else found.message}")
    return found.id
