"""Data sets of a server in IMDb's format, imported into a real catalog: whole, unchanged, and broken."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.cluster.ports import free_port
from libs.common.clock import SystemClock
from libs.common.contracts.imdb import ImdbClient, SetName, SetState
from libs.common.db import open_database
from libs.common.db.migrate import upgrade
from libs.common.errors import HeadgateError
from libs.common.http import Fetcher, Guard, make_session
from services.sync.errors import ImportFailed, LicenceNotAccepted
from services.sync.kinds.base import LeaseLost, SourceAway
from services.sync.kinds.imdb import ImportImdb, sets_wanted
from services.sync.licences import IMDB, Licences
from services.sync.model import Counts, Mode, Progress
from services.sync.sources.imdb import ImdbSource
from services.sync.store.licences import LicenceStore
from tests.catalog.hub import Catalog, running_catalog
from tests.fakes.imdb import AKAS, BROKEN, EPISODES, MANY, PAGE, RATINGS, TITLES, FakeImdb, packed
from tests.sync.conftest import a_run
from tests.waiting import until


class Importing:
    """Imports, one try each, and what each told."""

    def __init__(self, kind: ImportImdb, licences: Licences, catalog: Catalog) -> None:
        self._kind = kind
        self.licences = licences
        self.catalog = catalog
        self.told: list[Progress] = []
        self.lease_lost_at: str = ""

    @property
    def resume_at(self) -> str:
        """What a successor is given."""
        return self.told[-1].resume_at if self.told else ""

    async def run(self, *, mode: Mode = "incremental", resume_at: str = "") -> Mapping[str, Counts]:
        """The counts of a run, whether it ends well or not."""
        job = replace(a_run("job", kind="imdb", mode=mode), resume_at=resume_at, attempts=1)
        self.told = []
        await self._kind.run(job, self._report)
        return self.told[-1].counts

    async def _report(self, progress: Progress) -> None:
        if self.lease_lost_at and progress.phase.startswith(self.lease_lost_at):
            raise LeaseLost
        self.told.append(progress)

    async def kept(self) -> dict[SetName, SetState]:
        states = await ImdbClient(self.catalog.service).states(deadline=self.catalog.deadline)
        return {one.name: one for one in states}

    async def rating(self, tail: str) -> float:
        return float((await self.catalog.get(f"/api/v1/ratings/{tail}"))["rating"])


@asynccontextmanager
async def importing(
    url: str, folder: Path, *, akas: bool = False, database_url: str = ""
) -> AsyncIterator[Importing]:
    clock = SystemClock()
    sync_url = database_url or f"sqlite:///{folder / 'sync.db'}"
    await upgrade(sync_url, service="sync")
    database = await open_database(sync_url, schema="sync", clock=clock)
    guard = Guard(allow_private=True)
    try:
        async with (
            running_catalog(folder, HEADGATE_DATABASE_URL=database_url) as catalog,
            make_session(guard=guard) as session,
        ):
            licences = Licences(LicenceStore(database), clock)
            await licences.accept(IMDB, "owner")
            kind = ImportImdb(
                ImdbSource(Fetcher(session, guard, clock), url, clock),
                ImdbClient(catalog.service),
                licences,
                clock,
                names=sets_wanted(akas=akas),
            )
            yield Importing(kind, licences, catalog)
    finally:
        await database.aclose()


@pytest.fixture
async def imdb() -> AsyncIterator[FakeImdb]:
    async with FakeImdb() as fake:
        yield fake


@pytest.fixture
async def hub(imdb: FakeImdb, tmp_path: Path) -> AsyncIterator[Importing]:
    async with importing(imdb.url, tmp_path) as made:
        yield made


async def test_everything_is_imported_on_both_engines(
    imdb: FakeImdb, tmp_path: Path, database_url: str
) -> None:
    url = "" if database_url.startswith("sqlite") else database_url
    async with importing(imdb.url, tmp_path, akas=True, database_url=url) as hub:
        assert await hub.run() == {
            "ratings": Counts(seen=5, added=5),
            "episodes": Counts(seen=4, added=2),  # of four, one has no place and one no rating
            "titles": Counts(seen=4, added=3),
            "akas": Counts(seen=3, added=2),
        }
        assert await hub.rating("tt0000010") == 8.7
        assert await hub.rating("tt0000020/1/2") == 6.0
        kept = await hub.kept()
        assert [kept[name].etag for name in imdb.files] == [imdb.etag(name) for name in imdb.files]
        assert [progress.percent for progress in hub.told] == sorted(p.percent for p in hub.told)
        assert hub.told[-1].percent == 100


async def test_what_has_not_changed_is_not_sent_again(imdb: FakeImdb, hub: Importing) -> None:
    await hub.run()
    counts = await hub.run()
    assert counts["ratings"] == Counts(seen=5, unchanged=5)
    assert [status for _, status in imdb.asked] == [200, 200, 200, 304, 304, 304]


async def test_a_full_run_reads_everything_again(imdb: FakeImdb, hub: Importing) -> None:
    await hub.run()
    counts = await hub.run(mode="full")
    assert counts["ratings"] == Counts(seen=5, unchanged=5)
    assert imdb.bytes_sent("ratings") == 2


async def test_a_server_without_etags_is_read_every_time(imdb: FakeImdb, hub: Importing) -> None:
    imdb.tells_etag = False
    await hub.run()
    assert (await hub.run())["ratings"] == Counts(seen=5, unchanged=5)


async def test_new_ratings_bring_their_episodes_though_those_have_not_changed(
    imdb: FakeImdb, hub: Importing
) -> None:
    await hub.run()
    imdb.files["ratings"] = packed("ratings", [*RATINGS, ("tt0000023", "8.0", 77)])
    assert (await hub.run())["episodes"] == Counts(seen=4, added=1, unchanged=2)
    assert await hub.rating("tt0000020/1/3") == 8.0


async def test_only_changes_are_counted(imdb: FakeImdb, hub: Importing) -> None:
    imdb.files["ratings"] = packed("ratings", MANY)
    await hub.run()
    newer = [*MANY[:-1], ("tt0090000", "9.9", 1)]
    newer[0] = ("tt0000001", "6.0", 1)
    imdb.files["ratings"] = packed("ratings", newer)
    counts = await hub.run()
    assert counts["ratings"] == Counts(seen=30_000, added=1, changed=1, removed=1, unchanged=29_998)


@pytest.mark.parametrize("what", list(BROKEN))
async def test_a_broken_data_set_leaves_the_old_one_and_says_so(
    imdb: FakeImdb, hub: Importing, what: str
) -> None:
    await hub.run()
    before = (await hub.kept())["ratings"]
    imdb.files["ratings"], said = BROKEN[what]
    imdb.files["titles"] = packed("titles", [*TITLES, ("tt0000030", "movie", "A", "A", 0, 1, 2, 3, "X")])
    with pytest.raises(ImportFailed) as failed:
        await hub.run()
    assert "title.ratings.tsv.gz: " in str(failed.value)
    assert said in str(failed.value)
    assert "stay. Up to date: episodes, titles." in str(failed.value)
    assert (await hub.kept())["ratings"] == before
    assert await hub.rating("tt0000010") == 8.7
    assert (await hub.kept())["titles"].rows == 4  # the others go on


async def test_bad_rows_are_left_out_and_the_rest_is_imported(imdb: FakeImdb, hub: Importing) -> None:
    imdb.files["ratings"] = packed("ratings", [*RATINGS, ("tt0000050", "NaN", 5), ("x", "5.0", 5)])
    imdb.files["titles"] = packed("titles", [*TITLES, ("tt0000040", "hologram", "H", "H", 0, 1, 2, 3, "X")])
    counts = await hub.run()
    assert counts["ratings"] == Counts(seen=7, added=5, remarks={"rating_out_of_range": 1, "malformed": 1})
    assert counts["titles"] == Counts(seen=5, added=4, remarks={"unknown_type": 1})


async def test_what_is_kept_of_a_title_stays_when_its_new_row_can_not_be_read(
    imdb: FakeImdb, tmp_path: Path, database_url: str
) -> None:
    url = "" if database_url.startswith("sqlite") else database_url
    async with importing(imdb.url, tmp_path, akas=True, database_url=url) as hub:
        await hub.run()
        imdb.files["ratings"] = packed("ratings", [(RATINGS[0][0], "NaN", 5), *RATINGS[1:]])
        imdb.files["akas"] = packed("akas", [AKAS[0], (AKAS[1][0], "two", *AKAS[1][2:])])
        counts = await hub.run()
        assert counts["ratings"] == Counts(seen=5, unchanged=5, remarks={"rating_out_of_range": 1})
        assert counts["akas"] == Counts(seen=2, unchanged=2, remarks={"malformed": 1})
        assert await hub.rating("tt0000010") == 8.7


@pytest.mark.parametrize("status", [403, 404])
async def test_a_file_that_is_refused_is_said_to_be(imdb: FakeImdb, hub: Importing, status: int) -> None:
    imdb.statuses["ratings"] = status
    with pytest.raises(ImportFailed, match=f"answered {status}"):
        await hub.run()


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_that_is_away_is_asked_again_later(
    imdb: FakeImdb, hub: Importing, status: int
) -> None:
    imdb.statuses["episodes"] = status
    with pytest.raises(SourceAway, match=f"answered {status}"):
        await hub.run()
    del imdb.statuses["episodes"]
    counts = await hub.run(resume_at=hub.resume_at)
    assert imdb.bytes_sent("ratings") == 1  # what was through is not done again
    assert set(counts) == {"episodes", "titles"}


async def test_a_connection_that_breaks_is_tried_again_later(imdb: FakeImdb, hub: Importing) -> None:
    imdb.files["ratings"] = packed("ratings", MANY)
    imdb.cut["ratings"] = 20_000
    with pytest.raises(SourceAway, match="broke the connection"):
        await hub.run()
    assert (await hub.kept())["ratings"].rows == 0


async def test_a_file_that_changes_between_two_tries_is_taken_as_it_is_then(
    imdb: FakeImdb, hub: Importing
) -> None:
    imdb.files["ratings"] = packed("ratings", MANY)
    imdb.cut["ratings"] = 100_000
    with pytest.raises(SourceAway):
        await hub.run()
    del imdb.cut["ratings"]
    imdb.files["ratings"] = packed("ratings", RATINGS)
    assert (await hub.run(resume_at=hub.resume_at))["ratings"] == Counts(seen=5, added=5)
    kept = (await hub.kept())["ratings"]
    assert (kept.rows, kept.etag) == (5, imdb.etag("ratings"))


async def test_a_file_that_is_written_to_while_it_is_sent_is_refused_and_read_again(
    imdb: FakeImdb, hub: Importing
) -> None:
    await hub.run()
    before = (await hub.kept())["ratings"]
    newer = [(title, rating, int(votes) + 1) for title, rating, votes in MANY]
    imdb.files["ratings"], imdb.replaced["ratings"] = packed("ratings", MANY), packed("ratings", newer)
    with pytest.raises(ImportFailed, match=r"title\.ratings\.tsv\.gz: The file is (damaged|cut short)"):
        await hub.run()
    assert (await hub.kept())["ratings"] == before
    imdb.replaced.clear()
    imdb.files["ratings"] = packed("ratings", [*RATINGS, ("tt0000050", "5.0", 1)])
    assert (await hub.run())["ratings"].added == 1


async def test_nobody_there_is_tried_again_later(tmp_path: Path) -> None:
    async with importing(f"http://127.0.0.1:{free_port()}", tmp_path) as hub:
        with pytest.raises(SourceAway, match="can't be reached"):
            await hub.run()


async def test_a_lost_lease_ends_the_run_without_a_swap(imdb: FakeImdb, hub: Importing) -> None:
    hub.lease_lost_at = "ratings"
    with pytest.raises(LeaseLost):
        await hub.run()
    assert (await hub.kept())["ratings"].rows == 0


async def test_a_cancelled_run_leaves_no_process_behind(imdb: FakeImdb, hub: Importing) -> None:
    imdb.stalls.add("ratings")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(hub.run())
        await imdb.stalled.wait()
        await until(reading)
        task.cancel()
    assert not await reading()


async def reading() -> bool:
    """Whether a process that reads rows is a child of ours."""
    command = ("pgrep", "-P", str(os.getpid()), "-f", "libs.protocols.imdb")
    search = await asyncio.create_subprocess_exec(*command)
    return await search.wait() == 0


async def test_what_chooses_the_rows_has_to_be_there_before_they_are_fetched(
    imdb: FakeImdb, hub: Importing
) -> None:
    imdb.files["ratings"] = PAGE
    with pytest.raises(ImportFailed) as failed:
        await hub.run()
    assert "title.episode.tsv.gz: Nothing of title.ratings.tsv.gz is here" in str(failed.value)
    assert "Up to date: titles." in str(failed.value)
    assert not [name for name, _ in imdb.asked if name == "episodes"]


async def test_without_the_licence_nothing_is_fetched(imdb: FakeImdb, hub: Importing) -> None:
    await hub.licences.withdraw(IMDB)
    with pytest.raises(LicenceNotAccepted):
        await hub.run()
    assert not imdb.asked


async def test_episodes_of_no_rated_title_are_nothing_to_keep(imdb: FakeImdb, hub: Importing) -> None:
    imdb.files["episodes"] = packed("episodes", EPISODES[2:])
    with pytest.raises(HeadgateError, match="nothing that can be kept"):
        await hub.run()
