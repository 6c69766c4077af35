"""How one instance may fail to answer. Never leaves the package's callers: they raise the hub's errors."""

from __future__ import annotations

import aiohttp


class InstanceFailed(Exception):
    """Speaks against the instance. `reason` is the label of the retry it may lead to."""

    reason = "failed"
    is_failure = True


class NotSent(InstanceFailed):
    """No connection: the question never left, so any method may be tried again."""

    reason = "not_sent"


class NotAnswered(InstanceFailed):
    """The connection ended before an answer began; the question may have been acted on."""

    reason = "not_answered"


class GivenUp(NotAnswered):
    """It was waited for long enough, or it left the rotation meanwhile, and another may answer."""

    reason = "given_up"


class Refused(InstanceFailed):
    """A 502, 503 or 504 that isn't of our making, from something in between, or from one that is ending.

    `response` is still unread: it is the answer when nobody else may be asked.
    """

    reason = "refused"

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        super().__init__(response.status)
        self.response = response


class Leaving(Refused):
    """It is draining, which is no failure."""

    reason = "draining"
    is_failure = False


class Busy(Refused):
    """It has too much to do and has done nothing for this question, which is no failure."""

    reason = "overloaded"
    is_failure = False
