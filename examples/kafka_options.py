"""Where the brokers are and how to reach them: what both examples ask of the command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

PROTOCOLS = {
    "plaintext": "PLAINTEXT",
    "tls": "SSL",
    "sasl_plaintext": "SASL_PLAINTEXT",
    "sasl_tls": "SASL_SSL",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add `--bootstrap` and its like to a command line."""
    parser.add_argument("--bootstrap", default="127.0.0.1:9092", help="host:port[,host:port]")
    parser.add_argument("--prefix", default="shouhe", help="of the topics' names")
    parser.add_argument("--security", choices=PROTOCOLS, default="plaintext")
    parser.add_argument("--mechanism", default="SCRAM-SHA-512", help="of SASL")
    parser.add_argument("--user", help="of SASL")
    parser.add_argument("--password-file", type=Path, help="holds the user's password")
    parser.add_argument("--cafile", help="PEM file of the authority behind the brokers' TLS")


def client_options(chosen: argparse.Namespace) -> dict[str, Any]:
    """What a kafka-python client needs to connect."""
    options: dict[str, Any] = {
        "bootstrap_servers": chosen.bootstrap.split(","),
        "security_protocol": PROTOCOLS[chosen.security],
    }
    if chosen.cafile:
        options["ssl_cafile"] = chosen.cafile
    if chosen.security.startswith("sasl_"):
        if not chosen.user or not chosen.password_file:
            raise SystemExit(f"--security {chosen.security}: give --user and --password-file")
        options["sasl_mechanism"] = chosen.mechanism
        options["sasl_plain_username"] = chosen.user
        options["sasl_plain_password"] = chosen.password_file.read_text(encoding="utf-8").strip()
    return options
