"""Files of the folder are sources of their titles, and are sent as players ask for them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.links import LinksClient, NewLink
from libs.common.contracts.streaming import StreamsPage
from libs.common.deadline import Deadline
from libs.common.http import ClientSession, make_session
from libs.common.identity import Identity
from libs.common.media import MediaPaths, Proof, Wish
from libs.common.secrets import SecretKey
from services.streaming.routes.file import PIECE_BYTES, Part, part_of
from tests.fakes.addon import FakeAddon, manifest, stream
from tests.streaming.hub import OWNER, SECRET, Streaming, streaming
from tests.streaming.providers.films import MKV, MP4, put
from tests.waiting import until

PROOF = Proof("sessions", "token")
ODD = 'it\'s "so"\n{imdb-tt0012349}.mp4'


@dataclass
class Films:
    folder: Path
    service: Streaming
    player: ClientSession
    paths: MediaPaths = field(default_factory=lambda: MediaPaths(SecretKey.from_text(SECRET), SystemClock()))

    async def page(self, type_: str, video_id: str) -> StreamsPage:
        return await self.service.page(type_, video_id)

    def get(self, number: int, method: str = "GET", **headers: str) -> aiohttp.client._RequestContextManager:
        path = self.paths.path(Wish(OWNER.account_id, OWNER.profile_id, "local", number), PROOF, "mkv")
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.player.request(
            method, f"http://127.0.0.1:{self.service.running.port}{path}", headers=told
        )

    async def number(self, type_: str, video_id: str) -> int:
        """Of the only file of that video, once the folder was read."""

        async def is_found() -> bool:
            return bool((await self.page(type_, video_id)).items)

        await until(is_found)
        (item,) = (await self.page(type_, video_id)).items
        assert item.url is not None
        return int(item.url.rpartition("/")[2].partition(".")[0])


@pytest.fixture
async def films(tmp_path: Path) -> AsyncIterator[Films]:
    folder = tmp_path / "films"
    put(folder, "Metropolis (1927).mkv", MKV * 100)
    put(folder, ODD, MP4)
    put(folder, "Show {imdb-tt0106179}/Season 1/S01E02.mkv")
    async with (
        streaming(tmp_path / "data", HEADGATE_MEDIA_DIR=str(folder)) as service,
        make_session() as player,
    ):
        service.catalog.names["Metropolis"] = "tt0017136"
        service.catalog.proofs[f"{PROOF.kind} {PROOF.token}"] = Identity(OWNER.account_id, OWNER.profile_id)
        yield Films(folder, service, player)


async def test_files_are_sources_of_what_they_are_called(films: Films) -> None:
    await films.number("movie", "tt0012349")
    (film,) = (await films.page("movie", "tt0012349")).items
    assert (film.addon_id, film.description, film.kind) == (
        "local",
        'it\'s "so" {imdb-tt0012349}.mp4',
        "url",
    )
    assert len((await films.page("series", "tt0106179:1:2")).items) == 1
    assert (await films.page("series", "tt0106179:1:3")).items == ()
    assert (await films.page("movie", "tt0106179:1:2")).items == ()


async def test_film_is_sent_whole_and_in_parts(films: Films) -> None:
    number, whole = await films.number("movie", "tt0012349"), MP4
    async with films.get(number) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert await answer.read() == whole
        etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    async with films.get(number, Range="bytes=10-19") as answer:
        assert (answer.status, await answer.read()) == (206, whole[10:20])
        assert answer.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    async with films.get(number, Range="bytes=-5", If_Range=etag) as answer:
        assert (answer.status, await answer.read()) == (206, whole[-5:])
    async with films.get(number, Range="bytes=-5", If_Range=modified) as answer:
        assert answer.status == 206
    async with films.get(number, Range="bytes=-5", If_Range='"other"') as answer:
        assert (answer.status, await answer.read()) == (200, whole)
    async with films.get(number, Range=f"bytes={len(whole)}-") as answer:
        assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")
    async with films.get(number, "HEAD", Range="bytes=0-0") as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(whole)))


async def test_film_of_many_pieces_is_the_file(films: Films) -> None:
    assert len(MKV) * 100 > 3 * PIECE_BYTES
    async with films.get(await films.number("movie", "tt0017136")) as answer:
        assert answer.headers["Content-Type"] == "video/x-matroska"
        assert await answer.read() == MKV * 100


async def test_file_that_is_gone_is_not_found(films: Films) -> None:
    number = await films.number("movie", "tt0012349")
    os.unlink(films.folder / ODD)
    async with films.get(number) as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "local_file_not_found")
    async with films.get(number + 1) as answer:
        assert answer.status == 404


async def test_path_that_was_not_signed_leads_nowhere(films: Films) -> None:
    number = await films.number("movie", "tt0012349")
    url = f"http://127.0.0.1:{films.service.running.port}/media/unsigned/{number}.mkv"
    async with films.player.get(url) as answer:
        assert answer.status == 404
    films.service.catalog.proofs.clear()
    async with films.get(number) as answer:
        assert answer.status == 403


async def test_hub_without_a_folder_has_no_files(service: Streaming) -> None:
    service.catalog.proofs[f"{PROOF.kind} {PROOF.token}"] = Identity(OWNER.account_id, OWNER.profile_id)
    async with make_session() as player, Films(Path(), service, player).get(1) as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "local_file_not_found")


async def test_files_come_before_addons_and_stay_when_those_fail(films: Films) -> None:
    await films.number("movie", "tt0012349")
    good = FakeAddon(manifest=manifest("org.good"), streams={"tt0012349": [stream("https://a.example/1")]})
    bad = FakeAddon(manifest=manifest("org.bad"), streams={"tt0012349": [stream("https://b.example/1")]})
    async with good, bad:
        bad.on("stream", status=500)
        films.service.catalog.add(good)
        films.service.catalog.add(bad)
        page = await films.page("movie", "tt0012349")
    assert [item.addon_id for item in page.items] == ["local", "org.good"]
    assert [problem.addon_id for problem in page.problems] == ["org.bad"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("links,local,addons", ["links", "local", "org.far"]),
        ("local,links,addons", ["local", "links", "org.far"]),
        ("links,addons", ["links", "org.far"]),
    ],
)
async def test_order_of_providers_is_the_operators(tmp_path: Path, order: str, expected: list[str]) -> None:
    folder = tmp_path / "films"
    put(folder, ODD, MP4)
    far = FakeAddon(manifest=manifest("org.far"), streams={"tt0012349": [stream("https://a.example/1")]})
    async with (
        far,
        streaming(tmp_path / "data", HEADGATE_MEDIA_DIR=str(folder), HEADGATE_PROVIDERS=order) as service,
    ):
        service.catalog.add(far)
        link = NewLink(type="movie", video_id="tt0012349", url="https://b.example/m.mp4")
        deadline = Deadline.after(SystemClock(), 30)
        await LinksClient(service.client).add(OWNER, link, deadline=deadline)

        async def are_all_there() -> bool:
            return len((await service.page("movie", "tt0012349")).items) == len(expected)

        await until(are_all_there)
        page = await service.page("movie", "tt0012349")
    assert [item.addon_id for item in page.items] == expected


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("", Part(0, 10, is_asked=False)),
        ("bytes=0-", Part(0, 10)),
        ("bytes=3-4", Part(3, 2)),
        ("bytes=3-99", Part(3, 7)),
        ("bytes=-3", Part(7, 3)),
        ("bytes=-99", Part(0, 10)),
        ("bytes=10-", None),
        ("bytes=99-", None),
        ("bytes=-0", None),
        ("bytes=4-3", Part(0, 10, is_asked=False)),
        ("bytes=0-1,4-5", Part(0, 10, is_asked=False)),
        ("lines=1-2", Part(0, 10, is_asked=False)),
        ("bytes=" + "9" * 40 + "-", Part(0, 10, is_asked=False)),
    ],
)
def test_what_a_range_asks_for(asked: str, part: Part | None) -> None:
    assert part_of(asked, 10) == part
