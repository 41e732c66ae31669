"""`shouhe audit`: seal what was recorded, and prove that nothing of it was changed."""

from __future__ import annotations

from pathlib import Path

from infra.audit import Anchors
from infra.audit.verify import read_key
from infra.audit.verify import verify as prove
from infra.console import DONE, FAILED, emit_json, out
from infra.home import Home
from infra.settings import from_environment


def seal(*, anchor: bool = False, json: bool = False) -> int:
    """Follow the log with the chain; the day's first seal is signed and kept as its anchor.

    Parameters
    ----------
    anchor
        Sign now, whether the day has an anchor or not. Copy the line somewhere else.
    json
        One JSON object: `position`, `hash`.
    """
    with Home(from_environment()) as home:
        end = home.seal()
        if anchor:
            made = home.anchors.drop(end, home.clock())
            emit_json(made)
            return DONE
    if json:
        emit_json({"position": end[0], "hash": end[1].hex()})
    else:
        out(f"position {end[0]}, hash {end[1].hex()}")
    return DONE


def key() -> int:
    """Show the public key of the anchors. Write it down elsewhere: it proves them off-line."""
    with Home(from_environment()) as home:
        out(home.anchors.key)
    return DONE


def verify(*, key: str = "", anchors: Path | None = None, json: bool = False) -> int:
    """Prove the log against chain and anchors; needs no network and changes nothing.

    Ends with 1 where something is broken, and names the first position.

    Parameters
    ----------
    key
        The public key as it was written down; without it, this home's own.
    anchors
        A copy of the anchors that was kept elsewhere; without it, this home's own.
    json
        One JSON object: `events`, `chained`, `anchors`, `first_broken`, `faults`.
    """
    settings = from_environment()
    with Home(settings) as home:
        public = read_key(key) if key else home.anchors.key
        kept = list(Anchors(anchors) if anchors else home.anchors)
        file = None if settings.event_store else settings.events_path
        verdict = prove(
            home.log, home.chain, kept, key=public, file=file, keys=None if key else home.keys
        )
    if json:
        emit_json(verdict)
        return DONE if verdict.sound else FAILED
    out(f"{verdict.events} events, {verdict.chained} in the chain, {verdict.anchors} anchors")
    for each in verdict.faults:
        out(f"  ✗ {each.what}: {each.message}")
    if verdict.sound:
        out("  ✓ nothing was changed")
        return DONE
    first = verdict.first_broken or "unknown"
    out(f"first broken position: {first}; restore the store from a backup")
    return FAILED
