"""Every event type, by stable name. Importing this module fills the registry.

A new concept is one module with its event classes, named here.
"""

from domain import (
    child_file,
    foresight,
    guardianship,
    mandatory_report,
    subsidy,
    visiting,
    workforce,
)
from domain.event import REGISTRY

CONCEPTS = (
    child_file,
    guardianship,
    visiting,
    mandatory_report,
    subsidy,
    workforce,
    foresight,
)

EVENTS = dict(sorted(REGISTRY.items()))
"""type name → class, in name order."""
