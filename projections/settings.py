"""`duty_settings`: the numbers of the duty rules, loaded from domain/duty_settings.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.duty_settings import DUTY_SETTINGS_COLUMNS, SETTINGS, Setting, duty_settings_rows

TABLE = """
CREATE TABLE IF NOT EXISTS {name} (
    rule       LowCardinality(String) COMMENT 'rule of domain.md, T8.6',
    key        LowCardinality(String) COMMENT 'which number of the rule, visit_months',
    value      UInt16                 COMMENT 'the longest interval allowed, 3',
    unit       LowCardinality(String) COMMENT 'calendar_months, months, days or weeks',
    place      String                 COMMENT 'where it holds: a code prefix, empty = everywhere',
    valid_from Date                   COMMENT 'from which day on, 2024-05-31',
    is_law     UInt8                  COMMENT '1 = law, 0 = a setting of this platform or county'
) ENGINE = MergeTree ORDER BY (rule, key, place, valid_from)
COMMENT 'One row per rule, key, place and day from which the value holds.'
"""


def load_settings(client: Any, settings: Sequence[Setting] = SETTINGS) -> None:
    """Make the table hold exactly these settings; readers see the old ones or the new, whole."""
    rows = [list(row) for row in duty_settings_rows(settings)]
    client.command(TABLE.format(name="duty_settings"))
    columns = ", ".join(DUTY_SETTINGS_COLUMNS)
    query = f"SELECT {columns} FROM duty_settings ORDER BY ALL"  # noqa: S608 - our own columns
    if [list(row) for row in client.query(query).result_rows] == sorted(rows):
        return
    client.command("DROP TABLE IF EXISTS duty_settings_next SYNC")
    client.command(TABLE.format(name="duty_settings_next"))
    client.insert("duty_settings_next", rows, column_names=list(DUTY_SETTINGS_COLUMNS))
    client.command("EXCHANGE TABLES duty_settings_next AND duty_settings")
    client.command("DROP TABLE duty_settings_next SYNC")
