"""Which settings a request may carry: the admin all, an analyst those that only shape an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from infra.gateway.errors import BAD_ARGUMENTS, CONSTRAINT, READONLY, GatewayError
from infra.gateway.users import Limits, User
from infra.gateway.words import words

TRANSPORT = words(
    "query database default_format user password quota_key query_id session_id session_timeout"
    " session_check close_session compress decompress wait_end_of_query buffer_size"
    " client_protocol_version role stacktrace enable_http_compression http_zlib_compression_level"
    " send_progress_in_http_headers http_headers_progress_interval_ms add_http_cors_header"
    " cancel_http_readonly_queries_on_client_close http_write_exception_in_output_format"
)
"""Parameters that are about the conversation; the engine never sees them."""

SAFE = words(
    "max_threads max_block_size max_rows_to_read max_bytes_to_read max_rows_to_group_by"
    " max_result_bytes read_overflow_mode result_overflow_mode group_by_overflow_mode"
    " timeout_overflow_mode extremes session_timezone join_use_nulls group_by_use_nulls"
    " date_time_output_format transform_null_in union_default_mode limit offset final"
    " date_time_input_format cast_string_to_dynamic_use_inference"
    " aggregate_functions_null_for_empty prefer_column_name_to_alias join_algorithm"
    " count_distinct_implementation readonly use_uncompressed_cache log_comment"
)
SAFE_PREFIX = re.compile(r"output_format_(?!.*(?:schema|path|template|file))\w+")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def requested(params: Mapping[str, str]) -> dict[str, str]:
    """The settings among the URL's parameters. Raises GatewayError for a name that is none."""
    found = {
        name: value
        for name, value in params.items()
        if name not in TRANSPORT and not name.startswith("param_")
    }
    for name in found:
        if not _NAME.fullmatch(name):
            raise GatewayError(BAD_ARGUMENTS, f"{name!r} is not the name of a setting")
    return found


def allowed(settings: dict[str, str], user: User, limits: Limits) -> dict[str, str]:
    """The settings to apply. Raises GatewayError for one that an analyst may not change."""
    if not user.reads_only:
        return settings
    caps = _caps(limits)
    result = {name: str(value) for name, value in caps.items()}
    for name, value in settings.items():
        if name in caps:
            result[name] = _capped(name, value, caps[name])
        elif name not in SAFE and not SAFE_PREFIX.fullmatch(name):
            raise GatewayError(
                READONLY, f"Cannot modify '{name}' setting: user {user.name} may not change it"
            )
        elif name != "readonly":  # it is read-only already, whatever is asked
            result[name] = value
    return result


def _caps(limits: Limits) -> dict[str, int]:
    return {
        "max_result_rows": limits.rows,
        "max_execution_time": limits.seconds,
        "max_memory_usage": limits.memory,
    }


def _capped(name: str, value: str, cap: int) -> str:
    """A limit may be made tighter, never looser; 0 means none, so it is looser."""
    try:
        number = float(value)
    except ValueError:
        raise GatewayError(BAD_ARGUMENTS, f"setting {name}: {value!r} is not a number") from None
    if not 0 < number <= cap:
        raise GatewayError(CONSTRAINT, f"Setting {name} shouldn't be greater than {cap} (nor 0)")
    return value


def set_statement(settings: Mapping[str, Any]) -> str:
    """One SET for all of them, values quoted."""
    return "SET " + ", ".join(f"{name} = {quoted(str(v))}" for name, v in settings.items())


def quoted(text: str) -> str:
    """A string literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
