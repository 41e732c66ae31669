"""`shouhe project` and `shouhe rebuild`: read models to the head of the log, or anew from it."""

from __future__ import annotations

from infra import console
from infra.home import Home
from infra.lease import held
from infra.running import stages
from infra.running.stages import PORTS
from infra.settings import from_environment


def project(
    *,
    follow: bool = False,
    json: bool = False,
    metrics_host: str = "127.0.0.1",
    metrics_port: int = PORTS["project"],
) -> int:
    """Bring ClickHouse and every read model to the head of the log.

    Parameters
    ----------
    follow
        Keep the read models at the head of what the sink brings, until stopped.
    json
        One JSON object: `head`, `projections` (name: position), `parked`.
    metrics_host
        With --follow: where /metrics, /healthz and /readyz are answered.
    metrics_port
        With --follow: their port; 0 for any that is free.
    """
    if follow:
        return stages.follow("project", from_environment(), host=metrics_host, port=metrics_port)
    with Home(from_environment()) as home:
        home.catch_up()
        return _report(home, json=json)


def rebuild(names: list[str] | None = None, /, *, json: bool = False) -> int:
    """Build read models anew from the log, beside the old ones, and swap them in when complete.

    Readers see the old one or the new one, whole. An interrupted rebuild goes on where it stopped.

    Parameters
    ----------
    names
        Read models to rebuild; none = all of them.
    json
        One JSON object: `head`, `projections` (name: position), `parked`.
    """
    with Home(from_environment()) as home:
        home.catch_up()
        with held(home.lease("project")):
            home.projections.rebuild(names)
        return _report(home, json=json)


def _report(home: Home, *, json: bool) -> int:
    head, positions = home.projections.head(), home.projections.positions()
    parked = home.projections.parked()
    if json:
        counts = {name: len(events) for name, events in parked.items()}
        console.emit_json({"head": head, "projections": positions, "parked": counts})
    else:
        rows = [(name, position, len(parked.get(name, []))) for name, position in positions.items()]
        console.table(f"read models at position {head}", ("name", "position", "parked"), rows)
        for name, events in parked.items():
            for position, reason in events[:5]:
                console.note(f"parked: {name} could not take event {position}: {reason}")
    return console.DONE
