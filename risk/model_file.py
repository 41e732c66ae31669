"""A model on disk: `<model_id>.skops`, which can't run code, beside its card (`.json`, `.md`) and
its impact assessment (`.pia.md`).

The same model gives the same bytes: skops writes memory addresses and the time of day, and both are
replaced, so that a file's SHA-256 says which model it is.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import msgspec

from risk.card import Card, as_markdown
from risk.errors import ModelFileError
from risk.features import FEATURES
from risk.statement import feature_hash

TRUSTED = (
    "numpy.dtype",
    "risk.averaging.OddsMean",
    "risk.averaging.SeedAverage",
    "risk.glass_box.Directed",
    "risk.splines.Bends",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.utils._bunch.Bunch",
)
"""Types beyond skops' own list that our models are made of. Anything else is refused."""

_ADDRESS = re.compile(r'("__id__": |")(\d{6,})(\.npy)?')
_EPOCH = (1980, 1, 1, 0, 0, 0)


def packed(model: Any) -> bytes:
    """The model as skops bytes, the same for the same model."""
    import skops.io  # noqa: PLC0415 - takes two seconds, and no page opens a model

    source = zipfile.ZipFile(io.BytesIO(skops.io.dumps(model)))
    schema = source.read("schema.json").decode()
    numbers: dict[str, str] = {}

    def renamed(address: str) -> str:
        return numbers.setdefault(address, str(1_000_000 + len(numbers)))

    schema = _ADDRESS.sub(lambda m: f"{m[1]}{renamed(m[2])}{m[3] or ''}", schema)
    names = {f"{renamed(Path(n).stem)}.npy": n for n in source.namelist() if n.endswith(".npy")}
    kept = {new: source.read(old) for new, old in sorted(names.items())}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for name, content in [*kept.items(), ("schema.json", schema.encode())]:
            target.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def digest(content: bytes) -> str:
    """SHA-256 as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def save(folder: Path, model: Any, card: Card) -> Card:
    """Write the model and its card. → the card with the file's hash."""
    folder.mkdir(parents=True, exist_ok=True)
    content = packed(model)
    finished = msgspec.structs.replace(card, file_sha256=digest(content))
    _write(folder / f"{card.model_id}.skops", content)
    write_card(folder, finished)
    return finished


def write_card(folder: Path, card: Card) -> None:
    """Write the card, as JSON and as a page to read."""
    text = msgspec.json.format(msgspec.json.encode(card), indent=1)
    _write(folder / f"{card.model_id}.json", text)
    _write(folder / f"{card.model_id}.md", as_markdown(card).encode())


def impact_path(folder: Path, model_id: str) -> Path:
    """Where a model's impact assessment lies: people fill in what is open."""
    return folder / f"{model_id}.pia.md"


def write_impact(folder: Path, model_id: str, text: str) -> None:
    """Write the impact assessment, unless there is one: people have worked on it."""
    path = impact_path(folder, model_id)
    if not path.exists():
        _write(path, text.encode())


def read_card(folder: Path, model_id: str) -> Card:
    """The card of a model. Raises ModelFileError."""
    try:
        return msgspec.json.decode((folder / f"{model_id}.json").read_bytes(), type=Card)
    except FileNotFoundError:
        raise ModelFileError(
            f"model: no card of {model_id!r} in {folder}; run `shouhe train --as-of DATE`"
        ) from None
    except msgspec.DecodeError as error:
        raise ModelFileError(
            f"model: the card of {model_id!r} can't be read ({error}); train again"
        ) from None


def load(folder: Path, model_id: str, approved_hash: str) -> tuple[Any, Card]:
    """The model whose bytes were approved, with its card.

    Raises ModelFileError where the file's bytes are not the approved ones, where it holds a type
    that is not on the list, or where the features have changed since it was trained.
    """
    card = read_card(folder, model_id)
    path = folder / f"{model_id}.skops"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelFileError(f"model: {path} is missing; restore it, or train again") from None
    if digest(content) != approved_hash:
        raise ModelFileError(
            f"model: {path} is not the file that was approved (its SHA-256 differs);"
            " restore it, or train and approve anew"
        )
    if card.feature_hash != feature_hash(FEATURES):
        raise ModelFileError(
            f"model: {model_id!r} was trained on other features than this version computes;"
            " train and approve a new one"
        )
    return _unpacked(content, path), card


def _unpacked(content: bytes, path: Path) -> Any:
    import skops.io  # noqa: PLC0415 - as above

    unknown = set(skops.io.get_untrusted_types(data=content)) - set(TRUSTED)
    if unknown:
        raise ModelFileError(f"model: {path} holds types that are not trusted: {sorted(unknown)}")
    return skops.io.loads(content, trusted=list(TRUSTED))


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    draft = path.with_suffix(path.suffix + ".part")
    draft.write_bytes(content)
    draft.replace(path)
