"""附件: a photo or a scanned page that belongs to a recorded fact about a child.

The content lies encrypted with the child's key beside the store, named by the hash of what is
encrypted (infra/attachments.py); the log keeps that it exists, and of what it is an attachment.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.event import Code, Event, event
from domain.terms import Term

LARGEST = 8 * 1024 * 1024
"""Bytes of one attachment: a photo as a camera makes it, or a scanned page. The app on the phone
sends some 200 KB."""


class Media(Term):
    """What an attachment may be, told by its first bytes."""

    JPEG = "image/jpeg", "照片"
    PNG = "image/png", "图片"
    WEBP = "image/webp", "图片"
    PDF = "application/pdf", "扫描件"


@event("attachment.added.v1", label="添加附件", stream="fact", emitters=("守禾",), rules=("G6",))
class AttachmentAdded(Event, frozen=True, kw_only=True):
    """添加附件. Emitted by the pages once the encrypted file is on the disk.

    sealed   SHA-256 of the encrypted file, which is its name
    size     bytes of the content
    about    the id of the event that it belongs to; none: the child's file
    """

    sealed: Code
    media: Media
    size: Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]
    about: Code | None = None
