"""Attachments: taken by what they are, kept encrypted and without where they were taken, once."""

from __future__ import annotations

import asyncio
import os
import struct
import zlib
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from domain.attachments import LARGEST, Media
from infra import attachments
from infra.access import Role
from infra.pictures import NoSuchMediaError, media_of, without_metadata
from infra.web.multipart import last, parts_of, texts

WHERE = b"GPS 26.87N 104.28E"


def jpeg() -> bytes:
    def segment(marker: int, body: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body

    return (
        b"\xff\xd8" + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + segment(0xE1, b"Exif\0\0" + WHERE) + segment(0xFE, WHERE) + segment(0xDB, b"\0" * 65)
        + segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"pixels\xff\0more\xff\xd9" + WHERE
    )  # fmt: skip


def png() -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    pixel = zlib.compress(b"\0\0")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"tEXt", b"Where\0" + WHERE) + chunk(b"eXIf", WHERE)
        + chunk(b"IDAT", pixel) + chunk(b"IEND", b"") + WHERE
    )  # fmt: skip


def webp() -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    body = (
        b"WEBP" + chunk(b"VP8X", b"\x0c" + b"\0" * 9) + chunk(b"VP8L", b"\x2fpix")
        + chunk(b"EXIF", WHERE) + chunk(b"XMP ", WHERE)
    )  # fmt: skip
    return b"RIFF" + struct.pack("<I", len(body)) + body + WHERE


@pytest.mark.parametrize(
    ("content", "media"), [(jpeg(), Media.JPEG), (png(), Media.PNG), (webp(), Media.WEBP)]
)
def test_a_picture_keeps_its_pixels_and_loses_where_it_was_taken(
    content: bytes, media: Media
) -> None:
    assert media_of(content) is media
    kept = without_metadata(content, media)
    assert WHERE in content
    assert WHERE not in kept
    assert media_of(kept) is media
    assert without_metadata(kept, media) == kept
    if media is Media.JPEG:
        assert b"pixels\xff\0more\xff\xd9" in kept
    if media is Media.WEBP:
        assert struct.unpack_from("<I", kept, 4)[0] == len(kept) - 8
        assert kept[20] & 0x0C == 0


def test_a_second_picture_or_a_film_behind_a_photo_is_not_kept() -> None:
    one, where = jpeg().removesuffix(WHERE), b"ftypmp4 " + WHERE
    lead = b"\xff\xe2" + struct.pack(">H", 2 + 4 + len(WHERE)) + b"MPF\0" + WHERE
    for behind in (jpeg(), where + b"\xff\xd9", b"\0\0" + jpeg() + where + b"\xff\xd9\0"):
        kept = without_metadata(one[:2] + lead + one[2:] + behind, Media.JPEG)
        assert kept == without_metadata(one, Media.JPEG)
    scans = one[:-2] + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0last\xff\xd0\xff\xd9"
    later = scans[:-2] + b"\xff\xfe" + struct.pack(">H", 2 + len(WHERE)) + WHERE + b"\xff\xd9"
    kept = without_metadata(scans, Media.JPEG)
    assert kept.endswith(b"last\xff\xd0\xff\xd9")
    assert without_metadata(later, Media.JPEG) == kept


@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_a_damaged_picture_is_refused_and_never_a_fault(make: Any) -> None:
    content = make()
    for end in range(12, len(content) - len(WHERE) - 4):
        try:
            without_metadata(content[:end], media_of(content[:end]))
        except NoSuchMediaError:
            continue
        assert make is webp  # its own length says where it ends


@pytest.mark.parametrize("content", [b"", b"MZ\x90", b"<svg onload=x>", b"GIF89a", b"\xff\xd8"])
def test_what_is_no_picture_and_no_pdf_is_refused_whatever_it_is_called(content: bytes) -> None:
    with pytest.raises(NoSuchMediaError):
        media_of(content)


def form(content: bytes, word: str, **fields: str) -> tuple[bytes, dict[str, str]]:
    parts = [f'--b\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in {"csrf": word, **fields}.items()]  # fmt: skip
    head = b'--b\r\ncontent-disposition: form-data; name="content"; filename="x.exe"\r\n'
    body = b"".join(parts) + head + b"content-type: text/plain\r\n\r\n" + content + b"\r\n--b--\r\n"
    return body, {"content-type": "multipart/form-data; boundary=b", "x-csrf": ""}


@pytest.mark.parametrize(
    "content", [b"", b"\r\n", b"a\r\n--", b"\r\r\n\n", b"\r\n\r\n--c", bytes(range(256)) * 3]
)
def test_what_is_sent_in_a_form_comes_through_byte_for_byte(content: bytes) -> None:
    body, headers = form(content, "word", about="好")

    async def sent() -> bytes:
        return body

    parts = asyncio.run(parts_of(SimpleNamespace(scope={}, headers=headers, body=sent)))
    assert (last(parts, "content"), last(parts, "csrf")) == (content, b"word")
    assert texts(parts, "content") == {"csrf": ["word"], "about": ["好"]}


@pytest.fixture
def send(county, asking) -> Any:
    def post(role: Role, child: Any, content: bytes, word: str | None = None, **fields: str) -> Any:
        _, token = county.reader(role)
        body, headers = form(content, county.word(token) if word is None else word, **fields)
        path = f"/children/{child.id}/attachments"
        return county.ask([asking("POST", path, token, body=body, headers=headers)])[0]

    return post


def on_disk(county: Any, child: Any) -> list[Any]:
    return sorted(attachments.folder(county.home, UUID(child.id)).iterdir())


def test_a_photo_is_kept_encrypted_and_read_back_on_record(county, asking, send) -> None:
    child, known = county.children[0], set(on_disk(county, county.children[0]))
    assert send(Role.DIRECTOR, child, jpeg()).status_code == 303
    (made,) = set(on_disk(county, child)) - known
    assert b"pixels" not in made.read_bytes()
    assert made.stat().st_mode & 0o077 == 0
    county.home.catch_up()
    _, token = county.reader(Role.DIRECTOR)
    before = county.home.log.head()
    path = f"/children/{child.id}/attachments/{made.name}"
    (answer,) = county.ask([asking("GET", path, token)])
    assert answer.content == without_metadata(jpeg(), Media.JPEG)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert county.read_since(before) == {child.id}
    other = county.children[1]
    (stray,) = county.ask([asking("GET", f"/children/{other.id}/attachments/{made.name}", token)])
    assert stray.status_code == 404


def test_the_same_sending_counts_once(county, send) -> None:
    child, known = county.children[0], len(on_disk(county, county.children[0]))
    for _ in range(3):
        assert send(Role.DIRECTOR, child, png(), id="phone-77").status_code == 303
    assert len(on_disk(county, child)) == known + 1


def test_what_is_too_large_or_no_picture_or_not_ours_is_not_kept(county, send) -> None:
    child, known = county.children[0], on_disk(county, county.children[0])
    big = jpeg()[:-20] + os.urandom(LARGEST) + b"\xff\xd9"
    assert send(Role.DIRECTOR, child, big).status_code in (413, 422)
    assert send(Role.DIRECTOR, child, jpeg() + os.urandom(3 * LARGEST)).status_code == 413
    assert send(Role.DIRECTOR, child, b"MZ no picture").status_code == 422
    assert send(Role.DIRECTOR, child, jpeg(), word="0" * 64).status_code == 403
    assert send(Role.DIRECTOR, child, jpeg(), about="../../etc").status_code == 422
    assert send(Role.DIRECTOR, county.children[1], jpeg()).status_code == 404
    assert on_disk(county, child) == known


def test_a_file_that_no_event_names_is_swept_after_a_day(county) -> None:
    child = county.children[2]
    known = on_disk(county, child)
    stray = attachments.folder(county.home, UUID(child.id)) / ("f" * 64)
    stray.write_bytes(b"cut off before the event")
    assert attachments.sweep(county.home) == 0
    two_days = stray.stat().st_mtime + 2 * 86_400
    assert attachments.sweep(county.home, two_days) == 1
    assert on_disk(county, child) == known


def test_where_the_event_is_refused_the_file_goes_too(county, monkeypatch) -> None:
    child = county.children[0]
    known = on_disk(county, child)
    reader, _ = county.reader(Role.DIRECTOR)
    with pytest.raises(attachments.NotKeptError):
        attachments.attach(county.home, reader, UUID(int=5), png())
    assert list(attachments.folder(county.home, UUID(int=5)).iterdir()) == []
    assert on_disk(county, child) == known
