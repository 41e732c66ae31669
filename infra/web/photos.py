"""A photo or scanned page as it was sent: kept, or why not. The visit that it came with stands."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from domain.attachments import LARGEST
from infra import attachments
from infra.access import Reader
from infra.home import Home
from infra.keys import KeyDestroyedError

LARGEST_FORM = 20 * 1024 * 1024
"""Bytes of a form with a photo: one that is too large is read, so that the rest of it is kept."""

MEGABYTES = LARGEST // (1024 * 1024)
"""Said on the forms, and below."""


class NotKept(NamedTuple):
    """Why it was not kept. status: of the answer to whoever sent it."""

    status: int
    said: str


REFUSED = {
    "too_large": NotKept(413, "照片或扫描件太大,最大 8 MB。用“手机离线”登记会自动缩小。"),
    "no_media": NotKept(422, "只收照片(JPEG、PNG、WebP)或 PDF,而且文件要完好。请另选一张。"),
    "no_child": NotKept(422, "这个孩子不在册,或信息已按规定删除,不能再存。"),
    "forgotten": NotKept(422, "这个孩子的信息已按规定删除,不能再存;手机上的这张照片也删除了。"),
}  # fmt: skip
"""Code → what a person is told."""


def keep(home: Home, reader: Reader, child: UUID, content: bytes, *, about: str, id_: str) -> str:
    """Keep it, once under one id. → empty, or the code of its refusal."""
    try:
        attachments.attach(home, reader, child, content, about=about, id_=id_)
    except attachments.TooLargeError:
        return "too_large"
    except attachments.NoSuchMediaError:
        return "no_media"
    except (attachments.ForgottenError, KeyDestroyedError):
        return "forgotten"
    except attachments.NotKeptError:
        return "no_child"
    return ""
