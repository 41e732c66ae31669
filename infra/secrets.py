"""Secrets lie in files, never in an address, a command line or a log."""

from __future__ import annotations

from pathlib import Path

from domain.errors import SettingsError


def read_secret(setting: str, file: str) -> str:
    """What a secret's file holds, without the line's end. Raises SettingsError."""
    try:
        secret = Path(file).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SettingsError(
            f"{setting}: password_file {file} can't be read ({why});"
            " name a file that this user may read"
        ) from None
    if not secret:
        raise SettingsError(f"{setting}: password_file {file} is empty; write the password into it")
    return secret
