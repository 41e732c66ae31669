"""Tamper evidence: what stands in the log can't be changed, dropped or slipped in unnoticed.

chain.py    each event's hash holds the one before: a file beside the log, written behind the commit
anchors.py  each day the chain's end, signed; a copy belongs somewhere else
verify.py   proves it again from the store, off-line, and names the first position that is broken
"""

from infra.audit.anchors import Anchor, Anchors
from infra.audit.chain import Chain
from infra.audit.verify import Verdict, verify

__all__ = ["Anchor", "Anchors", "Chain", "Verdict", "verify"]
