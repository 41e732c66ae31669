"""Clinics and the federation of disabled people: screened, diagnosed, treated, trained.

Numbers: K, tunable.
"""

from __future__ import annotations

from domain.disability import (
    DisabilityCertified,
    DisabilityDiagnosed,
    DisabilityScreened,
    DisabilityTreated,
    DisabilityType,
    RehabDelivered,
    RehabService,
    RehabStarted,
)
from domain.event import Event
from simulation.journal import DISABLED, HEALTH, Desk
from simulation.services.words import between, help_child, likely
from simulation.state import Child, County, Service


class Clinics(Service):
    """The chain of T9.4, whole for most disabled children and broken off for some."""

    def entered(self, county: County, day: int, child: Child) -> None:
        """A screening finds something, or nothing."""

        def later(when: int, desk: Desk, event: Event) -> None:
            county.agenda.at(when, help_child, desk, event, child)

        if not child.disability:
            if likely(county, 0.1):
                later(between(county, day, 5, 90), HEALTH, DisabilityScreened(suspected=False))
            return
        kind = county.aside.choice((*DisabilityType,))
        screened = between(county, day, 2, 60)
        later(screened, HEALTH, DisabilityScreened(suspected=True))
        if not likely(county, 0.9):
            return
        diagnosed = between(county, screened, 3, 35)
        later(diagnosed, HEALTH, DisabilityDiagnosed(type=kind))
        certified = between(county, diagnosed, 10, 40)
        later(certified, DISABLED, DisabilityCertified(type=kind, grade=child.disability))
        if likely(county, 0.85):
            later(between(county, diagnosed, 5, 70), HEALTH, DisabilityTreated())
        if likely(county, 0.8):
            later(between(county, diagnosed, 20, 100), DISABLED, RehabStarted())
        if likely(county, 0.8):
            service = RehabDelivered(service=county.aside.choice((*RehabService,)))
            later(between(county, certified, 20, 200), DISABLED, service)
