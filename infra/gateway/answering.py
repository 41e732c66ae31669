"""From a request to what the engine is to do: who asks, what, with which settings and limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from infra.gateway import guard, places, policy
from infra.gateway.engine import Engine, Session
from infra.gateway.errors import (
    ACCESS_DENIED,
    NOT_IMPLEMENTED,
    READONLY,
    UNKNOWN_SETTING,
    GatewayError,
)
from infra.gateway.inserting import InsertHead
from infra.gateway.statement import Statement, parse
from infra.gateway.users import Limits, User

STATEFUL = ("Set", "UseQuery", "ASTTransactionControl")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request, read."""

    user: User
    params: Mapping[str, str]
    default_format: str
    get: bool = False

    @property
    def bound(self) -> dict[str, str]:
        """Values of the query's own parameters, `{name:Type}`."""
        found = self.params.items()
        return {n.removeprefix("param_"): v for n, v in found if n.startswith("param_")}


class Plan(msgspec.Struct, frozen=True):
    """What to run, and how."""

    session: Session
    statement: Statement | None
    form: str


class Planner:
    """Decides. Blocking: call it from worker threads."""

    def __init__(
        self, engine: Engine, database: str, base: Mapping[str, Any], limits: Limits
    ) -> None:
        self._engine, self._database, self._base, self._limits = engine, database, base, limits
        rows = engine.rows("SELECT lower(name) FROM system.table_functions")
        self._table_functions = frozenset(row[0] for row in rows)

    def insert(self, request: Request, head: InsertHead) -> Plan:
        """An INSERT with data. Raises GatewayError."""
        if request.user.reads_only or request.get:
            raise GatewayError(READONLY, "Cannot execute query in readonly mode: an INSERT")
        return Plan(self._session(request), None, head.form)

    def statement(self, request: Request, text: str) -> Plan:
        """Any other statement. Raises GatewayError."""
        session = self._session(request)
        statement = parse(self._engine, text, request.bound)
        if statement.kind.split()[0] in STATEFUL or "CREATE TEMPORARY" in statement.canonical[:40]:
            raise GatewayError(
                NOT_IMPLEMENTED,
                "a session keeps nothing here: send settings and database with the request, and"
                " use WITH in place of a temporary table",
            )
        if request.get and not statement.reads:
            raise GatewayError(
                READONLY,
                "Cannot execute query in readonly mode. For queries over HTTP, method GET implies"
                " readonly. You should use method POST for modifying queries.",
            )
        if request.user.reads_only:
            session = self._locked(request.user, session, statement)
        return Plan(session, statement, statement.format() or request.default_format)

    def _session(self, request: Request) -> Session:
        user, settings = request.user, policy.requested(request.params)
        try:
            allowed = policy.allowed(settings, user, self._limits)
        except GatewayError as refused:
            raise self._unknown(settings) or refused from None
        database = request.params.get("database") or self._database
        if user.reads_only:
            if database not in (self._database, "default"):
                raise GatewayError(
                    ACCESS_DENIED, f"Not enough privileges: database {database} is not open to you"
                )
            database = self._database
        return Session(database, {**self._base, **allowed})

    def _unknown(self, settings: Mapping[str, str]) -> GatewayError | None:
        """The refusal for a setting that doesn't exist."""
        query = "SELECT count() FROM system.settings WHERE name = {n:String}"
        for name in settings:
            if not int(self._engine.rows(query, {"n": name})[0][0]):
                return GatewayError(UNKNOWN_SETTING, f"Setting {name} is neither a builtin setting")
        return None

    def _locked(self, user: User, session: Session, statement: Statement) -> Session:
        found = places.relations(self._engine, self._database)
        rows = self._engine.rows("SELECT name FROM system.databases")
        names = guard.Names(
            self._database,
            frozenset(row[0] for row in rows) | {self._database},
            self._table_functions,
            frozenset(found),
            places.shown(found, user.place) if user.place else None,
        )
        read = guard.check(statement, names)
        # 2 lets a client see which settings it may send; the guard refuses SETTINGS all the same.
        lock: dict[str, Any] = {"readonly": 2 if read == {"system.settings"} else 1}
        if user.place:
            conditions = places.filters(found, self._database, user.place, read)
            lock = {"additional_table_filters": places.as_setting(conditions), **lock}
        return msgspec.structs.replace(session, lock={"allow_ddl": 0, **lock})
