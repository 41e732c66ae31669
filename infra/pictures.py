"""What a file is, by its first bytes, and a picture without what a camera wrote into it.

A photo carries where it was taken, by which phone and when (EXIF, XMP, IPTC, comments): none of it
is kept. The pixels are not touched, nothing is decoded.
"""

from __future__ import annotations

import struct

from domain.attachments import Media
from domain.errors import ShouheError

JPEG_SOS, JPEG_EOI = 0xDA, 0xD9
JPEG_DROPPED = {0xE1, 0xED, 0xFE, *range(0xE3, 0xED), 0xEF}
"""APP1 (EXIF, XMP), APP13 (IPTC), comments and makers' own. JFIF, colour profile, Adobe stay."""

JPEG_APP2, JPEG_PROFILE = 0xE2, b"ICC_PROFILE\0"
"""The colour profile's segment; another of its kind leads to pictures behind the picture."""

JPEG_PIXELS = {0x00, *range(0xD0, 0xD8), 0xFF}
"""What follows 0xFF within the pixels: a stuffed byte, a restart, a fill byte."""

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
PNG_DROPPED = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
WEBP_DROPPED = {b"EXIF", b"XMP "}
WEBP_FLAGS = 0x08 | 0x04
"""In a VP8X header: there is EXIF, there is XMP."""


class NoSuchMediaError(ShouheError):
    """The content is none of the media that are taken, or is damaged."""


def media_of(content: bytes) -> Media:
    """By the content, whatever it is called. Raises NoSuchMediaError."""
    if content.startswith(b"\xff\xd8\xff"):
        return Media.JPEG
    if content.startswith(PNG_HEAD):
        return Media.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Media.WEBP
    if content.startswith(b"%PDF-"):
        return Media.PDF
    raise NoSuchMediaError("attachment: is no JPEG, PNG, WebP or PDF; send one of these")


def without_metadata(content: bytes, media: Media) -> bytes:
    """The same picture, no more than a picture. A PDF is kept as it is. Raises NoSuchMediaError."""
    strip = {Media.JPEG: _jpeg, Media.PNG: _png, Media.WEBP: _webp}.get(media)
    try:
        return content if strip is None else strip(content)
    except (struct.error, IndexError, ValueError):
        raise NoSuchMediaError("attachment: the picture is damaged; take it anew") from None


def _jpeg(content: bytes) -> bytes:
    """To the end of the first picture: cameras put a second one behind it, or a film, each with
    where it was taken.
    """
    kept, at, drawn = [content[:2]], 2, False
    while True:
        marker, length = content[at + 1], struct.unpack_from(">H", content, at + 2)[0]
        end = at + 2 + length
        if content[at] != 0xFF or marker == JPEG_EOI or length < 2 or end > len(content):  # noqa: PLR2004 - itself
            raise ValueError("no segment")
        profile = content[at + 4 : end].startswith(JPEG_PROFILE)
        if marker == JPEG_SOS:
            drawn, end = True, _pixels_end(content, end)
        if marker not in JPEG_DROPPED and (marker != JPEG_APP2 or profile):
            kept.append(content[at:end])
        at = end
        if drawn and content[at + 1] == JPEG_EOI:
            return b"".join([*kept, content[at : at + 2]])


def _pixels_end(content: bytes, at: int) -> int:
    """Where the next segment begins. Raises ValueError where none does."""
    at = content.index(b"\xff", at)
    while content[at + 1] in JPEG_PIXELS:
        at = content.index(b"\xff", at + (1 if content[at + 1] == 0xFF else 2))  # noqa: PLR2004 - itself
    return at


def _png(content: bytes) -> bytes:
    kept, at = [PNG_HEAD], len(PNG_HEAD)
    while True:
        (length,) = struct.unpack_from(">I", content, at)
        name, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            raise ValueError("cut off")
        if name not in PNG_DROPPED:
            kept.append(content[at:end])
        if name == b"IEND":
            return b"".join(kept)
        at = end


def _webp(content: bytes) -> bytes:
    kept, at = [], 12
    end = min(len(content), 8 + struct.unpack_from("<I", content, 4)[0])
    while at + 8 <= end:
        name, length = content[at : at + 4], struct.unpack_from("<I", content, at + 4)[0]
        chunk = content[at : at + 8 + length + length % 2]
        if len(chunk) < 8 + length:
            raise ValueError("cut off")
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~WEBP_FLAGS]) + chunk[9:]
        if name not in WEBP_DROPPED:
            kept.append(chunk)
        at += len(chunk)
    if not kept:
        raise ValueError("empty")
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
