"""A list of anime ids imported into a real catalog: whole, unchanged, and broken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from deploy.cluster.ports import free_port
from libs.common.clock import SystemClock
from libs.common.contracts.imdb import ImdbClient, SetState
from libs.common.db import open_database
from libs.common.db.migrate import upgrade
from libs.common.http import Fetcher, Guard, make_session
from services.sync.errors import ImportFailed, LicenceNotAccepted
from services.sync.kinds.anime_ids import ImportAnimeIds
from services.sync.kinds.base import SourceAway
from services.sync.licences import IMDB, Licences
from services.sync.model import Counts, Mode, Progress
from services.sync.sources.anime_ids import AnimeIdsSource
from services.sync.store.licences import LicenceStore
from tests.catalog.hub import Catalog, running_catalog
from tests.catalog.imdb import put
from tests.fakes.anime import ENTRIES, PAGE, FakeAnimeList, entry
from tests.sync.conftest import a_run

WHOLE = msgspec.json.encode(ENTRIES)


class Importing:
    """Imports, one try each, and what each told."""

    def __init__(self, kind: ImportAnimeIds, licences: Licences, catalog: Catalog) -> None:
        self._kind = kind
        self.licences = licences
        self.catalog = catalog
        self.told: list[Progress] = []

    async def run(self, *, mode: Mode = "incremental") -> Mapping[str, Counts]:
        self.told = []
        await self._kind.run(replace(a_run("job", kind="anime_ids", mode=mode), attempts=1), self._report)
        return self.told[-1].counts

    async def _report(self, progress: Progress) -> None:
        self.told.append(progress)

    async def kept(self) -> SetState:
        states = await ImdbClient(self.catalog.service).states(deadline=self.catalog.deadline)
        return next(one for one in states if one.name == "anime_ids")

    async def found(self, *ids: str) -> list[str]:
        """The rated titles of IMDb that these are."""
        answer = await self.catalog.send("POST", "/api/v1/ratings", {"ids": ids})
        return [item["imdb_id"] for item in msgspec.json.decode(answer.body)["items"]]


@asynccontextmanager
async def importing(url: str, folder: Path) -> AsyncIterator[Importing]:
    clock = SystemClock()
    sync_url = f"sqlite:///{folder / 'sync.db'}"
    await upgrade(sync_url, service="sync")
    database = await open_database(sync_url, schema="sync", clock=clock)
    guard = Guard(allow_private=True)
    try:
        async with running_catalog(folder) as catalog, make_session(guard=guard) as session:
            licences = Licences(LicenceStore(database), clock)
            await licences.accept(IMDB, "owner")
            source = AnimeIdsSource(Fetcher(session, guard, clock), url)
            await put(catalog, "ratings", [(20, 74, 1200), (10, 87, 9000), (21, 91, 300), (22, 60, 40)])
            await put(catalog, "episodes", [(20, 1, 1, 21), (20, 1, 2, 22)])
            yield Importing(
                ImportAnimeIds(source, ImdbClient(catalog.service), licences, clock), licences, catalog
            )
    finally:
        await database.aclose()


@pytest.fixture
async def anime() -> AsyncIterator[FakeAnimeList]:
    async with FakeAnimeList() as fake:
        yield fake


@pytest.fixture
async def hub(anime: FakeAnimeList, tmp_path: Path) -> AsyncIterator[Importing]:
    async with importing(anime.url, tmp_path) as made:
        yield made


async def test_every_id_of_every_system_leads_to_imdb(anime: FakeAnimeList, hub: Importing) -> None:
    assert await hub.run() == {"anime": Counts(seen=5, added=12)}
    assert [progress.percent for progress in hub.told] == [0, 50, 100]
    ids = [
        "kitsu:1",
        "mal:10:1",
        "anilist:100:2",
        "anidb:2000:1",
        "kitsu:2:2",
        "kitsu:3",
        "kitsu:3:1",
        "mal:4",
    ]
    assert await hub.found(*ids) == ["tt0000020", "tt0000021", "tt0000022", "tt0000022", "tt0000010"]
    assert (await hub.kept()).etag == anime.etag


async def test_what_has_not_changed_is_not_sent_again(anime: FakeAnimeList, hub: Importing) -> None:
    await hub.run()
    assert await hub.run() == {"anime": Counts(seen=12, unchanged=12)}
    assert await hub.run(mode="full") == {"anime": Counts(seen=5, unchanged=12)}
    anime.tells_etag = False
    assert await hub.run() == {"anime": Counts(seen=5, unchanged=12)}
    assert anime.asked == [200, 304, 200, 200]


async def test_only_changes_are_counted(anime: FakeAnimeList, hub: Importing) -> None:
    await hub.run()
    moved = entry(2, "tt0000020", season={"tvdb": 1}, episode_offset={"tvdb": 0})
    newer = [ENTRIES[0], moved, {**ENTRIES[2], "anidb_id": None}, entry(9, "tt0000010")]
    anime.body = msgspec.json.encode(newer)
    assert await hub.run() == {"anime": Counts(seen=4, added=4, changed=4, removed=1, unchanged=7)}
    assert await hub.found("kitsu:2:2") == ["tt0000022"]


BROKEN: dict[str, tuple[bytes, str]] = {
    "page": (PAGE, "a web page instead of JSON"),
    "cut": (WHOLE[:-30], "cut short"),
    "nothing": (b"", "no whole JSON"),
    "no entries": (b"[]", "It is empty"),
    "object": (b'{"anime": []}', "no list"),
    "other members": (WHOLE.replace(b"kitsu_id", b"k").replace(b"imdb_id", b"i"), "Its shape has changed"),
    "half gone": (msgspec.json.encode(ENTRIES[:1]), "would remove 8 of 12 rows"),
}


@pytest.mark.parametrize("what", list(BROKEN))
async def test_a_broken_list_leaves_the_old_one_and_says_so(
    anime: FakeAnimeList, hub: Importing, what: str
) -> None:
    await hub.run()
    before = await hub.kept()
    anime.body, said = BROKEN[what]
    with pytest.raises(ImportFailed) as failed:
        await hub.run()
    assert said in str(failed.value)
    assert str(failed.value).startswith("The list of anime ids: ")
    assert str(failed.value).endswith("The ids that were there before stay.")
    assert await hub.kept() == before
    assert await hub.found("kitsu:2:1") == ["tt0000022"]


@pytest.mark.parametrize("status", [403, 404])
async def test_a_list_that_is_refused_is_said_to_be(
    anime: FakeAnimeList, hub: Importing, status: int
) -> None:
    anime.status = status
    with pytest.raises(ImportFailed, match=f"answered {status}"):
        await hub.run()


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_that_is_away_is_asked_again_later(
    anime: FakeAnimeList, hub: Importing, status: int
) -> None:
    anime.status = status
    with pytest.raises(SourceAway, match=f"answered {status}"):
        await hub.run()


async def test_a_connection_that_breaks_is_tried_again_later(anime: FakeAnimeList, hub: Importing) -> None:
    anime.cut = 200
    with pytest.raises(SourceAway, match="broke"):
        await hub.run()
    assert (await hub.kept()).rows == 0


async def test_nobody_there_is_tried_again_later(tmp_path: Path) -> None:
    async with importing(f"http://127.0.0.1:{free_port()}/list.json", tmp_path) as hub:
        with pytest.raises(SourceAway, match="can't be reached"):
            await hub.run()


async def test_where_ratings_are_not_wanted_nothing_is_fetched(anime: FakeAnimeList, hub: Importing) -> None:
    await hub.licences.withdraw(IMDB)
    with pytest.raises(LicenceNotAccepted):
        await hub.run()
    assert not anime.asked
