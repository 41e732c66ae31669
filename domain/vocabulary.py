"""Every event type, by stable name. Importing this module fills the registry.

A new concept is one module with its event classes, named here.
"""

from domain import (
    activities,
    care_plan,
    child_file,
    courts,
    disability,
    dropout,
    eligibility,
    employment,
    foresight,
    governance,
    guardianship,
    household,
    institutions,
    intervention,
    lodging,
    mandatory_report,
    mental_health,
    model_life,
    network,
    proposals,
    safety,
    schooling,
    society,
    standards,
    subsidy,
    tightening,
    visiting,
    worker_service,
    workforce,
)
from domain.event import REGISTRY

CONCEPTS = (
    child_file,
    proposals,
    care_plan,
    household,
    guardianship,
    visiting,
    mandatory_report,
    intervention,
    courts,
    lodging,
    subsidy,
    standards,
    eligibility,
    schooling,
    dropout,
    mental_health,
    disability,
    activities,
    institutions,
    safety,
    network,
    workforce,
    worker_service,
    society,
    employment,
    governance,
    tightening,
    foresight,
    model_life,
)

EVENTS = dict(sorted(REGISTRY.items()))
"""type name → class, in name order."""
