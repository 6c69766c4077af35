"""How everybody's sources are: told to services alone, without names, addresses or whose they are."""

from __future__ import annotations

import msgspec

from libs.common.contracts.addon_health import HealthObservation, HealthReport
from libs.common.contracts.client import SERVICE
from libs.common.contracts.standing import SOURCES_PATH, SourcesStanding
from tests.catalog.hub import OTHER_ACCOUNT, OWNER, Catalog
from tests.fakes.addon import FakeAddon
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.panel import FakePanel


async def test_sources_of_all_profiles_are_told_without_what_leads_to_them(catalog: Catalog) -> None:
    async with FakeAddon(prefix="/key-of-mine") as addon, FakePanel(None, Account("u1", "p1ofmine")) as panel:
        mine = await catalog.add(addon.manifest_url)
        theirs = await catalog.add(addon.manifest_url, identity=OTHER_ACCOUNT)
        body = {"url": panel.url, "username": "u1", "password": "p1ofmine", "name": "My provider"}
        assert (await catalog.send("POST", "/api/v1/xtream-accounts", body)).status == 201
        failed = HealthObservation(
            addon_id=mine["id"],
            operation="meta",
            ok=False,
            latency_ms=5,
            at=catalog.clock.time(),
            error=f"{addon.url} is it",
        )
        report = HealthReport((failed,))
        assert (
            await catalog.send("POST", "/internal/catalog/health", report, identity=SERVICE)
        ).status == 204
        answer = await catalog.send("GET", SOURCES_PATH, identity=SERVICE)
    told = msgspec.json.decode(answer.body, type=SourcesStanding)
    standing = {one.addon_id: one for one in told.addons}
    assert (standing[mine["id"]].failures, standing[theirs["id"]].failures) == (1, 0)
    assert standing[mine["id"]].reason.endswith("% failed.")
    assert standing[theirs["id"]].reason == "It has not been asked yet."
    assert told.addons_in_all == len(told.addons)
    assert [(one.kind, one.state) for one in told.libraries] == [("xtream", "active")]
    for secret in ("key-of-mine", "p1ofmine", "My provider", "127.0.0.1", OWNER.account_id):
        assert secret not in answer.body.decode()


async def test_nobody_but_services_is_told(catalog: Catalog) -> None:
    assert (await catalog.send("GET", SOURCES_PATH, identity=OWNER)).status == 403
