"""Reading by place: the facts under every view, kept to the children of a few villages.

A view speaks of all of Guizhou, and ClickHouse would add up everyone's facts before it drops all
but a township's. `around` gives the settings of a query with which the engine reads the township's
alone, through each table's own order by child. The question still has to say its place: what comes
back beyond it (a child that moved away) is to be left out there, as ever.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from projections.rendering import NIL
from projections.storages import Shelf

PLACES = 20
"""More than that are read by their counties; more counties than that: everything is. The settings
of a query are part of its text, which ClickHouse limits to 256 KiB, and each table repeats them."""
COUNTY = 6
STRANGERS = 50
"""Children from elsewhere about whom something happened here: with more, everything is read."""

ALIKE = """
SELECT (SELECT (count(), max(position)) FROM {children} WHERE type IN {types})
    = (SELECT (count(), max(position)) FROM {residences} WHERE type IN {types})
"""
"""Whether `residences` knows of every child that `children` does: else one could be missed."""
TYPES = "('child.registered.v1', 'child.moved.v1')"

_PLACE = re.compile(r"[0-9]{6,12}")


def around(client: Any, places: Sequence[str], *, happened: bool = False) -> dict[str, str]:
    """Settings for a query about the children of some places.

    Empty, so that all is read: where little is to be gained, and where `residences` is behind.

    places     code prefixes: ["520526100"]
    happened   also the children about whom something happened there: for what counts by the place
               of an event, as some obligations do
    """
    if len(places) > PLACES:
        places = sorted({each[:COUNTY] for each in places})
    if not 0 < len(places) <= PLACES or not all(map(_PLACE.fullmatch, places)):
        return {}
    live = Shelf(client).live()
    residences = f"{client.database}.{live['residences'].table}"
    alike = ALIKE.format(children=live["children"].table, residences=residences, types=TYPES)
    if not client.query(alike).result_rows[0][0]:
        return {}
    lived = " OR ".join(f"startsWith(village_code, '{each}')" for each in places)
    here = f"SELECT child_id FROM {residences} WHERE {lived}"  # noqa: S608 - own SQL, digits
    strangers: list[str] = []
    if happened:
        there = " OR ".join(f"startsWith(place, '{each}')" for each in places)
        rows = client.query(
            f"SELECT DISTINCT toString(child_id) FROM {live['evidence'].table}"  # noqa: S608
            f" WHERE ({there}) AND child_id NOT IN ({here}) LIMIT {STRANGERS + 1}"
        ).result_rows
        strangers = [row[0] for row in rows]
        if len(strangers) > STRANGERS:
            return {}
    others = "".join(f", toUUID('{each}')" for each in strangers)
    ours = f"child_id IN ({here}) OR child_id IN ({NIL}{others})"
    quoted = ours.replace("\\", "\\\\").replace("'", "\\'")
    tables = sorted(each.table for name, each in live.items() if name != "residences")
    only = ", ".join(f"'{client.database}.{each}': '{quoted}'" for each in tables)
    return {"additional_table_filters": f"{{{only}}}"}
