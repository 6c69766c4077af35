"""The client against an addon over real HTTP."""

import codecs
from collections.abc import AsyncIterator

import msgspec
import pytest

from libs.common.clock import SystemClock
from libs.common.http import BlockedAddress, Fetcher, FetchError, Guard, UpstreamStatus, make_session
from libs.protocols.stremio.answers import CacheBounds
from libs.protocols.stremio.client import StremioClient
from libs.protocols.stremio.errors import AnswerError, ManifestError
from libs.protocols.stremio.objects import parse_metas
from libs.protocols.stremio.paths import ResourcePath
from tests.fakes.addon import FakeAddon, films, stream


@pytest.fixture
async def client() -> AsyncIterator[StremioClient]:
    guard = Guard(allow_private=True)
    async with make_session(guard=guard) as session:
        yield StremioClient(Fetcher(session, guard, SystemClock()), max_bytes=1024 * 1024)


@pytest.fixture
async def addon() -> AsyncIterator[FakeAddon]:
    async with FakeAddon(catalogs={"top": films(3)}, streams={"a/b=c&d ü": [stream()]}) as addon:
        yield addon


async def test_manifest_bytes_are_strict_json_however_they_were_written(
    client: StremioClient, addon: FakeAddon
) -> None:
    """They are passed on inside other JSON: one that only we can read would spoil the whole of it."""
    half = codecs.BOM_UTF8 + b'{"id":"a","name":"\\ud83d cut","version":"1.0.0","resources":[]}'
    addon.on("manifest", body=half)
    _, body, _ = await client.manifest(addon.manifest_url)
    assert msgspec.json.decode(body)["name"] == "\ufffd cut"


STREAM = ResourcePath("stream", "movie", "tt1")


async def test_manifest_comes_with_its_bytes_and_bounds(client: StremioClient, addon: FakeAddon) -> None:
    addon.on("manifest", headers={"Cache-Control": "max-age=60"})
    manifest, body, bounds = await client.manifest(addon.manifest_url)
    assert manifest.supports("catalog", "movie", "top")
    assert body.startswith(b"{")
    assert bounds == CacheBounds(60)


async def test_items_come_as_they_were_sent(client: StremioClient, addon: FakeAddon) -> None:
    answer = await client.resource(
        addon.manifest_url, ResourcePath("catalog", "movie", "top", (("skip", "1"),))
    )
    assert [meta.name for meta in parse_metas(answer.items)] == ["Film 2", "Film 3"]


async def test_hostile_id_arrives_as_it_was_meant(client: StremioClient, addon: FakeAddon) -> None:
    path = ResourcePath("stream", "movie", "a/b=c&d ü")
    assert len((await client.resource(addon.manifest_url, path)).items) == 1
    assert addon.paths == ["/stream/movie/a%2Fb%3Dc%26d%20%C3%BC.json"]


async def test_configuration_and_query_go_along(client: StremioClient) -> None:
    async with FakeAddon(prefix="/key%7C1%2F2") as addon:
        await client.resource(f"{addon.manifest_url}?token=a%2Fb", STREAM)
        assert addon.paths == ["/key%7C1%2F2/stream/movie/tt1.json?token=a%2Fb"]


@pytest.mark.parametrize("status", [404, 429, 500, 204])
async def test_any_status_but_200_is_raised(client: StremioClient, addon: FakeAddon, status: int) -> None:
    addon.on("stream", status=status, headers={"Retry-After": "7"})
    with pytest.raises(UpstreamStatus) as failed:
        await client.resource(addon.manifest_url, STREAM)
    assert (failed.value.status, failed.value.retry_after_s) == (status, 7)


async def test_web_page_is_told_from_json(client: StremioClient, addon: FakeAddon) -> None:
    addon.on("*", body=b"<!DOCTYPE html>")
    with pytest.raises(AnswerError) as answer:
        await client.resource(addon.manifest_url, STREAM)
    with pytest.raises(ManifestError) as manifest:
        await client.manifest(addon.manifest_url)
    assert answer.value.reason == manifest.value.reason == "html"


@pytest.mark.parametrize("cut", ["reset", "endless"])
async def test_broken_answer_is_a_fetch_error(client: StremioClient, addon: FakeAddon, cut: str) -> None:
    addon.on("*", cut=cut)
    with pytest.raises(FetchError):
        await client.resource(addon.manifest_url, STREAM)
    with pytest.raises(FetchError):
        await client.manifest(addon.manifest_url)


async def test_no_message_names_the_address(client: StremioClient) -> None:
    async with FakeAddon(prefix="/secret") as addon:
        addon.on("stream", status=500)
        with pytest.raises(UpstreamStatus) as failed:
            await client.resource(addon.manifest_url, STREAM)
    assert "secret" not in str(failed.value)


async def test_a_question_names_the_hub_that_asks(addon: FakeAddon) -> None:
    guard = Guard(allow_private=True)
    async with make_session(guard=guard) as session:
        named = StremioClient(Fetcher(session, guard, SystemClock()), hop_name="headgate-0123456789abcdef")
        await named.resource(addon.manifest_url, STREAM)
    assert addon.headers[-1]["CDN-Loop"] == "headgate-0123456789abcdef"


async def test_a_hub_that_refuses_its_own_question_is_an_address_to_refuse(
    client: StremioClient, addon: FakeAddon
) -> None:
    addon.on("stream", status=508, body=b'{"code":"loop_detected"}')
    with pytest.raises(BlockedAddress, match="in circles"):
        await client.resource(addon.manifest_url, STREAM)


async def test_a_508_of_a_hoster_is_a_status_like_any_other(client: StremioClient, addon: FakeAddon) -> None:
    addon.on("stream", status=508, body=b"Resource Limit Is Reached")
    with pytest.raises(UpstreamStatus, match="508"):
        await client.resource(addon.manifest_url, STREAM)
