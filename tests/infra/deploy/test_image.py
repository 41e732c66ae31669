"""The image: what the Dockerfile copies is there, is all of it, and holds no key of anybody's."""

from __future__ import annotations

import http.server
import re
import subprocess
import sys
import threading
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from infra.warehouse import embedded

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def dockerfile(deploy: Path) -> str:
    return (deploy / "Dockerfile").read_text()


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def copied(dockerfile: str) -> set[str]:
    """What comes from the project's folder."""
    lines = re.findall(r"^COPY (?!--from)(?:--\S+ )?(.+) \S+$", dockerfile, re.MULTILINE)
    return {each for line in lines for each in line.split()}


def test_all_packages_are_in_the_image(dockerfile: str, project: dict[str, Any]) -> None:
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(packages) <= copied(dockerfile)
    assert {"pyproject.toml", "uv.lock", *project["project"]["license-files"]} <= copied(dockerfile)
    assert all((ROOT / each).exists() for each in copied(dockerfile))


def test_it_is_what_the_lock_file_says_with_the_extras_of_servers(
    dockerfile: str, project: dict[str, Any]
) -> None:
    for command in re.findall(r"uv sync .*", dockerfile):
        assert "--frozen --no-dev" in command
        extras = set(re.findall(r"--extra (\w+)", command))
        assert extras == {"kafka", "postgres"}
        assert extras <= set(project["project"]["optional-dependencies"])
    assert project["project"]["scripts"]["shouhe"]
    assert 'ENTRYPOINT ["shouhe"]' in dockerfile


def test_it_runs_as_the_user_that_the_manifests_name(dockerfile: str, deploy: Path) -> None:
    (user,) = re.findall(r"^USER (\d+):\d+", dockerfile, re.MULTILINE)
    assert f"--uid {user}" in dockerfile
    assert f'user: "{user}:{user}"' in (deploy / "compose.yaml").read_text()
    assert "SHOUHE_HOME=/var/lib/shouhe" in dockerfile


def test_the_build_sees_what_it_copies_and_no_data_directory(deploy: Path, dockerfile: str) -> None:
    rules = [line for line in (deploy / "Dockerfile.dockerignore").read_text().splitlines()
             if line and not line.startswith("#")]  # fmt: skip

    def sent(path: str) -> bool:
        """As Docker decides: the last rule that meets the path or a folder above it."""
        found = True
        parents = [path, *map(str, Path(path).parents)]
        for rule in rules:
            name = rule.removeprefix("!")
            if any(fnmatch(each, name) for each in parents):
                found = rule.startswith("!")
        return found

    assert all(map(sent, copied(dockerfile)))
    assert sent("projections/visits.sql")
    for path in ("var/master.key", "var/keys.sqlite", ".venv/bin/python", ".git/config",
                 "infra/deploy/secrets/postgres"):  # fmt: skip
        assert not sent(path), path


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_says_whether_the_process_is_ready(
    deploy: Path, status: int, code: int
) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [sys.executable, deploy / "ready.py", str(server.server_address[1])]
        done = subprocess.run(command, capture_output=True, check=False)
        server.shutdown()
    assert done.returncode == code


def test_clickhouse_knows_the_settings_that_its_files_set(deploy: Path, tmp_path: Path) -> None:
    files = sorted((deploy / "clickhouse").glob("*.xml"))
    roots = [ET.parse(each).getroot() for each in files]  # noqa: S314 - our own files
    assert [root.tag for root in roots] == ["clickhouse"] * 2
    client = embedded(tmp_path)
    try:
        rows = client.query("SELECT name FROM system.server_settings").result_rows
    finally:
        client.close()
    known = {name for (name,) in rows}
    plain = {each.tag for root in roots for each in root if each.text and each.text.strip()}
    assert plain == {"max_server_memory_usage_to_ram_ratio"}
    assert plain <= known


def test_a_cluster_is_called_by_the_name_that_its_nodes_know(deploy: Path) -> None:
    root = ET.parse(deploy / "clickhouse" / "cluster.xml").getroot()  # noqa: S314
    (cluster,) = root.find("remote_servers") or ()
    assert cluster.tag == root.findtext("macros/cluster") == "shouhe"
    assert cluster.findtext("shard/internal_replication") == "true"
    macros = {each.tag for each in root.find("macros") or ()}
    assert {"shard", "replica"} <= macros
