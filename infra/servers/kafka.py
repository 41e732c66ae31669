"""Apache Kafka in KRaft mode: one process is broker and controller. Its jars come by Maven."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from infra.servers.process import HOST, Process, ServerError, free_port

NEEDED = {
    "java": "Java 17 or later (Debian: apt install default-jre-headless)",
    "mvn": "Maven (Debian: apt install maven)",
}
CLUSTER = "c2hvdWhlLXRyaWFsLTAwMQ"
"""22 characters of base64: a UUID of our own choice."""

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
log.dirs={data}
num.partitions=4
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.flush.interval.messages=1000000
"""
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""For trials that begin and end often: up after half the processor time; under load for hours,
where Java's second compiler pays, a Kafka is set up by infra/deploy."""
HEAP = "-Xmx768m"


class Kafka:
    """One Kafka broker on loopback; without TLS and passwords unless `more` says so.

    more     further lines of server.properties, with {host}, {port}, {controller}
    storage  further options of the storage tool, which makes users
    """

    def __init__(
        self, folder: Path, port: int = 9092, *, more: str = "", storage: Sequence[str] = ()
    ) -> None:
        self.folder, self.port, self._more, self._storage = folder, port, more, storage
        self.process = Process("kafka", folder, port)

    @property
    def url(self) -> str:
        """kafka://127.0.0.1:9092"""
        return f"kafka://{HOST}:{self.port}"

    def start(self) -> None:
        """Fetch the jars and format the storage when need be, and start it. Raises ServerError."""
        java = _needed("java")
        self.folder.mkdir(parents=True, exist_ok=True)
        classes = str(_jars() / "*")
        properties, data = self.folder / "server.properties", self.folder / "data"
        text = (PROPERTIES + self._more).format(
            host=HOST, port=self.port, controller=free_port(), data=data
        )
        properties.write_text(text)
        if not (data / "meta.properties").exists():
            _run([java, *QUICK, "-cp", classes, "kafka.tools.StorageTool", "format", "-t", CLUSTER,
                  "-c", str(properties), *self._storage])  # fmt: skip
        self.process.start(
            [java, HEAP, *QUICK, "-cp", classes, "kafka.Kafka", str(properties)],
            {"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        )

    def stop(self) -> bool:
        """Cleanly. → whether it was running."""
        return self.process.stop()

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()


def console(tool: str) -> list[str]:
    """The beginning of a command line for one of Kafka's own tools, by its class."""
    return [_needed("java"), *QUICK, "-cp", str(_jars() / "*"), tool]


def _jars() -> Path:
    """Kafka's jars, fetched once for all homes of this user."""
    pom = files("infra.servers").joinpath("kafka-pom.xml").read_text()
    version = pom.partition("<kafka.version>")[2].partition("<")[0]
    place = Path.home() / ".cache" / "shouhe" / f"kafka-{version}"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "fetching").open("w") as fetching:
        fcntl.flock(fetching, fcntl.LOCK_EX)  # Maven takes ill what another writes beside it
        if not (place / "whole").exists():
            (place / "pom.xml").write_text(pom)
            _run([_needed("mvn"), "-q", "-B", "-f", str(place / "pom.xml"),
                  "dependency:copy-dependencies", f"-DoutputDirectory={place}",
                  "-DincludeScope=runtime"])  # fmt: skip
            (place / "whole").touch()
    return place


def _needed(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ServerError(f"kafka: {name} is missing; install {NEEDED[name]}")
    return found


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - found above
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-500:]
        raise ServerError(f"kafka: {Path(command[0]).name} failed: {said}")
