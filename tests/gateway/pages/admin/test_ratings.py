"""IMDb's data sets on the administrator's page."""

from __future__ import annotations

import msgspec

from libs.common.contracts.sync import ItemCounts
from libs.common.errors import Conflict
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.sync import NOTICE, job, view

HERE = "/admin/ratings"


async def test_the_licence_is_shown_before_anything_can_be_imported(owner: Browser) -> None:
    page = await owner.open(HERE)
    assert NOTICE in page.words
    assert "Nothing was imported yet." in page.words
    assert f"{HERE}/licence" in page.forms
    assert f"{HERE}/import" not in page.forms


async def test_who_agrees_has_begun_the_import(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/licence")
    assert "The import has begun." in page.words
    assert "Accepted by owner" in page.words
    assert "asked for again after 1 day, and fetched if it has changed" in page.words
    assert "Importing , titles" in page.words
    assert inner.imdb is not None
    assert inner.imdb.anime_job is not None
    assert inner.imdb.anime_job.kind == "anime_ids"
    assert f"{HERE}/job1/cancel" in page.forms
    assert f"{HERE}/import" not in page.forms
    page = await owner.submit(f"{HERE}/job1/cancel")
    assert "Cancelled. Everything is as it was before." in page.words
    page = await owner.submit(f"{HERE}/import")
    assert "Importing" in page.words


async def test_fetching_is_stopped(owner: Browser, inner: Inner) -> None:
    inner.imdb = view(accepted=True, latest=job())
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/licence/withdraw")
    assert "Nothing is fetched any more." in page.words
    assert f"{HERE}/licence" in page.forms


async def test_an_import_that_went_well_says_what_it_changed(owner: Browser, inner: Inner) -> None:
    inner.imdb = view(accepted=True, latest=job())
    page = await owner.open(HERE)
    assert "Up to date" in page.words
    assert "1,600,000 rows read 12,000 changed 1,588,000 unchanged" in page.words
    assert "Rated episodes none yet" in page.words
    assert "Other names of titles" not in page.words


async def test_odd_rows_are_told_in_words(owner: Browser, inner: Inner) -> None:
    odd = {"ratings": ItemCounts(seen=3, remarks={"rating_out_of_range": 2}), "titles": ItemCounts(seen=1)}
    inner.imdb = view(accepted=True, latest=job(counts=odd))
    page = await owner.open(HERE)
    assert "Odd rows: 2 × no rating from 1 to 10." in page.words
    assert "what was here of those titles stays" in page.words
    inner.imdb = view(
        accepted=True, latest=job(counts={"titles": ItemCounts(seen=1, remarks={"unknown_type": 1})})
    )
    page = await owner.open(HERE)
    assert "Odd rows: 1 × a type unknown to Headgate, kept." in page.words
    assert "left out" not in page.words


async def test_what_went_wrong_with_the_ids_of_anime_stands_beside_them(owner: Browser, inner: Inner) -> None:
    error = "The list of anime ids: It is a web page instead of JSON."
    inner.imdb = view(accepted=True, latest=job(), anime_job=job("failed", kind="anime_ids", error=error))
    page = await owner.open(HERE)
    assert "Ids of anime 21,000 as of" in page.words
    assert error in page.words


async def test_an_import_that_failed_says_so_plainly(owner: Browser, inner: Inner) -> None:
    error = "title.ratings.tsv.gz: The server sent a web page instead of a gzip file."
    inner.imdb = view(accepted=True, latest=job("failed", error=error))
    page = await owner.open(HERE)
    assert "Failed" in page.words
    assert error in page.words


async def test_a_catalog_that_is_away_is_said_to_be(owner: Browser, inner: Inner) -> None:
    inner.imdb = view(accepted=True, sets=())
    assert "The catalog doesn't answer at the moment." in (await owner.open(HERE)).words


async def test_a_refusal_stands_on_the_page(owner: Browser, inner: Inner) -> None:
    inner.imdb = view(accepted=True, latest=job())
    await owner.open(HERE)
    inner.failing["/api/v1/sync/jobs"] = Conflict("Something else goes on.")
    page = await owner.submit(f"{HERE}/import")
    assert (page.status, "Something else goes on." in page.words) == (409, True)


async def test_somebody_who_accepted_and_left_has_no_name(owner: Browser, inner: Inner) -> None:
    accepted = view(accepted=True)
    licence = msgspec.structs.replace(accepted.licence, accepted_by="gone")
    inner.imdb = msgspec.structs.replace(accepted, licence=licence)
    assert "Accepted by somebody who has left" in (await owner.open(HERE)).words


async def test_the_changing_part_comes_alone(owner: Browser, inner: Inner) -> None:
    inner.imdb = view(accepted=True, latest=job("running"))
    page = await owner.open(f"{HERE}/parts")
    assert page.words.startswith("Latest import Importing")
    assert NOTICE not in page.words
