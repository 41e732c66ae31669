"""The topics of the road over Kafka."""

EVENTS = "shouhe.events"
"""We write, services read: every recorded event, a CloudEvent, keyed by child."""

INTAKE = "shouhe.intake"
"""Services write, we read: CloudEvents to be taken in."""

RESULTS = "shouhe.intake.results"
"""We write, services read: what became of each event of the intake topic."""

REJECTED = "shouhe.intake.rejected"
"""We write: the rejected ones with their reasons, without their bodies (the dead letters)."""

RELAY = "shouhe.relay"
"""Ours alone: how far the relay has come. Compacted."""
