"""A small county, served: made in an empty home, then `shouhe serve`'s own server over it.

    python tests/walks/county.py HOME

prints one line of JSON when it answers (address, villages, tokens), and serves until it is ended.
A process of its own: the pages are met over the network, as by a phone, and the log outlives it.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from infra.access import Role, sign_in_token
from infra.home import Home
from infra.serving import run
from infra.settings import Settings
from infra.visit_lists import make_lists, week_of
from simulation.county import simulate

HOST = "127.0.0.2"
"""Loopback, and met through another address (conftest.Network): as behind a proxy."""

CHILDREN = 80
PASSWORD = "walking-the-hills"  # noqa: S105 - of a county that is made up
WHO = {
    "director": (Role.DIRECTOR, 12), "supervisor": (Role.SUPERVISOR, 9),
    "county_officer": (Role.OFFICER, 6), "prefecture_officer": (Role.PREFECTURE, 4),
    "province_officer": (Role.PROVINCE, 2), "analyst": (Role.ANALYST, 6),
    "auditor": (Role.AUDITOR, 6), "administrator": (Role.ADMINISTRATOR, 0),
}  # fmt: skip


def make(settings: Settings) -> dict[str, object]:
    """Events, lists of this week, one account, and a signed word for every role."""
    today = date.today()  # noqa: DTZ011 - how far back the story begins
    start = today - timedelta(days=220)
    with Home(settings) as home:
        home.intake.submit(list(simulate(children=CHILDREN, start=start, until=today, seed=4)))
        home.catch_up()
        rows = make_lists(home, week_of(today)).rows
        village = Counter(row.village_code for row in rows).most_common(1)[0][0]
        now = home.clock()
        home.accounts.add(name="wang", person="w-7", role=Role.DIRECTOR, place=village,
                          password=f"{PASSWORD}-1", now=now)  # fmt: skip
        home.accounts.change_password("wang", f"{PASSWORD}-1", PASSWORD, now)
        tokens = {
            who: sign_in_token(home.keys, now, person="w-7" if who == "director" else f"w-{who}",
                               role=role, place=village[:digits], hours=24)
            for who, (role, digits) in WHO.items()
        }  # fmt: skip
        short = sign_in_token(home.keys, now, person="w-7", role=Role.DIRECTOR, place=village,
                              hours=-1)  # fmt: skip
    listed = [str(row.child_id) for row in rows if row.village_code == village]
    return {"village": village, "tokens": tokens, "over": short, "listed": listed,
            "account": ["wang", PASSWORD]}  # fmt: skip


def main(home: str) -> None:
    """Make it, serve it, say where."""
    settings = Settings(Path(home))
    made = make(settings)

    def ready(_: Home, address: str) -> None:
        print(json.dumps({**made, "address": address}), flush=True)

    run(settings, host=HOST, port=0, clickhouse_port=0, ready=ready)


if __name__ == "__main__":
    main(sys.argv[1])
