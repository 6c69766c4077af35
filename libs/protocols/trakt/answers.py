"""Reading an answer of Trakt's: its status, its paging headers, its body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import msgspec

from libs.common.http import BlockedAddress, Fetched, FetchError, InvalidUrl, Unreachable
from libs.protocols.trakt.errors import (
    AccountLocked,
    AnswerUnreadable,
    AppRefused,
    BadQuestion,
    Conflict,
    LimitReached,
    NothingThere,
    TooMany,
    TraktError,
    Unauthorized,
    Unavailable,
    Unprocessable,
    VipOnly,
)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_UNSENT: Final = (Unreachable, BlockedAddress, InvalidUrl)
_PLAIN: Final[Mapping[int, tuple[type[TraktError], str]]] = {
    400: (BadQuestion, "Trakt does not take this question."),
    401: (Unauthorized, "Trakt does not take this sign-in any more."),
    403: (AppRefused, "Trakt refuses this application or its use of the account."),
    404: (NothingThere, "Trakt has nothing at that address."),
    405: (BadQuestion, "Trakt does not take this question."),
    412: (BadQuestion, "Trakt does not take this question."),
    420: (LimitReached, "The account at Trakt may hold no more."),
    422: (Unprocessable, "Trakt can't do this."),
    426: (VipOnly, "Trakt does this for VIP members only."),
}


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """Some items of a list, and where they stand in it by Trakt's own headers.

    `limit` is what Trakt made of the limit asked for; `pages` and `count` are None where it tells none, and
    then this is the whole list. `unread` items were of a shape that nobody knows: the list isn't whole.
    """

    items: tuple[T_co, ...]
    number: int
    limit: int | None = None
    pages: int | None = None
    count: int | None = None
    unread: int = 0

    @property
    def is_last(self) -> bool:
        return self.pages is None or self.number >= self.pages


class _Scrobbled(msgspec.Struct, frozen=True, kw_only=True):
    watched_at: str | None = None
    expires_at: str | None = None


def raise_for_status(fetched: Fetched, *, writes: bool = False) -> None:
    """Raises the TraktError that a status other than 2xx stands for."""
    status = fetched.status
    if 200 <= status < 300:
        return
    if status in _PLAIN:
        kind, sentence = _PLAIN[status]
        raise kind(sentence)
    if status == 409:
        told = _lenient(fetched.body, _Scrobbled)
        raise Conflict(
            "Trakt has this already.",
            watched_at=told.watched_at if told else None,
            expires_at=told.expires_at if told else None,
        )
    if status == 423:
        closed = "X-Account-Deactivated" in fetched.headers
        raise AccountLocked(
            "The account at Trakt was closed." if closed else "Trakt has locked the account.",
            deactivated=closed,
        )
    if status == 429:
        raise TooMany("Trakt was asked too often.", retry_after_s=fetched.retry_after_s)
    raise Unavailable(
        f"Trakt answered {status}.",
        cause=str(status),
        retry_after_s=fetched.retry_after_s,
        acted=None if writes else False,
    )


def unavailable(error: FetchError, *, writes: bool) -> Unavailable:
    acted = None if writes and not isinstance(error, _UNSENT) else False
    return Unavailable(str(error), cause=error.reason, retry_after_s=error.retry_after_s, acted=acted)


def read(fetched: Fetched, into: type[T], *, writes: bool = False) -> T:
    """Raises AnswerUnreadable; what was to be done is done then."""
    try:
        return msgspec.json.decode(fetched.body, type=into)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    # Outside the handler: the library's error quotes what it read.
    raise AnswerUnreadable("Trakt's answer can't be read.", acted=writes)


def read_page(fetched: Fetched, into: type[T], *, asked: int) -> Page[T]:
    """Raises AnswerUnreadable for what is no list; single items that can't be read are counted."""
    items, unread = list[T](), 0
    for raw in read(fetched, list[msgspec.Raw]):
        item = _lenient(raw, into)
        if item is None:
            unread += 1
        else:
            items.append(item)
    headers = fetched.headers
    return Page(
        items=tuple(items),
        number=_number(headers.get("X-Pagination-Page")) or asked,
        limit=_number(headers.get("X-Pagination-Limit")),
        pages=_number(headers.get("X-Pagination-Page-Count")),
        count=_number(headers.get("X-Pagination-Item-Count")),
        unread=unread,
    )


def _lenient(body: bytes | msgspec.Raw, into: type[T]) -> T | None:
    try:
        return msgspec.json.decode(body, type=into)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
