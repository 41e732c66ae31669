"""`shouhe ddl`: what is made on a ClickHouse cluster, as SQL."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.errors import WrongUsageError
from infra.cluster_readers import access, read_readers
from infra.console import DONE
from infra.gateway.engine import Engine
from infra.gateway.places import relations
from infra.warehouse import embedded
from projections.cluster import Cluster, lay_out


def ddl(
    *,
    cluster: str,
    owner: str = "shouhe",
    home: str = "shouhe",
    whole: str = "shouhe_all",
    generation: int = 1,
    tables: bool = False,
    readers: Path | None = None,
) -> int:
    """Print the tables and views of a ClickHouse cluster, as SQL for clickhouse-client.

    Parameters
    ----------
    cluster
        What the servers call it (remote_servers).
    owner
        The user that fills the tables; it must exist.
    home
        The database that each shard has for itself; sink and projector work in it.
    whole
        The database over all shards; readers use it.
    generation
        Of the read models: the next one to rebuild them beside the old ones.
    tables
        Only the databases and the tables, which nobody reads yet: before a rebuild, and before a
        version whose read models differ.
    readers
        A file of users who read, each with a place: [NAME] place = "520526", password_sha256 = "…".
    """
    if generation < 1:
        raise WrongUsageError(f"--generation: {generation} is none; they count from 1")
    made = Cluster(cluster, owner, home, whole)
    for statement in _statements(made, generation, readers, only_tables=tables):
        sys.stdout.write(f"{statement};\n\n")
    sys.stdout.flush()
    return DONE


def _statements(
    cluster: Cluster, generation: int, readers: Path | None, *, only_tables: bool
) -> Iterator[str]:
    listed = read_readers(readers) if readers else {}
    with TemporaryDirectory(prefix="shouhe-ddl-") as folder:
        client = embedded(Path(folder), cluster.home)
        try:
            layout = lay_out(client, cluster, generation=generation)
            yield from layout.tables
            if only_tables:
                return
            yield from (*layout.views, *layout.whole)
            engine = Engine(Path(folder))
            try:
                yield from access(cluster, relations(engine, cluster.home), listed)
            finally:
                engine.close()
        finally:
            client.close()
