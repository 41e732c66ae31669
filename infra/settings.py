"""Where things are and how they are set: the only module that reads the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """One data directory, and what lies in it."""

    home: Path

    @property
    def events_path(self) -> Path:
        """The event store: the one source of truth."""
        return self.home / "events.sqlite"

    @property
    def keys_path(self) -> Path:
        """Data keys, wrapped by the master key."""
        return self.home / "keys.sqlite"

    @property
    def master_key_path(self) -> Path:
        """32 bytes, mode 0600. Without it no name can be read."""
        return self.home / "master.key"

    @property
    def clickhouse_path(self) -> Path:
        """The embedded engine's directory; can be rebuilt from the log."""
        return self.home / "clickhouse"

    @property
    def models_path(self) -> Path:
        """Risk models and their cards."""
        return self.home / "models"

    @property
    def services_path(self) -> Path:
        """Services that may send events over HTTP; written by the administrator."""
        return self.home / "services.toml"

    @property
    def serve_path(self) -> Path:
        """Written by `shouhe serve` while it runs."""
        return self.home / "serve.json"


def from_environment() -> Settings:
    """`SHOUHE_HOME`: the data directory, `./var` when it is not set."""
    return Settings(home=Path(os.environ.get("SHOUHE_HOME") or "var"))
