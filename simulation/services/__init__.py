"""What the other departments do beside the families' lives: trainings, screenings, inspections.

Each module is one concept's desks. Chance comes from `county.aside` and events are sent with
`aside=True`, so a service added here changes no child's fate.
"""

from __future__ import annotations

from simulation.state import Service

SERVICES: tuple[Service, ...] = ()
