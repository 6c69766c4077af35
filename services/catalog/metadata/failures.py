"""What went wrong at TMDB, told in the hub's errors."""

from __future__ import annotations

from libs.common.errors import HeadgateError
from libs.common.http import TimedOut
from libs.protocols.tmdb.errors import KeyRefused, TooManyRequests
from services.catalog.metadata.errors import TmdbFailed, TmdbKeyRefused, TmdbResting, TmdbTimedOut
from services.catalog.sources.tmdb import NOT_ASKED

TMDB, TMDB_NAME = "tmdb", "TMDB"
"""What stands for it where answers name who is missing."""

NOT_YET = "TMDB has not answered yet."
AWAY = "TMDB can't be reached."

_BY_KIND: tuple[tuple[type[Exception] | tuple[type[Exception], ...], type[HeadgateError]], ...] = (
    (KeyRefused, TmdbKeyRefused),
    (TimedOut, TmdbTimedOut),
    ((TooManyRequests, *NOT_ASKED), TmdbResting),
    (Exception, TmdbFailed),
)
"""The first that fits counts."""


def told(error: Exception, *, field: str = "") -> HeadgateError:
    """The error as an answer may show it, `field` being what was typed. One of `sources.tmdb.EXPECTED`."""
    kind = next(kind for cause, kind in _BY_KIND if isinstance(error, cause))
    text = str(error) or AWAY
    fields = {field: text} if field else {}
    return kind(text, retry_after_s=getattr(error, "retry_after_s", None), fields=fields)
