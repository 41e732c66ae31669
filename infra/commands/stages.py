"""`shouhe relay`, `shouhe sink`, `shouhe intake`: stages of the road as processes of their own."""

from __future__ import annotations

from infra.running.stages import PORTS, follow
from infra.settings import from_environment


def relay(*, metrics_host: str = "127.0.0.1", metrics_port: int = PORTS["relay"]) -> int:
    """Relay the log's new events to Kafka until stopped. Needs SHOUHE_KAFKA.

    One relay works at a time; another one stands by and takes over.

    Parameters
    ----------
    metrics_host
        Where /metrics, /healthz and /readyz are answered; this machine alone unless you say so.
    metrics_port
        Their port; 0 for any that is free.
    """
    return follow("relay", from_environment(), host=metrics_host, port=metrics_port)


def sink(*, metrics_host: str = "127.0.0.1", metrics_port: int = PORTS["sink"]) -> int:
    """Bring new events from Kafka (or straight from the log) into ClickHouse until stopped.

    One sink works at a time; another one stands by and takes over.

    Parameters
    ----------
    metrics_host
        Where /metrics, /healthz and /readyz are answered; this machine alone unless you say so.
    metrics_port
        Their port; 0 for any that is free.
    """
    return follow("sink", from_environment(), host=metrics_host, port=metrics_port)


def intake(*, metrics_host: str = "127.0.0.1", metrics_port: int = PORTS["intake"]) -> int:
    """Take in what services send by Kafka, and answer them, until stopped. Needs SHOUHE_KAFKA.

    One intake works at a time; another one stands by and takes over.

    Parameters
    ----------
    metrics_host
        Where /metrics, /healthz and /readyz are answered; this machine alone unless you say so.
    metrics_port
        Their port; 0 for any that is free.
    """
    return follow("intake", from_environment(), host=metrics_host, port=metrics_port)
