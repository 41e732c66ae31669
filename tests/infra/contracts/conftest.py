"""The contract's documents, and validators for them."""

from __future__ import annotations

import gzip
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from infra.contracts import schemas

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
BASE = "https://example.org/docs/"


@pytest.fixture(scope="session")
def generate() -> ModuleType:
    """docs/generate.py, which is no package's."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def faults() -> Callable[[Any, Any], list[str]]:
    """What is wrong with a value by a schema, which may refer to ./schemas/ as the documents do."""
    resources = [
        (f"{BASE}schemas/{name}", Resource.from_contents(schema, DRAFT202012))
        for name, schema in schemas.documents().items()
    ]
    registry = Registry().with_resources(resources)

    def check(schema: Any, value: Any) -> list[str]:
        validator = Draft202012Validator(
            {"$id": BASE, **schema},
            registry=registry,
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )
        return [f"{each.json_path}: {each.message}" for each in validator.iter_errors(value)]

    return check


@pytest.fixture(scope="session")
def official() -> Draft7Validator:
    """AsyncAPI's own schema of its documents, from npm @asyncapi/specs 6.11.1 (Apache-2.0)."""
    packed = (HERE / "asyncapi-3.0.0.json.gz").read_bytes()
    return Draft7Validator(json.loads(gzip.decompress(packed)))


@pytest.fixture(scope="session")
def old_states() -> list[bytes]:
    """Stored states, one of each released type, as logs hold them. Never rewritten."""
    return (HERE / "stored.jsonl").read_bytes().splitlines()
