"""Addresses that users give for titles: sources of these, their own, sealed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.client import RawAnswer
from libs.common.contracts.links import PATH, LinksClient, NewLink
from libs.common.db import open_database
from libs.common.deadline import Deadline
from libs.common.errors import Conflict, InvalidInput, NotFound
from libs.common.identity import Identity
from services.streaming.providers import links
from tests.fakes.addon import FakeAddon, stream
from tests.streaming.hub import OWNER, Streaming

OTHERS = (Identity("a1", "p2", "free"), Identity("a2", "p1", "free"))
URL = "https://user:secret@nas.example/films/m.mp4?key=secret"


def new(url: str = URL, **changed: Any) -> NewLink:
    return NewLink(**({"type": "movie", "video_id": "tt1", "url": url, "name": "Mine"} | changed))


@pytest.fixture
def client(service: Streaming) -> LinksClient:
    return LinksClient(service.client)


def deadline() -> Deadline:
    return Deadline.after(SystemClock(), 30)


async def send(service: Streaming, body: object) -> RawAnswer:
    return await service.client.raw(
        "POST",
        PATH,
        identity=OWNER,
        deadline=deadline(),
        headers={"Content-Type": "application/json"},
        body=msgspec.json.encode(body),
    )


async def test_link_is_a_source_of_its_title_until_it_is_removed(
    service: Streaming, client: LinksClient
) -> None:
    link = await client.add(OWNER, new(), deadline=deadline())
    (item,) = (await service.page("movie", "tt1")).items
    assert (item.url, item.addon_id, item.addon_name, item.description) == (
        URL,
        "links",
        "Your links",
        "Mine",
    )
    assert (await service.page("movie", "tt2")).items == ()
    assert (await service.page("series", "tt1")).items == ()
    await client.remove(OWNER, link.id, deadline=deadline())
    assert (await service.page("movie", "tt1")).items == ()
    with pytest.raises(NotFound):
        await client.remove(OWNER, link.id, deadline=deadline())


async def test_same_thing_from_an_addon_is_one_source(service: Streaming, client: LinksClient) -> None:
    await client.add(OWNER, new(), deadline=deadline())
    async with FakeAddon(streams={"tt1": [stream(URL), stream("https://b.example/2")]}) as addon:
        service.catalog.add(addon, "Far")
        page = await service.page("movie", "tt1")
    assert [(item.addon_name, item.url) for item in page.items] == [
        ("Your links", URL),
        ("Far", "https://b.example/2"),
    ]


async def test_links_are_listed_without_what_may_be_a_password(
    service: Streaming, client: LinksClient
) -> None:
    await client.add(OWNER, new(), deadline=deadline())
    answer = await service.raw(PATH, identity=OWNER)
    assert b"secret" not in answer.body
    (item,) = (await client.all(OWNER, deadline=deadline())).items
    assert (item.address, item.name, item.video_id) == ("https://nas.example/…", "Mine", "tt1")
    assert "secret" not in repr(new())


@pytest.mark.parametrize("other", OTHERS)
async def test_nobody_else_sees_or_removes_a_link(
    service: Streaming, client: LinksClient, other: Identity
) -> None:
    link = await client.add(OWNER, new(), deadline=deadline())
    assert (await client.all(other, deadline=deadline())).items == ()
    with pytest.raises(NotFound):
        await client.remove(other, link.id, deadline=deadline())
    service.identity = other
    assert (await service.page("movie", "tt1")).items == ()
    assert len((await client.all(OWNER, deadline=deadline())).items) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "magnet:?xt=urn:btih:0",
        "not an address",
        "https://",
    ],
)
async def test_refused_address_is_not_kept(client: LinksClient, url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await client.add(OWNER, new(url), deadline=deadline())
    assert "url" in refused.value.fields
    assert (await client.all(OWNER, deadline=deadline())).items == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "https://a.example/" + "x" * 4000},
        {"video_id": ""},
        {"video_id": "t" * 201},
        {"type": "../movie"},
        {"type": "songs"},
        {"name": "n" * 201},
    ],
)
async def test_what_is_no_link_is_refused(service: Streaming, changed: dict[str, str]) -> None:
    body = {"type": "movie", "video_id": "tt1", "url": URL} | changed
    assert (await send(service, body)).status == 422


async def test_profile_has_so_many_links_at_most(
    service: Streaming, client: LinksClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MAX_LINKS", 2)
    for _ in range(2):
        await client.add(OWNER, new(), deadline=deadline())
    with pytest.raises(Conflict):
        await client.add(OWNER, new(), deadline=deadline())
    await client.add(OTHERS[0], new(), deadline=deadline())


async def test_address_is_not_in_the_database(service: Streaming, client: LinksClient, tmp_path: Any) -> None:
    link = await client.add(OWNER, new(), deadline=deadline())
    url = f"sqlite:///{tmp_path / 'streaming.db'}"
    database = await open_database(url, schema="streaming", clock=SystemClock())
    row = await database.fetch_one("SELECT * FROM links")
    assert row is not None
    assert b"nas.example" not in bytes(row["sealed_url"])
    # One row's secret put into another opens nowhere, and is nobody's source.
    await database.execute("UPDATE links SET id = 'other' WHERE id = :id", id=link.id)
    await database.aclose()
    assert (await service.page("movie", "tt1")).items == ()
    (item,) = (await client.all(OWNER, deadline=deadline())).items
    assert item.address == ""
