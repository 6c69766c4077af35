"""Imports are noticed by whoever did not make them."""

from __future__ import annotations

from libs.common.db import open_database
from libs.common.metrics import Metrics
from libs.common.sojourn import Sojourns
from services.catalog import keys
from services.catalog.enriched.version import RatingsVersion
from services.catalog.store.ratings import RatingStore
from tests.catalog.hub import Catalog
from tests.catalog.imdb import put
from tests.fakes.clock import ManualClock


async def test_each_import_that_ratings_come_from_is_another_version(
    timed: Catalog, clock: ManualClock
) -> None:
    metrics = Metrics("test", clock=clock)
    url = timed.app[keys.SETTINGS].common.database_url_for("catalog")
    database = await open_database(
        url, schema="catalog", clock=clock, metrics=metrics, sojourns=Sojourns(clock, metrics)
    )
    version = RatingsVersion(RatingStore(database))
    await version.start()
    assert (version.now, version.before) == (0, None)

    await put(timed, "ratings", [(1, 51, 100)])
    await version.look()
    first = version.now
    assert (version.before, first > 0) == (0, True)

    clock.advance(1)
    await put(timed, "titles", [(1, "movie", "One", "One", 1999, None, 90, "", False)])
    await version.look()
    assert (version.before, version.now) == (0, first)

    await put(timed, "episodes", [(7, 1, 1, 1)])
    await version.look()
    assert (version.before, version.now) == (first, first + 1000)
    await database.aclose()
