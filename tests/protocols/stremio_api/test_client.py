"""The client against a Stremio over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.common.clock import SystemClock
from libs.common.http import Fetcher, FetchError, Guard, TimedOut, make_session
from libs.protocols.stremio_api.client import LINK_URL, MOST_ADDONS, StremioApi
from libs.protocols.stremio_api.errors import (
    AnswerUnreadable,
    CodePending,
    Declined,
    KeyRefused,
    LoginRefused,
    ServiceDown,
    StremioApiError,
    TooManyRequests,
)
from libs.protocols.stremio_api.key import AuthKey
from libs.protocols.stremio_api.wire import (
    changed_item,
    is_same,
    new_descriptor,
    with_manifest,
)
from libs.protocols.times import moment_ms, moment_text
from tests.fakes.stremio_api import Account, FakeStremio, descriptor, library_item

PASSWORD = "a password that nobody may see"
BIG = 12345678901234567890123456789


@pytest.fixture
async def stremio() -> AsyncIterator[FakeStremio]:
    async with FakeStremio() as stremio:
        yield stremio


@pytest.fixture
def account(stremio: FakeStremio) -> Account:
    return stremio.add_account("anna@example.org", PASSWORD)


@pytest.fixture
async def client(stremio: FakeStremio) -> AsyncIterator[StremioApi]:
    guard = Guard(allow_private=True)
    async with make_session(guard=guard) as session:
        fetcher = Fetcher(session, guard, SystemClock())
        yield StremioApi(fetcher, stremio.url, stremio.link_url, max_bytes=1024 * 1024)


@pytest.fixture
def key(stremio: FakeStremio, account: Account) -> AuthKey:
    return AuthKey(stremio.sign_in(account.email))


async def test_a_password_is_exchanged_for_a_key(client: StremioApi, account: Account) -> None:
    login = await client.login("anna@example.org", PASSWORD)
    assert (login.user.id, login.user.email) == (account.id, "anna@example.org")
    assert (await client.user(login.key)).id == account.id
    assert login.key.reveal() not in repr(login)


@pytest.mark.parametrize(
    ("email", "password", "told"),
    [("anna@example.org", "another", "password is wrong"), ("nobody@example.org", "x", "no account")],
)
@pytest.mark.usefixtures("account")
async def test_what_stremio_refuses_is_told_in_words(
    client: StremioApi, email: str, password: str, told: str
) -> None:
    with pytest.raises(LoginRefused, match=told) as caught:
        await client.login(email, password)
    assert password not in str(caught.value).split()
    assert caught.value.__context__ is None


async def test_a_code_is_confirmed_and_works_once(
    client: StremioApi, stremio: FakeStremio, account: Account
) -> None:
    code = await client.create_code()
    assert code.code not in repr(code)
    with pytest.raises(CodePending):
        await client.read_code(code.code)
    stremio.confirm(code.code)
    key = await client.read_code(code.code)
    assert (await client.user(key)).id == account.id
    with pytest.raises(CodePending):
        await client.read_code(code.code)


@pytest.mark.parametrize(
    "leads_to",
    ["https://evil.example", "https://link.stremio.com@evil.example", "javascript:alert(1)", "//x"],
)
async def test_a_link_that_leads_elsewhere_is_not_one(
    client: StremioApi, stremio: FakeStremio, leads_to: str
) -> None:
    stremio.leads_to = leads_to
    with pytest.raises(AnswerUnreadable, match="link"):
        await client.create_code()


async def test_a_mirror_may_lead_to_stremios_own_page(client: StremioApi, stremio: FakeStremio) -> None:
    stremio.leads_to = LINK_URL
    assert (await client.create_code()).link.startswith(LINK_URL)


async def test_a_key_ends_with_its_session(client: StremioApi, key: AuthKey) -> None:
    await client.logout(key)
    with pytest.raises(KeyRefused):
        await client.addons(key)


async def test_a_list_goes_back_as_it_came(client: StremioApi, account: Account, key: AuthKey) -> None:
    before = [
        descriptor("https://one.example/key/manifest.json", protected=True, official=True),
        descriptor("https://two.example/manifest.json", numbers=[1e300, 0.1, BIG], text="ü\u2028\x00"),
    ]
    account.addons = json.loads(json.dumps(before))
    listed = await client.addons(key)
    assert [(each.official, each.protected) for each in listed] == [(True, True), (False, False)]
    await client.set_addons(key, listed)
    assert account.addons == before
    assert is_same(await client.addons(key), listed)


async def test_no_address_of_an_addon_is_printed(client: StremioApi, account: Account, key: AuthKey) -> None:
    account.addons = [descriptor("https://one.example/secret/manifest.json")]
    assert "secret" not in repr(await client.addons(key))


@pytest.mark.parametrize(
    "odd",
    [
        None,
        7,
        "text",
        [],
        {},
        {"transportUrl": 5, "manifest": [], "flags": "yes"},
        {"transportUrl": "x" * 100_000, "manifest": {"name": "n" * 100_000, "id": {"a": 1}}},
        {"transportUrl": "https://a.example/manifest.json", "manifest": {"name": "\u202eevil\x00\n"}},
        {"manifest": json.loads("[" * 200 + "]" * 200)},
    ],
)
async def test_an_odd_entry_stays_in_the_list_as_it_is(
    client: StremioApi, account: Account, key: AuthKey, odd: Any
) -> None:
    account.addons = [odd]
    (found,) = await client.addons(key)
    assert found.name.isprintable()
    assert len(found.name) <= 300
    assert not found.protected
    account.addons = []
    await client.set_addons(key, [found])
    assert account.addons == [odd]


async def test_an_entry_of_ours_gets_another_manifest_and_keeps_the_rest() -> None:
    former = new_descriptor(
        "https://hub.example/a/manifest.json", b'{"id":"hub","name":"Hub","version":"1.0.0"}'
    )
    known = json.loads(former.raw) | {"more": 1}
    changed = with_manifest(
        type(former)(raw=json.dumps(known).encode()), "https://hub.example/b/manifest.json", b'{"name":"New"}'
    )
    told = json.loads(changed.raw)
    assert (told["more"], told["manifest"], changed.name) == (1, {"name": "New"}, "New")
    assert changed.transport_url == "https://hub.example/b/manifest.json"


async def test_a_library_is_read_and_written(client: StremioApi, account: Account, key: AuthKey) -> None:
    at = "2026-09-28T18:26:29.322320491Z"
    account.library["tt1"] = library_item(
        "tt1", changed=at, timeOffset=60_000, duration=600_000, video_id="tt1"
    )
    (meta,) = await client.library_metas(key)
    assert meta.id == "tt1"
    (item,) = await client.library_items(key, ["tt1", "tt9"])
    assert (item.changed_at_ms, item.time_offset_ms, item.video_id) == (meta.changed_at_ms, 60_000, "tt1")
    later = moment_text(meta.changed_at_ms + 1)
    await client.put_items(key, [changed_item(item.raw, {"_mtime": later}, {"timeOffset": 90_000})])
    stored = account.library["tt1"]
    assert (stored["year"], stored["state"]["season"], stored["state"]["timeOffset"]) == (
        "2021–2025",
        0,
        90_000,
    )
    assert moment_ms(stored["_mtime"]) == meta.changed_at_ms + 1


async def test_an_older_version_of_an_item_does_not_count(
    client: StremioApi, account: Account, key: AuthKey
) -> None:
    account.library["tt1"] = library_item("tt1", changed="2026-09-28T18:26:29Z")
    (item,) = await client.library_items(key, ["tt1"])
    await client.put_items(key, [changed_item(item.raw, {"_mtime": moment_text(0)}, {"timeOffset": 1})])
    assert account.library["tt1"]["state"]["timeOffset"] == 0


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, TooManyRequests), (500, ServiceDown), (503, ServiceDown), (302, ServiceDown), (404, ServiceDown)],
)
async def test_other_statuses(
    client: StremioApi, stremio: FakeStremio, key: AuthKey, status: int, error: type[StremioApiError]
) -> None:
    stremio.status = status
    with pytest.raises(error):
        await client.addons(key)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"result":null}',
        b'{"result":{"addons":null}}',
        b'{"result":{"addons":{}}}',
        b'{"result":{"addons":[1,}}',
        b'{"result":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
async def test_what_is_no_list_is_never_taken_for_an_empty_one(
    client: StremioApi, stremio: FakeStremio, key: AuthKey, body: bytes
) -> None:
    stremio.body = body
    with pytest.raises(AnswerUnreadable):
        await client.addons(key)


async def test_a_write_without_success_was_none(
    client: StremioApi, stremio: FakeStremio, key: AuthKey
) -> None:
    stremio.body = b'{"result":{"success":false,"error":"no"}}'
    with pytest.raises(Declined, match="list of addons"):
        await client.set_addons(key, [])
    stremio.body = b'{"error":{"code":"odd","message":"secret"}}'
    with pytest.raises(Declined) as caught:
        await client.put_items(key, [])
    assert "secret" not in str(caught.value)


async def test_an_answer_that_never_ends_is_left(
    client: StremioApi, stremio: FakeStremio, key: AuthKey
) -> None:
    stremio.body = b" " * (1024 * 1024 + 1)
    with pytest.raises(FetchError):
        await client.addons(key)


async def test_a_slow_stremio_is_not_waited_for(stremio: FakeStremio, key: AuthKey) -> None:
    stremio.hold_back()
    guard = Guard(allow_private=True)
    async with make_session(guard=guard) as session:
        slow = StremioApi(Fetcher(session, guard, SystemClock()), stremio.url, timeout_s=0.1)
        with pytest.raises(TimedOut):
            await slow.addons(key)


@pytest.mark.parametrize("text", ["", "a b", "a\n", "ä", "x" * 5000, None, 5])
def test_what_is_no_key_is_not_repeated(text: Any) -> None:
    with pytest.raises(AnswerUnreadable) as caught:
        AuthKey(text)
    assert str(caught.value) == "Stremio gave no key that can be used."


async def test_a_list_of_more_addons_than_any_app_bears_is_not_looked_at(
    client: StremioApi, account: Account, key: AuthKey
) -> None:
    account.addons = [{"transportUrl": "x"}] * (MOST_ADDONS + 1)
    with pytest.raises(AnswerUnreadable, match="more than 2,000 addons"):
        await client.addons(key)


async def test_an_id_that_no_database_keeps_is_not_in_the_library(
    client: StremioApi, account: Account, key: AuthKey
) -> None:
    early = "2026-09-28T18:26:29Z"
    account.library = {id_: library_item(id_, changed=early) for id_ in ("tt1", "tt\0", "tt\x07")}
    assert [meta.id for meta in await client.library_metas(key)] == ["tt1"]
