"""Where things are and how they are set: the only module that reads the environment.

    SHOUHE_HOME         the data directory, `./var`
    SHOUHE_EVENT_STORE  postgresql://user@host:5432/database   (SQLite in the data directory)
    SHOUHE_KAFKA        kafka://host:9092,host:9092            (none: the log goes straight down)
    SHOUHE_CLICKHOUSE   https://user@host:8443/database        (the embedded engine)
    SHOUHE_KEEP_YEARS   how long a file is kept after the ledger (3)
    SHOUHE_MODEL_DAYS   for how many days a model is approved  (180)

Secrets stand in files: `?password_file=/run/secrets/…` in a URL, never the password itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import SettingsError
from domain.retention import KEEP_YEARS, MOST_YEARS

POSTGRES = ("postgresql", "postgres")
SQLITE = "sqlite:///"
REFUSABLE = ("POSTGRES_ENABLE_DB_FUNCTIONS",)
"""Variables of the eventsourcing library that would lose events: passed on to be refused."""

MODEL_DAYS, MOST_DAYS = 180, 366
"""For how long a model is approved unless the setting says otherwise; and at the most."""


@dataclass(frozen=True)
class Settings:
    """One data directory and what lies in it, and the servers that stand in for its parts."""

    home: Path
    event_store: str = ""
    kafka: str = ""
    clickhouse: str = ""
    model_days: int = MODEL_DAYS
    keep_years: int = KEEP_YEARS
    refusable: Mapping[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Path | str:
        """The event store, the one source of truth: a file, or PostgreSQL's URL.

        Raises SettingsError.
        """
        if not self.event_store:
            return self.home / "events.sqlite"
        if self.event_store.startswith(SQLITE):
            return Path(self.event_store.removeprefix("sqlite://"))
        if self.event_store.partition("://")[0] in POSTGRES:
            return self.event_store
        raise SettingsError(
            f"SHOUHE_EVENT_STORE: {scheme_of(self.event_store)!r} is no event store;"
            " write postgresql://user@host:5432/database or sqlite:////folder/events.sqlite"
        )

    @property
    def events_path(self) -> Path:
        """SQLite's file, where the event store is one."""
        return Path(self.store)

    @property
    def keys_path(self) -> Path:
        """Data keys, wrapped by the master key."""
        return self.home / "keys.sqlite"

    @property
    def master_key_path(self) -> Path:
        """32 bytes, mode 0600. Without it no name can be read."""
        return self.home / "master.key"

    @property
    def accounts_path(self) -> Path:
        """Accounts of people, and who is signed in."""
        return self.home / "accounts.sqlite"

    @property
    def audit_path(self) -> Path:
        """The log's hash chain and its signed anchors."""
        return self.home / "audit"

    @property
    def clickhouse_path(self) -> Path:
        """The embedded engine's directory; can be rebuilt from the log."""
        return self.home / "clickhouse"

    @property
    def attachments_path(self) -> Path:
        """Attachments, a folder a child, each encrypted with the child's key."""
        return self.home / "attachments"

    @property
    def models_path(self) -> Path:
        """Risk models and their cards."""
        return self.home / "models"

    @property
    def services_path(self) -> Path:
        """Services that may send events over HTTP; written by the administrator."""
        return self.home / "services.toml"

    @property
    def oidc_path(self) -> Path:
        """The provider of identities, where there is one; written by the administrator."""
        return self.home / "oidc.toml"

    @property
    def serve_path(self) -> Path:
        """Written by `shouhe serve` while it runs."""
        return self.home / "serve.json"


def scheme_of(url: str) -> str:
    """What may be shown of a URL that is wrong: it may hold a password."""
    return url.partition("://")[0][:32]


def _days(given: str) -> int:
    """Days of an approval. Raises SettingsError."""
    if not given:
        return MODEL_DAYS
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= MOST_DAYS):
        raise SettingsError(
            f"SHOUHE_MODEL_DAYS: {given[:16]!r} is no number of days; write 1 to {MOST_DAYS}"
        )
    return int(given)


def _years(given: str) -> int:
    """Years that a file is kept. Raises SettingsError."""
    if not given:
        return KEEP_YEARS
    if not (given.isascii() and given.isdigit() and int(given) <= MOST_YEARS):
        raise SettingsError(
            f"SHOUHE_KEEP_YEARS: {given[:16]!r} is no number of years; write 0 to {MOST_YEARS}"
        )
    return int(given)


def from_environment() -> Settings:
    """The settings of this process."""
    return Settings(
        home=Path(os.environ.get("SHOUHE_HOME") or "var"),
        event_store=os.environ.get("SHOUHE_EVENT_STORE", ""),
        kafka=os.environ.get("SHOUHE_KAFKA", ""),
        clickhouse=os.environ.get("SHOUHE_CLICKHOUSE", ""),
        model_days=_days(os.environ.get("SHOUHE_MODEL_DAYS", "")),
        keep_years=_years(os.environ.get("SHOUHE_KEEP_YEARS", "")),
        refusable={name: os.environ[name] for name in REFUSABLE if name in os.environ},
    )
