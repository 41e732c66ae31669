"""Kafka and ClickHouse behind TLS and passwords, as a province has them."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.gateway import User, build
from infra.servers.kafka import Kafka
from infra.servers.process import free_port
from infra.settings import Settings
from infra.streaming import broker
from infra.streaming.broker import BrokerError, parse
from infra.topics import EVENTS
from infra.warehouse import WarehouseBusyError, connect

PASSWORD, WRONG = "korn-und-reis", "not-the-one"

SECURED = """\
listeners=SASL_SSL://{{host}}:{{port}},INTERNAL://{{host}}:{internal},CONTROLLER://{{host}}:{{controller}}
advertised.listeners=SASL_SSL://{{host}}:{{port}},INTERNAL://{{host}}:{internal}
listener.security.protocol.map=SASL_SSL:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
"""


class Certificates:
    """An authority of our own, and the certificate of 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        self.ca, self.chain = folder / "ca.pem", folder / "server.pem"
        self.key, self.keystore = folder / "server.key", folder / "keystore.pem"
        authority, own = (
            ec.generate_private_key(ec.SECP256R1()),
            ec.generate_private_key(ec.SECP256R1()),
        )
        root = self._made("shouhe test authority", authority, authority, "shouhe test authority")
        leaf = self._made("127.0.0.1", own, authority, "shouhe test authority")
        pem = serialization.Encoding.PEM
        key = own.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.ca.write_bytes(root.public_bytes(pem))
        self.chain.write_bytes(leaf.public_bytes(pem))
        self.key.write_bytes(key)
        self.keystore.write_bytes(key + leaf.public_bytes(pem) + root.public_bytes(pem))

    @staticmethod
    def _made(
        name: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, issuer: str
    ) -> x509.Certificate:
        def named(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        now = datetime.now(UTC)
        host = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        return (
            x509.CertificateBuilder()
            .subject_name(named(name)).issuer_name(named(issuer)).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(name == issuer, None), critical=True)
            .add_extension(x509.SubjectAlternativeName([host]), critical=False)
            .sign(by, hashes.SHA256())
        )  # fmt: skip


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def secured(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Kafka]:
    more = SECURED.format(internal=free_port(), keystore=certificates.keystore)
    user = f"SCRAM-SHA-512=[name=shouhe,password={PASSWORD}]"
    server = Kafka(tmp_path_factory.mktemp("kafka") / "server", free_port(), more=more,
                   storage=["--add-scram", user])  # fmt: skip
    server.start()
    yield server
    server.stop()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(f"{PASSWORD}\n")
    return file


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "CONNECT_MS", 3_000)


def test_over_tls_with_a_password_events_go_both_ways(
    secured: Kafka, certificates: Certificates, secret: Path
) -> None:
    kafka = parse(
        f"kafka://shouhe@127.0.0.1:{secured.port}/tls?security=sasl_tls&partitions=1"
        f"&password_file={secret}&cafile={certificates.ca}"
    )
    kafka.ensure_topics()
    producer = kafka.producer("t")
    producer.begin_transaction()
    producer.send(kafka.topic(EVENTS), value=b"{}", key=b"k")
    producer.commit_transaction()
    producer.close()
    consumer = kafka.consumer()
    consumer.subscribe([kafka.topic(EVENTS)])
    found, ends = [], time.monotonic() + 20
    while not found and time.monotonic() < ends:
        found = [each.value for some in consumer.poll(500).values() for each in some]
    consumer.close()
    assert found == [b"{}"]
    assert PASSWORD not in repr(kafka)


@pytest.mark.parametrize("wrong", ["password", "authority", "plaintext"])
def test_what_is_wrong_is_refused_in_seconds_and_the_password_not_told(
    secured: Kafka, certificates: Certificates, secret: Path, wrong: str
) -> None:
    if wrong == "password":
        secret.write_text(WRONG)
    address = f"kafka://shouhe@127.0.0.1:{secured.port}?security="
    address += f"sasl_tls&password_file={secret}" if wrong != "plaintext" else "plaintext"
    if wrong == "password":
        address += f"&cafile={certificates.ca}"
    began = time.monotonic()
    with pytest.raises(BrokerError) as raised:
        parse(address).ensure_topics()
    assert time.monotonic() - began < 15
    assert "see that the brokers run, that TLS and password are right" in str(raised.value)
    assert PASSWORD not in str(raised.value)
    assert WRONG not in str(raised.value)


@pytest.fixture
def clickhouse(tmp_path: Path, certificates: Certificates) -> Iterator[int]:
    """The embedded engine behind HTTPS. → its port."""
    app = build(tmp_path / "data", [User(name="admin", password=PASSWORD, role="admin")])
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="critical", ssl_certfile=certificates.chain, ssl_keyfile=certificates.key
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()


def test_clickhouse_is_asked_over_https(
    clickhouse: int, certificates: Certificates, secret: Path, tmp_path: Path
) -> None:
    where = f"https://admin@127.0.0.1:{clickhouse}/shouhe?password_file={secret}"
    client = connect(Settings(tmp_path, clickhouse=f"{where}&cafile={certificates.ca}"))
    assert client.query("SELECT currentDatabase()").result_rows == [("shouhe",)]
    client.close()
    with pytest.raises(WarehouseBusyError, match="TLS"):
        connect(Settings(tmp_path, clickhouse=where))
    secret.write_text(WRONG)
    with pytest.raises(WarehouseBusyError, match="password") as raised:
        connect(Settings(tmp_path, clickhouse=f"{where}&cafile={certificates.ca}"))
    assert WRONG not in str(raised.value)
