"""What an account's state says is one sentence or two, with what to do, and nothing of the address."""

from __future__ import annotations

import pytest

from libs.common.contracts.library import ProviderStatus
from libs.common.http import BlockedAddress, NameNotFound, TimedOut, TlsFailed, UpstreamStatus
from libs.common.resilience import BreakerOpen, UpstreamResting
from libs.protocols.m3u.errors import Empty, ListBroken, OneStream, TooLarge, Truncated
from libs.protocols.xtream.account import Account, PanelClock, parse_account
from libs.protocols.xtream.answers import raise_for_status
from libs.protocols.xtream.errors import XtreamError
from libs.providers.states import state_by_reason, state_of, state_told

REFUSALS: tuple[tuple[int, bytes, ProviderStatus, str], ...] = (
    (200, b'{"user_info":{"auth":0}}', "refused", "user name and password"),
    (200, b'{"user_info":{"auth":0,"status":"Expired","message":"x"}}', "expired", "Renew"),
    (200, b'{"user_info":{"auth":0,"status":"Banned"}}', "banned", "Ask the provider"),
    (200, b'{"user_info":{"auth":0,"status":"Disabled"}}', "disabled", "Ask the provider"),
    (401, b'{"error":"Unauthorized"}', "refused", "user name and password"),
    (404, b'{"error":"Not Found"}', "refused", "user name and password"),
    (403, b"<html></html>", "refused", "blocks"),
    (403, b"", "refused", "blocks"),
    (404, b"", "unreadable", "Check the address"),
    (200, b"Blocked", "refused", "blocks"),
    (200, b"Access Denied", "refused", "blocks"),
    (200, b"<html><body>Welcome</body></html>", "unreadable", "Check the address"),
    (200, b"[]", "unreadable", "Check both"),
    (200, b"", "unreadable", "Check both"),
    (429, b"", "unreachable", "left alone"),
    (502, b"", "unreachable", "asked again"),
)


def read(status: int, body: bytes) -> Account:
    raise_for_status(status, body)
    return parse_account(body)


@pytest.mark.parametrize(("status", "body", "state", "advice"), REFUSALS)
def test_every_form_of_refusal_has_a_state_and_advice(
    status: int, body: bytes, state: ProviderStatus, advice: str
) -> None:
    with pytest.raises(XtreamError) as refused:
        read(status, body)

    told = state_of(refused.value)

    assert told.status == state
    assert advice in told.problem
    assert told.problem.endswith(".")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (TimedOut("tv.example did not answer in time."), "unreachable"),
        (NameNotFound("There is no server called tv.example."), "unreachable"),
        (TlsFailed("The certificate of tv.example is not valid."), "unreachable"),
        (BlockedAddress("127.0.0.1 is not allowed."), "refused"),
        (UpstreamStatus(403), "refused"),
        (UpstreamStatus(404), "refused"),
        (UpstreamStatus(503), "unreachable"),
        (BreakerOpen(5.0), "unreachable"),
        (UpstreamResting(5.0), "unreachable"),
        (Truncated(), "unreadable"),
        (TooLarge(), "unreadable"),
        (OneStream(), "unreadable"),
    ],
)
def test_a_provider_that_is_away_or_sends_something_else_has_one_too(
    error: Exception, state: ProviderStatus
) -> None:
    told = state_of(error)

    assert told.status == state
    assert len(told.problem) > 20


def test_an_error_that_another_process_met_says_the_same() -> None:
    for status, body, state, words in REFUSALS:
        with pytest.raises(XtreamError) as met:
            read(status, body)

        told = state_by_reason(XtreamError, met.value.reason, str(met.value))

        assert told == state_of(met.value)
        assert (told.status, words in told.problem) == (state, True)
    assert state_by_reason(ListBroken, "empty", "Nothing.").problem == state_of(Empty()).problem.replace(
        str(Empty()), "Nothing."
    )


def test_an_account_that_is_let_in_is_active_with_what_the_panel_tells_of_it() -> None:
    account = Account(
        status="active",
        expires_at=1_800_000_000,
        max_connections=2,
        formats=("ts", "m3u8"),
        clock=PanelClock(zone="Europe/London"),
    )

    told = state_told(account)

    assert (told.status, told.problem, told.expires_at) == ("active", "", 1_800_000_000)
    assert (told.max_connections, told.formats, told.zone) == (2, ("ts", "m3u8"), "Europe/London")
