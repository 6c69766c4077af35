"""Who connects an account has what they watch as rows, beside a real catalog."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from libs.common.contracts.rows import OWN_VIEWING
from libs.common.identity import Identity
from libs.common.tasks import Tasks
from services.sync.model import Owner
from services.sync.own_rows import OwnRows
from tests.catalog.hub import OTHER_PROFILE, OWNER, Catalog, running_catalog
from tests.waiting import until

WHOSE = Owner(OWNER.account_id, OWNER.profile_id)


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[Catalog]:
    async with running_catalog(tmp_path) as catalog:
        yield catalog


async def test_the_rows_are_there_once_and_for_that_profile_alone(catalog: Catalog) -> None:
    for _ in range(2):
        await shown(catalog)
    assert await addresses(catalog, OWNER) == [OWN_VIEWING]
    assert await addresses(catalog, OTHER_PROFILE) == []
    rows = [row["name"] for row in (await catalog.manifest())["catalogs"]]
    assert "Watchlist" in rows


async def test_a_list_without_room_is_said_in_the_log(tmp_path: Path) -> None:
    async with running_catalog(tmp_path, HEADGATE_MAX_ADDONS="1") as catalog:
        await catalog.add("headgate:library")
        with capture_logs() as logs:
            await shown(catalog)
        assert await addresses(catalog, OWNER) == ["headgate:library"]
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["own_rows_not_shown"]


async def shown(catalog: Catalog) -> None:
    tasks = Tasks()
    OwnRows(catalog.client, tasks, catalog.clock).show_later(WHOSE)

    async def is_done() -> bool:
        return len(tasks) == 0

    await until(is_done)


async def addresses(catalog: Catalog, identity: Identity) -> list[str]:
    listed = await catalog.client.addons(identity, deadline=catalog.deadline)
    return [addon.address for addon in listed.items]
