"""Who is gone has nothing left in any table of catalog."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from libs.common.clock import SystemClock
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.removals import Removal
from libs.common.deadline import Deadline
from tests.catalog.hub import running_catalog
from tests.owned_rows import Tables, Whose


async def test_no_table_keeps_anything_of_who_is_gone(tmp_path: Path, database_url: str) -> None:
    tables = Tables(database_url, "catalog")
    gone, kid, other = Whose("gone", "p1", 901), Whose("gone", "p2", 902), Whose("other", "p1", 903)
    url = database_url if database_url.startswith("postgresql") else ""
    async with running_catalog(tmp_path, HEADGATE_DATABASE_URL=url) as catalog:
        await tables.put(gone, kid, other)
        before = await tables.of(other)
        client = CatalogClient(catalog.service)
        for profile_id in ("p2", None):
            removal = Removal(id="r", account_id="gone", profile_id=profile_id, at=datetime.now(UTC))
            await client.forget_owner(removal, Deadline.after(SystemClock(), 30))
            if profile_id is not None:
                assert await tables.of(gone) == before
        assert (await tables.of(gone), await tables.of(other)) == ({}, before)
    assert {
        "addons",
        "library_providers",
        "match_choices",
        "viewing_choices",
        "addon_health",
    } <= before.keys()
