"""The library's own suites for recorders, run on what our factories make, on both databases.

Left out, and why: its transcoder cases (our mapper writes a declared struct as JSON and never asks
a transcoder; `test_mapper.py` has its cases), and `test_performance`, which measures, prints and
asserts nothing. Aggregate and tracking recorders are the library's own, over our connections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    DatetimeAsISO,
    JSONTranscoder,
    ProcessRecorder,
    TrackingRecorder,
    UUIDAsHex,
)
from eventsourcing.postgres import (
    PostgresAggregateRecorder,
    PostgresSubscription,
    PostgresTrackingRecorder,
)
from eventsourcing.sqlite import SQLiteAggregateRecorder, SQLiteTrackingRecorder
from eventsourcing.tests import persistence as suites
from eventsourcing.utils import Environment

from infra.postgres_store import PostgresLogFactory, PostgresProcess, PostgresRecorder
from infra.postgres_store import open_factory as on_postgres
from infra.sqlite_store import SqliteFactory, SqliteProcess, SqliteRecorder
from infra.sqlite_store import open_factory as on_sqlite


class OnSqlite:
    """Our factory over a file of the test's own."""

    __test__ = True
    factory: Any

    @pytest.fixture(autouse=True)
    def _open(self, tmp_path: Path) -> Iterator[None]:
        self.env = Environment()
        self.factory = on_sqlite(self.env, tmp_path / "events.sqlite")
        yield
        self.factory.close()


class OnPostgres:
    """Our factory over a database of the test's own."""

    __test__ = True
    factory: Any

    @pytest.fixture(autouse=True)
    def _open(self, new_database: Callable[[], str]) -> Iterator[None]:
        self.env = Environment()
        self.factory = on_postgres(self.env, new_database(), {})
        yield
        self.factory.close()


# --- the recorders ----------------------------------------------------------------------------


class AggregateCases(suites.AggregateRecorderTestCase):
    __test__ = False
    factory: Any
    test_performance = None  # type: ignore[assignment]

    def create_recorder(self) -> AggregateRecorder:
        return self.factory.aggregate_recorder()


class ApplicationCases(suites.ApplicationRecorderTestCase[Any]):
    __test__ = False
    factory: Any
    test_performance = None  # type: ignore[assignment]
    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = True

    def create_recorder(self) -> ApplicationRecorder:
        return self.factory.application_recorder()


class TrackingCases(suites.TrackingRecorderTestCase):
    __test__ = False
    factory: Any

    def create_recorder(self) -> TrackingRecorder:
        return self.factory.tracking_recorder()


class ProcessCases(suites.ProcessRecorderTestCase):
    __test__ = False
    factory: Any
    test_performance = None  # type: ignore[assignment]

    def create_recorder(self) -> ProcessRecorder:
        return self.factory.process_recorder()


class ProcessAsApplicationCases(ApplicationCases):
    """A process recorder is an application recorder as well, and numbers like one."""

    def create_recorder(self) -> ApplicationRecorder:
        return self.factory.process_recorder()


class NonInterleavingCases(suites.NonInterleavingNotificationIDsBaseCase):
    __test__ = False
    factory: Any

    def create_recorder(self) -> ApplicationRecorder:
        return self.factory.application_recorder()


class TestAggregateRecorderOnSqlite(OnSqlite, AggregateCases): ...


class TestAggregateRecorderOnPostgres(OnPostgres, AggregateCases): ...


class TestApplicationRecorderOnSqlite(OnSqlite, ApplicationCases): ...


class TestApplicationRecorderOnPostgres(OnPostgres, ApplicationCases):
    @pytest.fixture(autouse=True)
    def _listens_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The library goes on while its thread is on the way to LISTEN, and waits for ever for what
        is written until then. Our own followers don't subscribe: they poll.
        """
        listening, begin = Event(), PostgresSubscription.__enter__
        notifies = psycopg.Connection.notifies

        def told(connection: Any, **options: Any) -> Any:
            listening.set()
            return notifies(connection, **options)

        def entered(subscription: Any) -> Any:
            listening.clear()
            begun = begin(subscription)
            stopped = subscription._has_been_stopped
            assert stopped or listening.wait(60)
            return begun

        monkeypatch.setattr(psycopg.Connection, "notifies", told)
        monkeypatch.setattr(PostgresSubscription, "__enter__", entered)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestTrackingRecorderOnSqlite(OnSqlite, TrackingCases): ...


class TestTrackingRecorderOnPostgres(OnPostgres, TrackingCases): ...


class TestProcessRecorderOnSqlite(OnSqlite, ProcessCases): ...


class TestProcessRecorderOnPostgres(OnPostgres, ProcessCases): ...


class TestProcessRecorderAsApplicationRecorderOnSqlite(OnSqlite, ProcessAsApplicationCases): ...


class TestProcessRecorderAsApplicationRecorderOnPostgres(OnPostgres, ProcessAsApplicationCases): ...


class TestNonInterleavingPositionsOnSqlite(OnSqlite, NonInterleavingCases): ...


class TestNonInterleavingPositionsOnPostgres(OnPostgres, NonInterleavingCases): ...


# --- the factories ----------------------------------------------------------------------------


class SqliteTracking(SQLiteTrackingRecorder):
    """A subclass to be named by topic."""


class PostgresTracking(PostgresTrackingRecorder):
    """A subclass to be named by topic."""


class FactoryCases(suites.InfrastructureFactoryTestCase[Any]):
    """The library would construct the factory from its topic; ours is opened with an address.

    The mapper cases run on the library's mapper, which our factories still make: our application
    chooses its own, whatever the environment says of ciphers and compressors.
    """

    __test__ = False
    env: Environment
    factory: Any

    def setUp(self) -> None:
        assert type(self.factory) is self.expected_factory_class()
        self.transcoder = JSONTranscoder()
        self.transcoder.register(UUIDAsHex())
        self.transcoder.register(DatetimeAsISO())


class TestSqliteFactory(OnSqlite, FactoryCases):
    def expected_factory_class(self) -> type[SqliteFactory]:
        return SqliteFactory

    def expected_aggregate_recorder_class(self) -> type[AggregateRecorder]:
        return SQLiteAggregateRecorder

    def expected_application_recorder_class(self) -> type[ApplicationRecorder]:
        return SqliteRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return SQLiteTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return SqliteTracking

    def expected_process_recorder_class(self) -> type[ProcessRecorder]:
        return SqliteProcess


class TestPostgresFactory(OnPostgres, FactoryCases):
    def expected_factory_class(self) -> type[PostgresLogFactory]:
        return PostgresLogFactory

    def expected_aggregate_recorder_class(self) -> type[AggregateRecorder]:
        return PostgresAggregateRecorder

    def expected_application_recorder_class(self) -> type[ApplicationRecorder]:
        return PostgresRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return PostgresTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return PostgresTracking

    def expected_process_recorder_class(self) -> type[ProcessRecorder]:
        return PostgresProcess
