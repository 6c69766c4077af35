"""Sources that can't be used: for now, or not as they are."""

from __future__ import annotations

from libs.common.http import BodyTooLarge, FetchError
from services.sync.kinds.base import SourceAway


class Refused(Exception):
    """The new data can't be used; the text is for people."""


def told(error: FetchError) -> SourceAway | Refused:
    """What speaks against the server, or asks us to come back, may pass; a plain no will not."""
    if (error.is_failure or error.is_retryable) and not isinstance(error, BodyTooLarge):
        return SourceAway(str(error))
    return Refused(str(error))
