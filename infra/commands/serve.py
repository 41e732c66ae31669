"""`shouhe serve`: pages, intake and the analysts' endpoint in one process."""

from __future__ import annotations

from infra.access import operator_address
from infra.console import DONE, note, out
from infra.home import Home
from infra.serving import run
from infra.settings import from_environment


def serve(*, host: str = "127.0.0.1", port: int = 8080, clickhouse_port: int = 8123) -> int:
    """Serve the pages, POST /events, and ClickHouse's HTTP protocol, until stopped.

    Parameters
    ----------
    host
        Where the pages and the intake listen; this machine alone unless you say otherwise.
    port
        Their port; 0 for any that is free.
    clickhouse_port
        The analysts' endpoint, on loopback always; 0 for any that is free. With
        SHOUHE_CLICKHOUSE there is none: that server is it.
    """
    settings = from_environment()

    def ready(home: Home, base: str) -> None:
        out(f"网页  {operator_address(home.keys, home.clock(), base)}")
        out(f"事件  POST {base}/events")
        if not settings.clickhouse:
            out(f"分析  用户 analyst,地址和密码在 {settings.serve_path}")
        note("Ctrl-C 停止")

    run(settings, host=host, port=port, clickhouse_port=clickhouse_port, ready=ready)
    return DONE
