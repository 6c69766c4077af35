"""Times as Trakt and Stremio write them, in ISO's form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

MAX_CHARS: Final = 64
"""Of a time with all that ISO's form has."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def moment_ms(text: object) -> int | None:
    """In epoch milliseconds; None for none, and for what is none. UTC's where it tells no zone; digits beyond
    the millisecond are left out."""
    if not isinstance(text, str) or not text or len(text) > MAX_CHARS:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError):
        return None


def moment_text(at_ms: int) -> str:
    """With milliseconds, in UTC. Raises OverflowError for a year beyond 9999."""
    moment = _EPOCH + timedelta(milliseconds=at_ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
