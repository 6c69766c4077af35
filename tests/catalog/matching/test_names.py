"""Names that another service has, of files for instance."""

from __future__ import annotations

from pathlib import Path

from libs.common.clock import SystemClock
from libs.common.contracts.client import SERVICE
from libs.common.contracts.names import MOST_NAMES, PATH, Called, NameAsked, NamesAsked, NamesClient
from libs.common.db import open_database
from services.catalog.matching.named import TitleNames
from services.catalog.matching.question import Question, question
from services.catalog.store.imdb_names import ImdbNameStore
from tests.catalog.hub import Catalog
from tests.catalog.imdb import put
from tests.catalog.matching.library import Library


async def test_names_are_titles_where_that_is_sure(library: Library) -> None:
    await library.imported((113277, "Heat", 1995, 700_000), (93164, "Heat", 1986, 500_000))
    await library.imported((1, "Show", 2008, 9000), type_="tvSeries")

    def asked(title: str, year: int | None, kind: int = 2) -> Question:
        return question(kind=kind, title=title, original="", year=year, imdb=None, tmdb=None)

    found = await library.matching.named(
        [asked("Heat", 1995), asked("Show", 2008, 3), asked("Heat", None), asked("Home video", 2020)]
    )
    assert found == [113277, 1, None, None]


async def test_services_ask_for_many_names_at_once(catalog: Catalog, tmp_path: Path) -> None:
    await put(catalog, "titles", [(17136, "movie", "Metropolis", "", 1927, None, None, "", False)])
    await put(catalog, "ratings", [(17136, 83, 7000)])
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    database = await open_database(url, schema="catalog", clock=SystemClock())
    await TitleNames(ImdbNameStore(database), SystemClock()).bring_up()
    await database.aclose()

    names = [NameAsked("movie", "Metropolis", 1927), NameAsked("series", "Metropolis", 1927)]
    known = await NamesClient(catalog.service).known(NamesAsked(tuple(names)), deadline=catalog.deadline)
    assert known.items == ("tt0017136", None)

    too_many = {"items": [{"type": "movie", "title": "x"}] * (MOST_NAMES + 1)}
    assert (await catalog.send("POST", PATH, too_many, identity=SERVICE)).status == 422
    assert (await catalog.send("POST", PATH, {"items": []})).status == 403


async def test_services_are_told_what_a_title_is_called(catalog: Catalog) -> None:
    await put(
        catalog, "titles", [(17136, "movie", "Metropolis", "Metropolis (DE)", 1927, None, None, "", False)]
    )
    client = NamesClient(catalog.service)
    told = await client.called("tt0017136", deadline=catalog.deadline)
    assert (told.names, told.year) == (("Metropolis", "Metropolis (DE)"), 1927)
    assert await client.called("kitsu:1", deadline=catalog.deadline) == Called()
    assert await client.called("tt0000001", deadline=catalog.deadline) == Called()
