"""What the other departments do beside the families' lives: trainings, screenings, inspections.

Each module is one concept's desks. Chance comes from `county.aside` and events are sent with
`aside=True`, so a service added here changes no child's fate.
"""

from __future__ import annotations

from simulation.services.clinics import Clinics
from simulation.services.families import Families
from simulation.services.money import Desk
from simulation.services.offices import Offices
from simulation.services.places import Places
from simulation.services.protection import Guardians
from simulation.services.schools import Schools
from simulation.services.workers import Workers
from simulation.state import Service

SERVICES: tuple[Service, ...] = (
    Families(),
    Schools(),
    Clinics(),
    Guardians(),
    Workers(),
    Places(),
    Offices(),
    Desk(),
)
"""None of them remembers anything: what is remembered is the county's."""
