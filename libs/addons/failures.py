"""What went wrong with an addon, told in the hub's errors: a stable code and a sentence for people."""

from __future__ import annotations

from collections import OrderedDict

from libs.addons.addon import Addon
from libs.addons.errors import (
    AddonAddressRefused,
    AddonAnsweredStatus,
    AddonBroken,
    AddonResting,
    AddonTimedOut,
    AddonTooLarge,
    AddonUnreachable,
)
from libs.common.clock import Clock
from libs.common.contracts.catalog import SourceProblem
from libs.common.errors import HeadgateError, Unavailable
from libs.common.fanout import Failed, Late
from libs.common.http import (
    BadEncoding,
    BlockedAddress,
    BodyTooLarge,
    FetchError,
    InvalidUrl,
    TimedOut,
    UpstreamStatus,
)
from libs.common.resilience import BreakerOpen, LimitExceeded, UpstreamResting
from libs.protocols.stremio.errors import StremioError
from libs.protocols.stremio.paths import ResourcePath

RESTING = (BreakerOpen, UpstreamResting, LimitExceeded)
"""The addon was not asked, so these say nothing about it."""

EXPECTED = (FetchError, StremioError, *RESTING)
"""Everything an addon may do to us; anything else is a mistake of ours and stays what it is."""

NOT_YET = "The addon has not answered yet."

REMEMBERED_S = 5.0
"""A failed question is not put again for so long, or for as long as the addon asks, up to the longest."""

LONGEST_REMEMBERED_S = 300.0
MAX_REMEMBERED = 2000

_NOT_FOUND = 404
_OF_ONE_TITLE = frozenset({"meta", "stream", "subtitles"})

_BY_KIND: tuple[tuple[type[Exception], type[HeadgateError]], ...] = (
    (InvalidUrl, AddonAddressRefused),
    (BlockedAddress, AddonAddressRefused),
    (TimedOut, AddonTimedOut),
    (BodyTooLarge, AddonTooLarge),
    (BadEncoding, AddonBroken),
    (UpstreamStatus, AddonAnsweredStatus),
    (BreakerOpen, AddonResting),
    (UpstreamResting, AddonResting),
    (LimitExceeded, AddonResting),
    (FetchError, AddonUnreachable),
    (StremioError, AddonBroken),
)
"""The first that fits counts: FetchError and StremioError are what is left of their trees."""


def described(error: Exception) -> HeadgateError:
    """The error as an answer may show it. `error` is one of `EXPECTED`."""
    retry_after_s = getattr(error, "retry_after_s", None)
    for cause, kind in _BY_KIND:
        if isinstance(error, cause):
            return kind(str(error), retry_after_s=retry_after_s)
    return Unavailable("The addon can't be asked now.")


def knows_nothing(path: ResourcePath, error: Exception) -> bool:
    """404 is how the protocol says that an addon has nothing for a title; a row it offers has to be there."""
    return path.resource in _OF_ONE_TITLE and isinstance(error, UpstreamStatus) and error.status == _NOT_FOUND


def missing(addon: Addon, outcome: Failed | Late) -> SourceProblem:
    """Why an addon is missing from an answer made of many."""
    if isinstance(outcome, Failed):
        return SourceProblem(addon.id, addon.name, outcome.reason, outcome.detail)
    return SourceProblem(addon.id, addon.name, AddonTimedOut.code, NOT_YET)


class RecentFailures:
    """Failed questions by key: a failing addon is left in peace for seconds, not asked by everybody."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, tuple[float, HeadgateError]] = OrderedDict()

    def raise_for(self, key: str) -> None:
        """Raises what that question last failed with, while it is remembered."""
        until, error = self._failed.get(key, (0.0, None))
        if error is not None and self._clock.monotonic() < until:
            # A new one each time: an exception raised twice would gather the tracebacks of all its raises.
            raise type(error)(error.detail, retry_after_s=error.retry_after_s)

    def remember(self, key: str, error: HeadgateError) -> None:
        wait_s = min(max(REMEMBERED_S, error.retry_after_s or 0.0), LONGEST_REMEMBERED_S)
        self._failed[key] = (self._clock.monotonic() + wait_s, error)
        self._failed.move_to_end(key)
        while len(self._failed) > MAX_REMEMBERED:
            self._failed.popitem(last=False)

    def forget(self, begins: str) -> None:
        """Lets go of the questions whose keys begin so."""
        for key in [key for key in self._failed if key.startswith(begins)]:
            del self._failed[key]
