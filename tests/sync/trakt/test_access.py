"""What Trakt answers about a token, an application or an account is noted, and nothing is asked in vain."""

from __future__ import annotations

import pytest

from libs.protocols.trakt.client import TraktClient
from libs.protocols.trakt.errors import (
    AccountLocked,
    AppRefused,
    LimitReached,
    TraktError,
    Unauthorized,
    Unavailable,
    VipOnly,
)
from libs.protocols.trakt.writing import Items
from services.sync.trakt.refusals import (
    ACCOUNT_CLOSED,
    ACCOUNT_LOCKED,
    APP_REFUSED,
    LIMIT_REACHED,
    NOT_CONNECTED,
    SIGNED_OUT,
    VIP_ONLY,
    WAITING,
    Refusal,
)
from tests.fakes.clock import ManualClock
from tests.fakes.trakt import FakeTrakt, Person
from tests.sync.trakt.replicas import ADA, BEN, Replica


async def client_of(replica: Replica) -> TraktClient:
    client = await replica.access.client(ADA)
    assert isinstance(client, TraktClient)
    return client


async def test_without_a_connection_there_is_nothing_to_ask_by(one: Replica, trakt: FakeTrakt) -> None:
    assert await one.access.client(ADA) == Refusal(NOT_CONNECTED)
    await one.begin()
    assert await one.access.client(ADA) == Refusal(WAITING)
    assert await one.access.client(BEN) == Refusal(NOT_CONNECTED)


async def test_another_profile_and_another_account_have_no_client(
    one: Replica, trakt: FakeTrakt, ada: Person
) -> None:
    await one.connect(trakt, ada)
    for stranger in (BEN, type(ADA)("account-2", ADA.profile_id), type(ADA)("account-2", "profile-9")):
        assert await one.access.client(stranger) == Refusal(NOT_CONNECTED)
        assert not await one.store.resume(stranger)
        assert await one.store.settle(stranger, lambda choices: choices) is None
        assert await one.store.leave(stranger, until=0) is None
    assert not isinstance(await one.access.client(ADA), Refusal)


@pytest.mark.parametrize("skew_s", [-30 * 24 * 3600, 3600])
async def test_a_clock_that_is_wrong_costs_a_renewal_and_nothing_else(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock, skew_s: float
) -> None:
    """Ours goes back after the tokens came, so that they seem to live on; or it is ahead."""
    held = await one.connect(trakt, ada)
    await one.database.execute(
        "UPDATE trakt_connections SET refresh_at = refresh_at - :skew, ends_at = ends_at - :skew",
        skew=int(skew_s * 1000),
    )
    clock.advance(trakt.signing.lives_s + 1)
    await (await client_of(one)).last_activities()
    assert trakt.signing.refreshes == 1
    assert (await one.held()).generation == held.generation + 1


async def test_a_call_in_the_hand_of_an_older_client_goes_with_the_newer_token(
    one: Replica, other: Replica, trakt: FakeTrakt, ada: Person
) -> None:
    trakt.signing.ends_old_access = True
    await one.connect(trakt, ada)
    former, latter = await client_of(one), await client_of(other)
    trakt.signing.sign_ins[-1].revoked = True
    await former.last_activities()
    await latter.last_activities()
    assert trakt.signing.refreshes == 1


async def test_a_sign_in_that_was_taken_back_at_trakt_asks_to_connect_again(
    one: Replica, trakt: FakeTrakt, ada: Person
) -> None:
    await one.connect(trakt, ada)
    client = await client_of(one)
    trakt.signing.revoke(ada)
    with pytest.raises(TraktError):
        await client.last_activities()
    assert await one.access.client(ADA) == Refusal(SIGNED_OUT)
    assert (await one.held()).sealed_tokens is None


async def test_a_new_token_that_is_not_taken_either_ends_the_sign_in(
    one: Replica, trakt: FakeTrakt, ada: Person
) -> None:
    await one.connect(trakt, ada)
    client = await client_of(one)
    trakt.fail(401, on="GET /sync/last_activities", times=2)
    with pytest.raises(Unauthorized):
        await client.last_activities()
    assert trakt.signing.refreshes == 1
    assert await one.access.client(ADA) == Refusal(SIGNED_OUT)


@pytest.mark.parametrize(
    ("status", "headers", "error", "reason"),
    [
        (403, {}, AppRefused, APP_REFUSED),
        (423, {"X-Account-Locked": "true"}, AccountLocked, ACCOUNT_LOCKED),
        (423, {"X-Account-Deactivated": "true"}, AccountLocked, ACCOUNT_CLOSED),
        (426, {}, VipOnly, VIP_ONLY),
    ],
)
async def test_what_only_its_owner_can_change_is_said_and_not_asked_again(  # noqa: PLR0917
    one: Replica,
    trakt: FakeTrakt,
    ada: Person,
    status: int,
    headers: dict[str, str],
    error: type[TraktError],
    reason: str,
) -> None:
    await one.connect(trakt, ada)
    client = await client_of(one)
    trakt.fail(status, on="GET /sync/last_activities", headers=headers)
    with pytest.raises(error):
        await client.last_activities()
    refusal = await one.access.client(ADA)
    assert isinstance(refusal, Refusal)
    assert refusal.code == reason
    assert len(refusal.text) > 40
    assert trakt.calls["GET /sync/last_activities"] == 1
    assert (await one.held()).sealed_tokens is not None, "it may be tried again"


async def test_a_full_list_is_remarked_and_reading_goes_on(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    await one.connect(trakt, ada)
    client = await client_of(one)
    trakt.fail(420, on="POST /sync/watchlist")
    with pytest.raises(LimitReached):
        await client.add_watchlist(Items())
    held = await one.held()
    assert (held.state, held.remark) == ("connected", LIMIT_REACHED)
    await client.last_activities()


@pytest.mark.parametrize("status", [500, 503, 520, 0])
async def test_a_trakt_that_is_down_leaves_the_connection_as_it_is(
    one: Replica, trakt: FakeTrakt, ada: Person, status: int
) -> None:
    await one.connect(trakt, ada)
    client = await client_of(one)
    trakt.fail(status, on="GET /sync/last_activities", times=None)
    with pytest.raises(Unavailable):
        await client.last_activities()
    assert (await one.held()).state == "connected"


async def test_the_account_is_named_by_its_first_client(one: Replica, trakt: FakeTrakt, ada: Person) -> None:
    held = await one.connect(trakt, ada)
    await one.store.name(held, "", "")
    await client_of(one)
    await client_of(one)
    held = await one.held()
    assert held.trakt_user == "ada"
    assert trakt.calls["GET /users/settings"] == 1


async def test_an_account_without_names_is_asked_for_them_once(
    one: Replica, trakt: FakeTrakt, ada: Person
) -> None:
    held = await one.connect(trakt, ada)
    await one.store.name(held, "", "")
    ada.name = ""
    await client_of(one)
    await client_of(one)
    named = await one.held()
    assert (named.trakt_user, named.trakt_name) == (held.id, "")
    assert trakt.calls["GET /users/settings"] == 1


async def test_a_name_that_no_database_keeps_keeps_nobody_from_being_read(
    one: Replica, trakt: FakeTrakt, ada: Person
) -> None:
    await one.store.name(await one.connect(trakt, ada), "", "")
    ada.name = "ad\0a"
    await client_of(one)
    assert (await one.held()).trakt_user == "ada"


async def test_nothing_that_is_secret_shows_in_a_connection(
    one: Replica, trakt: FakeTrakt, ada: Person
) -> None:
    await one.begin()
    held = await one.held()
    assert held.user_code not in repr(held)
    held = await one.connect(trakt, ada)
    token = await one.keeper.current(held)
    assert token.token not in repr(token)
    row = await one.database.fetch_one("SELECT * FROM trakt_connections")
    assert row is not None
    kept = b" ".join(
        bytes(value) if isinstance(value, bytes) else str(value).encode() for value in dict(row).values()
    )
    for secret in (token.token, trakt.signing.sign_ins[-1].refresh, "secret-1", "client-1"):
        assert secret.encode() not in kept
