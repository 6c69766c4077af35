"""The service as a whole: its document, its health, its refusals to start."""

from __future__ import annotations

from pathlib import Path

import pytest
from openapi_spec_validator import validate

from deploy.cluster.ports import free_port
from libs.common.errors import SettingsError
from services.catalog.settings import Settings
from tests.catalog.hub import Catalog, running_catalog
from tests.fakes.settings import SECRET


async def test_the_document_names_every_public_address(catalog: Catalog) -> None:
    document = await catalog.get("/openapi.json")
    validate(document)
    assert set(document["paths"]) == {
        "/api/v1/addons",
        "/api/v1/addons/order",
        "/api/v1/addons/{addon_id}",
        "/api/v1/addons/{addon_id}/health",
        "/api/v1/addons/{addon_id}/refresh",
        "/api/v1/catalogs",
        "/api/v1/catalogs/order",
        "/api/v1/catalogs/{row_id}",
        "/api/v1/manifest",
        "/api/v1/ratings",
        "/api/v1/ratings/{id}",
        "/api/v1/ratings/{id}/{season}/{episode}",
        "/api/v1/search",
        "/api/v1/search/why",
        "/api/v1/settings/ratings",
        "/api/v1/settings/tmdb",
        "/api/v1/settings/tmdb/check",
        "/api/v1/settings/tmdb/key",
        "/api/v1/settings/viewing",
        "/api/v1/library/accounts/{account_id}/changes",
        "/api/v1/library/accounts/{account_id}/clear",
        "/api/v1/library/categories",
        "/api/v1/library/categories/{id}/hidden",
        "/api/v1/library/channels",
        "/api/v1/library/channels/{id}",
        "/api/v1/library/facets",
        "/api/v1/library/favourites/{id}",
        "/api/v1/library/guide",
        "/api/v1/library/matches",
        "/api/v1/library/matches/{item_id}",
        "/api/v1/library/movies",
        "/api/v1/library/movies/{id}",
        "/api/v1/library/search",
        "/api/v1/library/series",
        "/api/v1/library/series/{id}",
        "/api/v1/library/stats",
        "/api/v1/library/upkeep",
        "/api/v1/m3u-accounts",
        "/api/v1/m3u-accounts/{account_id}",
        "/api/v1/m3u-accounts/{account_id}/check",
        "/api/v1/titles/choices",
        "/api/v1/titles/{type}/{title_id}",
        "/api/v1/titles/{type}/{title_id}/choices/{other_id}",
        "/api/v1/tmdb/search",
        "/api/v1/xtream-accounts",
        "/api/v1/xtream-accounts/{account_id}",
        "/api/v1/xtream-accounts/{account_id}/check",
        "/api/v1/tmdb/titles/{type}/{title_id}",
    }


async def test_it_is_ready_with_its_database(catalog: Catalog) -> None:
    report = await catalog.get("/readyz?verbose")
    assert report["checks"]["database"]["status"] == "pass"


async def test_without_redis_it_goes_on_with_a_warning(tmp_path: Path) -> None:
    gone = f"redis://127.0.0.1:{free_port()}/0"
    async with running_catalog(tmp_path, HEADGATE_REDIS_URL=gone) as catalog:
        report = await catalog.get("/readyz?verbose")
    assert report["status"] == "warn"
    assert {name: check["status"] for name, check in report["checks"].items()} == {
        "database": "pass",
        "redis": "fail",
    }


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    environment = {"HEADGATE_DATA_DIR": str(tmp_path), "HEADGATE_SECRET_KEY": SECRET}
    with pytest.raises(SettingsError, match="HEADGATE_MAX_ADDONS"):
        Settings.from_env({**environment, "HEADGATE_MAX_ADDONS": "many"})
