"""Intake: CloudEvents in, outcomes out. Nothing else writes to the log.

door.py     the Intake: batches, rejections, replay
decode.py   a body → its event class (explain.py: what is wrong, in words)
locate.py   whose child it is
guard.py    the states and histories of streams
judge.py    one batch, event by event
land.py     encrypted, into the log
forget.py   erasing a child's personal data
"""

from infra.intake.door import Counts, Intake, Outcome
from infra.intake.forget import ChildUnknownError, Forgotten
from infra.rejections import Rejection

__all__ = ["ChildUnknownError", "Counts", "Forgotten", "Intake", "Outcome", "Rejection"]
