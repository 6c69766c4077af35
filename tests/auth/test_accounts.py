"""The owner's set-up, and signing in with a name and a password."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.errors import Conflict, HeadgateError, InvalidInput, RateLimited, Unauthenticated
from libs.common.identity import Identity
from services.auth.throttle import MOST_BY_ADDRESS, WINDOW_S
from tests.auth.conftest import NAME, PASSWORD, Auth, Start


async def test_the_owner_is_made_once(auth: Auth) -> None:
    assert (await auth.client.setup_state(deadline=auth.deadline)).needed
    owner = await auth.set_up()
    assert (owner.username, owner.roles, owner.tier) == (NAME, ("owner",), "premium")
    assert owner.profile_id
    assert not (await auth.client.setup_state(deadline=auth.deadline)).needed
    with pytest.raises(Conflict) as refused:
        await auth.client.setup("Eve", "quite another password", deadline=auth.deadline)
    assert refused.value.code == "already_set_up"


async def test_two_set_ups_at_the_same_moment_make_one_owner(start: Start) -> None:
    replicas = [await start(), await start()]
    names = ["Ada", "Eve", "Mallory", "Trent"]
    answers = await asyncio.gather(
        *(
            replicas[number % 2].client.setup(name, PASSWORD, deadline=replicas[0].deadline)
            for number, name in enumerate(names)
        ),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(answer) for answer in refused] == [Conflict] * 3
    rows = await replicas[0].db.fetch_all("SELECT username FROM accounts")
    assert len(rows) == 1
    assert len(await replicas[0].db.fetch_all("SELECT id FROM profiles")) == 1


@pytest.mark.parametrize(
    ("username", "password", "field", "sentence"),
    [
        ("", PASSWORD, "username", "Choose a user name."),
        (" \t ", PASSWORD, "username", "Choose a user name."),
        ("x" * 65, PASSWORD, "username", "more than 64 characters"),
        ("ﷺ" * 4, PASSWORD, "username", "more than 64 characters"),  # 18 characters each once normalised
        ("a\u200bb", PASSWORD, "username", "can't be seen"),
        ("a\x00b", PASSWORD, "username", "can't be seen"),
        ("Ada", "short 123", "password", "at least 10 characters"),
        ("Ada", "x" * 1025, "password", "more than 1024 characters"),
        ("Ada Lovelace", "ADA LOVELACE", "password", "is the user name"),
        ("straße 12345", "STRASSE 12345", "password", "is the user name"),
    ],
)
async def test_a_name_or_password_that_is_refused_says_why(
    auth: Auth, username: str, password: str, field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refused:
        await auth.client.setup(username, password, deadline=auth.deadline)
    assert list(refused.value.fields) == [field]
    assert (await auth.client.setup_state(deadline=auth.deadline)).needed


@pytest.mark.parametrize("username", ["x", "x" * 64, "Zoë 👩‍🚀"[:4], "ａｄａ", "名前"])
async def test_names_at_the_edges_are_taken(auth: Auth, username: str) -> None:
    owner = await auth.client.setup(username, "1234567890", deadline=auth.deadline)
    assert (await auth.login(username, "1234567890")).account == owner


@pytest.mark.parametrize("typed", ["ada", "ADA", " Ada ", "Ａｄａ"])
async def test_the_name_is_found_however_it_is_typed(auth: Auth, typed: str) -> None:
    owner = await auth.set_up()
    assert (await auth.login(typed)).account.id == owner.id


async def test_a_password_with_accents_is_the_same_however_they_are_composed(auth: Auth) -> None:
    await auth.client.setup(NAME, "motdépassé long", deadline=auth.deadline)
    assert (await auth.login(NAME, "motde\u0301passe\u0301 long")).tokens is not None


@pytest.mark.parametrize(
    ("username", "password"), [(NAME, "not the password"), ("nobody", PASSWORD), ("", ""), (NAME, "x" * 5000)]
)
async def test_wrong_credentials_never_say_which_was_wrong(auth: Auth, username: str, password: str) -> None:
    await auth.set_up()
    with pytest.raises(Unauthenticated) as refused:
        await auth.login(username, password)
    assert (refused.value.code, str(refused.value)) == (
        "wrong_credentials",
        "The user name or the password is wrong.",
    )


async def test_a_sixth_wrong_password_has_to_wait_even_if_it_is_right(auth: Auth) -> None:
    await auth.set_up()
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await auth.login(password="not the password")
        auth.clock.advance(60)
    with pytest.raises(RateLimited, match="Wait 10 minutes") as refused:
        await auth.login()
    assert refused.value.retry_after_s == 600
    assert (await auth.audited()).count("login_refused") == 5
    # The window slides: a minute for each of the first attempts.
    auth.clock.advance(600)
    assert (await auth.login()).tokens is not None


async def test_guesses_at_the_same_moment_count_each(start: Start) -> None:
    replicas = [await start(), await start()]
    await replicas[0].set_up()
    answers = await asyncio.gather(
        *(replicas[number % 2].login(password=f"guess number {number}") for number in range(12)),
        return_exceptions=True,
    )
    kinds = [type(answer) for answer in answers]
    assert (kinds.count(Unauthenticated), kinds.count(RateLimited)) == (5, 7)


async def test_a_good_login_clears_the_count_and_others_have_their_own(auth: Auth) -> None:
    await auth.set_up()
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Unauthenticated):
                await auth.login(password="not the password")
        await auth.login()
    for _ in range(6):
        with pytest.raises((Unauthenticated, RateLimited)):
            await auth.login(password="not the password", address="2001:db8::1")
    with pytest.raises(RateLimited):
        await auth.login(address="2001:db8::2")  # the same household's network
    assert (await auth.login(address="192.0.2.9")).tokens is not None


async def test_what_nobody_can_have_typed_is_refused_before_it_is_read(auth: Auth) -> None:
    """Bringing accents into order takes the square of their number: 32 000 hold the loop for long."""
    accents = "a" + "\u0301\u0316" * 2500
    with pytest.raises(InvalidInput, match="more than 1024 characters"):
        await auth.client.setup(NAME, accents, deadline=auth.deadline)
    with pytest.raises(InvalidInput, match="more than 64 characters"):
        await auth.client.setup(accents, PASSWORD, deadline=auth.deadline)
    await auth.set_up()
    for username, password in ((NAME, accents), (accents, PASSWORD)):
        with pytest.raises(Unauthenticated):
            await auth.login(username, password)
    assert await auth.db.fetch_all("SELECT id FROM login_attempts") == []


async def test_an_address_that_walks_through_names_has_to_wait(auth: Auth) -> None:
    await auth.set_up()
    assert (await auth.login()).tokens is not None  # a good one leaves no trace
    for number in range(MOST_BY_ADDRESS):
        with pytest.raises(Unauthenticated):
            await auth.login(f"name number {number}")
    with pytest.raises(RateLimited):
        await auth.login("one name more")
    with pytest.raises(RateLimited):
        await auth.login()
    assert (await auth.login(address="192.0.2.9")).tokens is not None
    auth.clock.advance(WINDOW_S)
    assert (await auth.login()).tokens is not None


async def test_a_device_that_repeats_a_wrong_password_locks_out_no_neighbour(auth: Auth) -> None:
    await auth.set_up()
    for _ in range(2 * MOST_BY_ADDRESS):
        with pytest.raises((Unauthenticated, RateLimited)):
            await auth.login("somebody else")
    assert (await auth.login()).tokens is not None


async def test_the_account_of_an_identity(auth: Auth) -> None:
    owner = await auth.set_up()
    identity = Identity(owner.id, owner.profile_id, owner.tier, owner.roles)
    assert await auth.client.account(identity, deadline=auth.deadline) == owner
    for stranger in (Identity(), Identity("gone", "gone", "premium", ("owner",))):
        with pytest.raises(Unauthenticated):
            await auth.client.account(stranger, deadline=auth.deadline)


async def test_the_audit_log_tells_what_happened(auth: Auth) -> None:
    await auth.set_up()
    with pytest.raises(HeadgateError):
        await auth.login(password="not the password")
    auth.clock.advance(1)
    await auth.login(address="192.0.2.7")
    assert sorted(await auth.audited()) == [
        "login_refused",
        "owner_created",
        "signed_in",
        "signing_key_created",
    ]
    rows = await auth.db.fetch_all("SELECT address, subject FROM audit_log WHERE action='signed_in'")
    assert [tuple(row) for row in rows] == [("192.0.2.7", "api")]
