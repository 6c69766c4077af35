"""Token pairs: what an access token says, and refresh tokens that work once."""

from __future__ import annotations

import asyncio
import base64

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from libs.common.access_token import signed_claims, signed_identity
from libs.common.contracts.auth import LogoutRequest, Tokens
from libs.common.errors import Unauthenticated
from libs.common.identity import Identity
from tests.auth.conftest import Auth, Start


async def keys(auth: Auth) -> dict[str, Ed25519PublicKey]:
    jwks = await auth.client.jwks(deadline=auth.deadline)
    return {
        key.kid: Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key.x + "="))
        for key in jwks.keys
    }


async def who(auth: Auth, access_token: str) -> Identity:
    return signed_identity(signed_claims(access_token, await keys(auth)), now=auth.clock.time())


async def pair(auth: Auth) -> Tokens:
    tokens = (await auth.login()).tokens
    assert tokens is not None
    return tokens


async def refreshed(auth: Auth, token: str) -> Tokens:
    return await auth.client.refresh(token, deadline=auth.deadline)


async def test_an_access_token_is_proved_by_the_published_keys(auth: Auth) -> None:
    owner = await auth.set_up()
    tokens = await pair(auth)
    assert (tokens.token_type, tokens.expires_in) == ("Bearer", 900)
    identity = await who(auth, tokens.access_token)
    family_id = identity.session_id
    assert family_id
    expected = Identity(owner.id, owner.profile_id, "premium", ("owner",), session_id=family_id)
    assert identity == expected
    assert (await auth.client.resolve("families", family_id, deadline=auth.deadline)).identity == expected
    header = jwt.get_unverified_header(tokens.access_token)
    body = jwt.decode(tokens.access_token, options={"verify_signature": False})
    assert header["alg"] == "EdDSA"
    assert (body["iss"], body["aud"], body["exp"] - body["iat"]) == ("headgate", "headgate", 900)
    assert body["jti"]


async def test_an_access_token_ends_after_its_minutes(auth: Auth) -> None:
    await auth.set_up()
    tokens = await pair(auth)
    auth.clock.advance(961)
    with pytest.raises(Unauthenticated):
        await who(auth, tokens.access_token)


async def test_a_refresh_token_gives_a_pair_of_the_same_account(auth: Auth) -> None:
    owner = await auth.set_up()
    first = await pair(auth)
    second = await refreshed(auth, first.refresh_token)
    assert second.refresh_token != first.refresh_token
    identity = await who(auth, second.access_token)
    assert identity.account_id == owner.id
    assert (await refreshed(auth, second.refresh_token)).access_token


async def test_a_refresh_token_used_twice_ends_its_family_and_no_other(auth: Auth) -> None:
    await auth.set_up()
    other = await pair(auth)
    first = await pair(auth)
    second = await refreshed(auth, first.refresh_token)
    with pytest.raises(Unauthenticated) as refused:
        await refreshed(auth, first.refresh_token)
    assert refused.value.code == "refresh_refused"
    with pytest.raises(Unauthenticated):
        await refreshed(auth, second.refresh_token)
    assert (await auth.audited()).count("refresh_token_reused") == 1
    assert (await refreshed(auth, other.refresh_token)).access_token


async def test_one_refresh_token_at_the_same_moment_gives_one_pair_and_ends_the_family(start: Start) -> None:
    replicas = [await start(), await start()]
    await replicas[0].set_up()
    first = await pair(replicas[0])
    answers = await asyncio.gather(
        *(refreshed(replicas[number % 2], first.refresh_token) for number in range(6)),
        return_exceptions=True,
    )
    won = [answer for answer in answers if isinstance(answer, Tokens)]
    assert len(won) == 1
    assert sum(isinstance(answer, Unauthenticated) for answer in answers) == 5
    with pytest.raises(Unauthenticated):
        await refreshed(replicas[0], won[0].refresh_token)


async def test_a_refresh_token_lives_30_days_after_its_last_use(auth: Auth) -> None:
    await auth.set_up()
    tokens = await pair(auth)
    for _ in range(3):
        auth.clock.advance(29 * 86_400)
        tokens = await refreshed(auth, tokens.refresh_token)
    auth.clock.advance(30 * 86_400)
    with pytest.raises(Unauthenticated):
        await refreshed(auth, tokens.refresh_token)


@pytest.mark.parametrize("token", ["", "hgr_nothing", "☃" * 100, "x" * 20_000])
async def test_a_token_nobody_gave_out_is_refused(auth: Auth, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await refreshed(auth, token)


async def test_logout_ends_the_family_and_a_second_logout_is_no_error(auth: Auth) -> None:
    await auth.set_up()
    first = await pair(auth)
    second = await refreshed(auth, first.refresh_token)
    for _ in range(2):
        await auth.client.logout(LogoutRequest(refresh_token=second.refresh_token), deadline=auth.deadline)
    with pytest.raises(Unauthenticated):
        await refreshed(auth, second.refresh_token)
    assert (await auth.audited()).count("signed_out") == 1


async def test_replicas_and_restarts_sign_with_keys_that_all_publish(start: Start) -> None:
    one, two = await start(), await start()
    await one.set_up()
    for signer, verifier in ((one, two), (two, one)):
        tokens = await pair(signer)
        await who(verifier, tokens.access_token)
    assert len(await keys(one)) == 1


async def test_an_old_key_is_replaced_and_still_proves_what_it_signed(auth: Auth) -> None:
    await auth.set_up()
    auth.clock.advance(90 * 86_400 - 60)
    before = await pair(auth)
    auth.clock.advance(61)
    after = await pair(auth)
    published = await keys(auth)
    assert len(published) == 2
    for tokens in (before, after):
        signed_claims(tokens.access_token, published)
    auth.clock.advance(2 * 86_400)
    assert len(await keys(auth)) == 1
