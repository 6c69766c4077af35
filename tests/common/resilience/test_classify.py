"""Which errors count against an upstream."""

from __future__ import annotations

import pytest

from libs.common.errors import InvalidInput, Unavailable
from libs.common.http import BlockedAddress, ConnectionReset, UpstreamStatus
from libs.common.resilience import is_failure, is_retryable
from libs.protocols.stremio.errors import AnswerError, InvalidTransportUrl


@pytest.mark.parametrize(
    ("error", "failure", "retryable"),
    [
        (ConnectionReset("gone"), True, True),
        (BlockedAddress("no"), False, False),
        (UpstreamStatus(429), False, True),
        (Unavailable(), True, True),
        (InvalidInput(), False, False),
        (OSError(), True, True),
        (KeyError("a bug of ours"), False, False),
        # Once a page of HTML with status 200 never opened a breaker.
        (AnswerError("A web page.", reason="html"), True, False),
        (InvalidTransportUrl("Odd."), False, False),
    ],
    ids=repr,
)
def test_an_error_counts_by_what_it_is(error: Exception, failure: bool, retryable: bool) -> None:
    assert (is_failure(error), is_retryable(error)) == (failure, retryable)
