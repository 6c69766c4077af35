"""Signing in by code against a Trakt over real HTTP: each status, and what never stands in an error."""

from __future__ import annotations

import pytest

from libs.protocols.trakt.app import TraktApp
from libs.protocols.trakt.auth import TraktAuth
from libs.protocols.trakt.errors import (
    AnswerUnreadable,
    AppRefused,
    CodeDenied,
    CodeExpired,
    CodeUnknown,
    CodeUsed,
    GrantInvalid,
    InvalidCredential,
    TooMany,
    TraktError,
    Unavailable,
)
from tests.fakes.clock import ManualClock
from tests.fakes.trakt import FakeTrakt, Person


async def test_a_code_that_is_entered_becomes_tokens(
    auth: TraktAuth, app: TraktApp, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    code = await auth.device_code(app)
    assert (code.interval, code.expires_in) == (5, 600)
    assert await auth.poll(app, code.device_code) is None
    with pytest.raises(TooMany) as fast:
        await auth.poll(app, code.device_code)
    assert fast.value.retry_after_s == 5
    trakt.signing.approve(code.user_code, ada)
    clock.advance(5)
    tokens = await auth.poll(app, code.device_code)
    assert tokens is not None
    assert tokens.expires_in == 604_800
    clock.advance(5)
    with pytest.raises(CodeUsed):
        await auth.poll(app, code.device_code)


async def test_a_code_that_comes_to_nothing_says_why(
    auth: TraktAuth, app: TraktApp, trakt: FakeTrakt, clock: ManualClock
) -> None:
    denied, late = await auth.device_code(app), await auth.device_code(app)
    trakt.signing.deny(denied.user_code)
    with pytest.raises(CodeDenied):
        await auth.poll(app, denied.device_code)
    clock.advance(600)
    with pytest.raises(CodeExpired):
        await auth.poll(app, late.device_code)
    with pytest.raises(CodeUnknown):
        await auth.poll(app, "0" * 64)


async def test_a_refresh_token_works_once(
    auth: TraktAuth, app: TraktApp, trakt: FakeTrakt, ada: Person
) -> None:
    pair = trakt.sign_in(ada)
    renewed = await auth.refresh(app, pair.refresh)
    assert renewed.refresh_token != pair.refresh
    with pytest.raises(GrantInvalid):
        await auth.refresh(app, pair.refresh)


async def test_a_renewal_whose_answer_is_lost_may_have_been_done(
    auth: TraktAuth, app: TraktApp, trakt: FakeTrakt, ada: Person
) -> None:
    trakt.fail(0, on="POST /oauth/token", acted=True)
    with pytest.raises(Unavailable) as lost:
        await auth.refresh(app, trakt.sign_in(ada).refresh)
    assert lost.value.acted is None


async def test_a_sign_in_that_is_revoked_is_of_no_use(
    auth: TraktAuth, app: TraktApp, trakt: FakeTrakt, ada: Person
) -> None:
    pair = trakt.sign_in(ada)
    await auth.revoke(app, pair.access)
    assert trakt.signing.whose(pair.access) is None
    await auth.revoke(app, "no-such-token")


@pytest.mark.parametrize("stranger", [TraktApp("client-2"), TraktApp("client-1", "secret-2")])
async def test_an_application_that_trakt_does_not_take_is_refused(
    auth: TraktAuth, stranger: TraktApp
) -> None:
    with pytest.raises(AppRefused):
        await auth.poll(stranger, "0")
    with pytest.raises(AppRefused):
        await auth.refresh(stranger, "0")


async def test_an_application_that_was_taken_away_is_refused(
    auth: TraktAuth, app: TraktApp, trakt: FakeTrakt
) -> None:
    trakt.signing.removed.add(app.client_id)
    with pytest.raises(AppRefused):
        await auth.device_code(app)


async def test_a_secret_is_not_needed(auth: TraktAuth, trakt: FakeTrakt, ada: Person) -> None:
    assert await auth.refresh(TraktApp("client-1"), trakt.sign_in(ada).refresh)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"access_token": 1}',
        b'{"access_token": "a\\r\\nX: y", "refresh_token": "b", "expires_in": 1, "created_at": 1}',
    ],
)
async def test_tokens_that_nobody_can_read_are_none(
    auth: TraktAuth, app: TraktApp, trakt: FakeTrakt, body: bytes
) -> None:
    trakt.fail(200, body=body)
    with pytest.raises(AnswerUnreadable) as unreadable:
        await auth.refresh(app, "r")
    assert unreadable.value.acted


async def test_no_error_holds_what_is_secret(auth: TraktAuth, app: TraktApp, trakt: FakeTrakt) -> None:
    trakt.fail(500, on="POST /oauth/token", body=b"refresh-secret secret-1")
    with pytest.raises(TraktError) as failed:
        await auth.refresh(app, "refresh-secret")
    told = f"{failed.value!r} {failed.value} {failed.value.__cause__!r} {app!r}"
    assert "secret" not in told.replace("client_secret", "")


@pytest.mark.parametrize("text", ["", "a b", "a\r\nX: y", "ä", "a" * 3000])
def test_what_no_header_can_carry_is_no_client_id(text: str) -> None:
    with pytest.raises(InvalidCredential):
        TraktApp(text)
