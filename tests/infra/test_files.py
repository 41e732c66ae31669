"""Files of events: any compression, whole or not at all."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
import zstandard

from infra.files import InputError, lines

TEXT = [b'{"n": %d}' % random.Random(n).getrandbits(64) for n in range(20_000)]  # noqa: S311
PLAIN = b"\n".join(TEXT) + b"\n"
PACK = {"gz": gzip.compress, "zst": zstandard.compress}


@pytest.mark.parametrize("kind", PACK)
def test_packed_lines_are_the_plain_ones(tmp_path: Path, kind: str) -> None:
    half = len(PLAIN) // 2
    path = tmp_path / f"events.{kind}"
    path.write_bytes(PACK[kind](PLAIN[:half]) + PACK[kind](PLAIN[half:]))
    assert list(lines(path)) == TEXT


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_said_to_be(tmp_path: Path, kind: str, share: float) -> None:
    packed = PACK[kind](PLAIN)
    path = tmp_path / f"events.{kind}"
    path.write_bytes(packed[: int(len(packed) * share)])
    with pytest.raises(InputError, match="cut off"):
        list(lines(path))


def test_a_damaged_frame_is_said_to_be(tmp_path: Path) -> None:
    packed = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(PLAIN))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "events.zst"
    path.write_bytes(packed)
    with pytest.raises(InputError, match="damaged"):
        list(lines(path))
