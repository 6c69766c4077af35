"""Places in lists that are ordered by time and id, in a form that callers carry without reading it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from libs.common.errors import InvalidInput

T = TypeVar("T")

MAX_CURSOR_CHARS = 128


def cursor_of(at: datetime, id_: str) -> str:
    text = f"{round(at.timestamp() * 1000)}.{id_}"
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def place_of(cursor: str) -> tuple[int, str]:
    """The time in ms and the id. Raises InvalidInput for anything but a cursor we gave out."""
    try:
        if len(cursor) > MAX_CURSOR_CHARS:
            raise ValueError("too long")
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
        at, dot, id_ = text.partition(".")
        if dot and id_ and at.isdigit() and len(at) < 16:
            return int(at), id_
    except (binascii.Error, ValueError) as error:
        raise _refused() from error
    raise _refused()


def cut(found: Sequence[T], limit: int) -> tuple[tuple[T, ...], T | None]:
    """A page of what was asked for with one more than `limit`, and its last if others follow."""
    page = tuple(found[:limit])
    return page, page[-1] if len(found) > limit else None


def _refused() -> InvalidInput:
    return InvalidInput("This cursor is not one of ours.", fields={"cursor": "not valid"})
