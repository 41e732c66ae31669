"""Where the brokers are and how to reach them, and the topics of the road.

    kafka://[user@]host:9092[,host:9092][/prefix][?security=tls&…]

security       plaintext (default), tls, sasl_plaintext or sasl_tls
mechanism      of SASL: SCRAM-SHA-512 (default), SCRAM-SHA-256 or PLAIN
password_file  holds the user's password
cafile, certfile, keyfile    PEM files for TLS
partitions, replication      of topics that are not there yet: 12 and 1
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import KafkaError, KafkaTimeoutError, TopicAlreadyExistsError

from domain.errors import SettingsError, ShouheError
from infra.secrets import read_secret
from infra.topics import EVENTS, INTAKE, REJECTED, RELAY, RESULTS

SETTING = "SHOUHE_KAFKA"
PREFIX = EVENTS.partition(".")[0]
SECURITY = {
    "plaintext": "PLAINTEXT",
    "tls": "SSL",
    "sasl_plaintext": "SASL_PLAINTEXT",
    "sasl_tls": "SASL_SSL",
}
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")
FILES = {"cafile": "ssl_cafile", "certfile": "ssl_certfile", "keyfile": "ssl_keyfile"}
KNOWN = {"security", "mechanism", "password_file", "partitions", "replication", *FILES}

PARTITIONS, REPLICATION = 12, 1
DAYS = 24 * 3600 * 1000
CONNECT_MS = 15_000
"""How long a client looks for its brokers before it says that there are none."""

ANSWER = 30.0
"""Seconds that a transaction's end may go unanswered; then its producer is given up."""

GOODBYE = 2.0
"""Seconds that a producer's thread has to end."""

LARGEST = 8 * 1024 * 1024
"""Bytes of a request to the broker, at most; a message's own limit is the topic's."""

TOPICS: dict[str, dict[str, str]] = {
    EVENTS: {"retention.ms": "-1", "compression.type": "producer"},
    RELAY: {"cleanup.policy": "compact", "segment.ms": str(DAYS), "segment.bytes": "1048576"},
    INTAKE: {"retention.ms": str(3 * DAYS)},
    RESULTS: {"retention.ms": str(7 * DAYS)},
    REJECTED: {"retention.ms": str(30 * DAYS)},
}
"""Topic → its settings. The intake's hold readable names, so they don't stay for long."""

ONE_PARTITION = (RELAY, REJECTED)


class BrokerError(ShouheError):
    """Kafka can't be reached, or refuses; the message says what to do."""


@dataclass(frozen=True)
class Broker:
    """The brokers of one road, and what a client needs to speak to them."""

    servers: tuple[str, ...]
    prefix: str = PREFIX
    partitions: int = PARTITIONS
    replication: int = REPLICATION
    security: dict[str, Any] = field(default_factory=dict, repr=False)

    def topic(self, name: str) -> str:
        """The topic's name on these brokers: `shouhe.events` unless the URL names a prefix."""
        return self.prefix + name.removeprefix(PREFIX)

    def consumer(self, **options: Any) -> KafkaConsumer:
        """A reader of what was committed. Raises BrokerError."""
        defaults = {
            "isolation_level": "read_committed",
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest",
            "allow_auto_create_topics": False,
            "metrics_enabled": False,
        }
        with self.reached(), _whole(KafkaConsumer) as client:
            return KafkaConsumer(**self._common(), **defaults | options, kafka_client=client)

    def producer(self, transactional_id: str, **options: Any) -> KafkaProducer:
        """A writer of transactions; older ones of the same id are fenced off. Raises BrokerError.

        `enable_idempotence` is said aloud: other settings would switch it off without a word.
        """
        defaults = {
            "enable_idempotence": True,
            "acks": "all",
            "compression_type": "zstd",
            "batch_size": 512 * 1024,
            "linger_ms": 5,
            "max_request_size": LARGEST,
            "allow_auto_create_topics": False,
            "metrics_enabled": False,
        }
        with self.reached():
            producer = KafkaProducer(
                **self._common(), **defaults | options, transactional_id=transactional_id
            )
            try:
                producer.init_transactions()
            except BaseException:
                let_go(producer)
                raise
            return producer

    @contextmanager
    def admin(self) -> Iterator[KafkaAdminClient]:
        """For topics and their settings. Raises BrokerError."""
        with self.reached():
            with _whole(KafkaAdminClient) as client:
                admin = KafkaAdminClient(**self._common(), kafka_client=client)
            try:
                yield admin
            finally:
                admin.close()

    def missing_topics(self) -> list[str]:
        """Topics of the road that are not there. Raises BrokerError."""
        with self.admin() as admin:
            there = set(admin.list_topics())
        return [self.topic(name) for name in TOPICS if self.topic(name) not in there]

    def ensure_topics(self) -> None:
        """Make the topics that are not there; those that are stay as they are."""
        with self.admin() as admin:
            there = set(admin.list_topics())
            missing = [name for name in TOPICS if self.topic(name) not in there]
            new = [
                NewTopic(
                    self.topic(name),
                    num_partitions=1 if name in ONE_PARTITION else self.partitions,
                    replication_factor=self.replication,
                    topic_configs=TOPICS[name],
                )
                for name in missing
            ]
            for each in new:
                try:
                    admin.create_topics([each])
                except TopicAlreadyExistsError:
                    continue
            if new:
                admin.wait_for_topics([self.topic(name) for name in missing])

    def partitions_of(self, name: str) -> list[int]:
        """The partitions of a topic. Raises BrokerError where it isn't there."""
        with self.admin() as admin:
            described = admin.describe_topics([self.topic(name)])
        found = sorted(int(each["partition_index"]) for each in described[0]["partitions"])
        if not found:
            raise BrokerError(f"{SETTING}: there is no topic {self.topic(name)}; start the relay")
        return found

    def message_limit(self, name: str) -> int:
        """Bytes that one message of a topic may have."""
        resource = ConfigResource(ConfigResourceType.TOPIC, self.topic(name))
        with self.admin() as admin:
            found = admin.describe_configs([resource], config_filter="all")
        settings = next(iter(next(iter(found.values())).values()))
        return int(settings["max.message.bytes"]["value"])

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Kafka's errors as one clear line."""
        try:
            yield
        except (KafkaError, OSError) as error:
            raise BrokerError(
                f"{SETTING}: {','.join(self.servers)}: {type(error).__name__}:"
                f" {(str(error).splitlines() or [''])[0][:300]};"
                " see that the brokers run, that TLS and password are right, then try again"
            ) from error

    def _common(self) -> dict[str, Any]:
        return {
            "bootstrap_servers": list(self.servers),
            "bootstrap_timeout_ms": CONNECT_MS,
            "client_id": "shouhe",
            **self.security,
        }


def commit(
    producer: KafkaProducer, offsets: Mapping[TopicPartition, Any] | None = None, group: str = ""
) -> None:
    """End the transaction, within ANSWER seconds; with `offsets`, which `group` has read.

    The library (3.0.12) waits without an end for a broker that dies in the middle: its sender
    forgets the request (Kafka's own client has had a limit here since KAFKA-7763). So another
    thread waits. Raises KafkaError; then nobody knows what became of the transaction: let the
    producer go, and read back.
    """
    failed: list[BaseException] = []

    def end() -> None:
        try:
            if offsets is not None:
                producer.send_offsets_to_transaction(offsets, group)
            producer.commit_transaction()
        except BaseException as error:  # noqa: BLE001 - raised in the caller's thread
            failed.append(error)

    waiting = Thread(target=end, name="commit", daemon=True)
    waiting.start()
    waiting.join(ANSWER)
    if waiting.is_alive():
        raise KafkaTimeoutError(f"a transaction's end is unanswered after {ANSWER:g} seconds")
    for error in failed:
        raise error


def let_go(producer: KafkaProducer) -> None:
    """Close a producer without waiting: what wasn't committed is aborted.

    The library's own close fails where messages are unanswered, and leaves its thread running.
    """
    sender: Any = producer._sender  # noqa: SLF001 - there is no public way to end it
    sender.force_close()
    sender.join(GOODBYE)
    with suppress(KafkaError):
        producer.close(timeout=0)


@contextmanager
def _whole(kind: Any) -> Iterator[Callable[..., Any]]:
    """What makes the network client of a consumer or admin; closed when the rest can't be made.

    The library (3.0.12) leaves its thread and four files behind where no broker answers.
    """
    made: list[Any] = []

    def client(**options: Any) -> Any:
        made.append(kind.DEFAULT_CONFIG["kafka_client"](**options))
        return made[-1]

    try:
        yield client
    except BaseException:
        for each in made:
            each.close()
        raise


def parse(url: str) -> Broker:
    """The brokers that `SHOUHE_KAFKA` names. Raises SettingsError."""
    parts = urlsplit(url)
    if parts.scheme != "kafka" or not parts.netloc:
        raise _wrong(f"{parts.scheme[:32]!r} is no address of brokers")
    user, _, servers = parts.netloc.rpartition("@")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(query.keys() - KNOWN)
    if unknown:
        raise _wrong(f"{unknown[0][:32]!r} is not known; there are {', '.join(sorted(KNOWN))}")
    if ":" in user:
        raise _wrong("a password stands in the address; put it into a file")
    named = [each if ":" in each else f"{each}:9092" for each in servers.split(",") if each]
    return Broker(
        servers=tuple(named),
        prefix=parts.path.strip("/") or PREFIX,
        partitions=_number(query, "partitions", PARTITIONS),
        replication=_number(query, "replication", REPLICATION),
        security=_security(unquote(user), query),
    )


def _security(user: str, query: dict[str, str]) -> dict[str, Any]:
    name = query.get("security", "plaintext")
    if name not in SECURITY:
        raise _wrong(f"security {name[:32]!r} is not one of {', '.join(SECURITY)}")
    found: dict[str, Any] = {"security_protocol": SECURITY[name]}
    found |= {FILES[each]: query[each] for each in FILES if each in query}
    if not name.startswith("sasl_"):
        return found
    mechanism = query.get("mechanism", MECHANISMS[0])
    if mechanism not in MECHANISMS:
        raise _wrong(f"mechanism {mechanism[:32]!r} is not one of {', '.join(MECHANISMS)}")
    if not user or "password_file" not in query:
        raise _wrong(f"security {name} wants user@host and password_file")
    return found | {
        "sasl_mechanism": mechanism,
        "sasl_plain_username": user,
        "sasl_plain_password": read_secret(SETTING, query["password_file"]),
    }


def _number(query: dict[str, str], name: str, usual: int) -> int:
    text = query.get(name, str(usual))
    if not text.isdecimal() or not 1 <= int(text) <= 1000:  # noqa: PLR2004 - beyond any cluster
        raise _wrong(f"{name} {text[:16]!r} is no number from 1 to 1000")
    return int(text)


def _wrong(why: str) -> SettingsError:
    return SettingsError(
        f"{SETTING}: {why}; write kafka://host:9092,host:9092 or"
        " kafka://user@host:9093?security=sasl_tls&password_file=/run/secrets/kafka"
    )
