"""Two gateways over two catalogs, as real processes on one Redis and one PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.fakes.addon import FakeAddon, films
from tests.harness.clients import Api, Player
from tests.harness.hub import running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

REQUESTS = 50


async def test_50_cold_requests_over_two_replicas_are_one_upstream_call(
    fresh_stores: dict[str, str], tmp_path: Path
) -> None:
    with running("split", fresh_stores, tmp_path) as hub:
        other_url = hub.second_pair()
        async with (
            FakeAddon(catalogs={"top": films(100)}) as addon,
            Api.of(hub.url) as api,
            Api.of(other_url) as other,
        ):
            await api.sign_in(USERNAME, PASSWORD)
            await api.add(addon.manifest_url)
            player = Player(api.session, await api.stremio_url())
            tail = f"catalog/{await player.row('Top')}.json"
            gateways = [player.at(hub.url), player.at(other_url)]
            gate = addon.hold("catalog")

            async def all_are_waiting() -> bool:
                waiting = [await gateway.waiting_requests() for gateway in (api, other)]
                return sum(waiting) == REQUESTS

            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(gateways[number % 2].ask(tail)) for number in range(REQUESTS)]
                await until(all_are_waiting)
                gate.set()

    answers = [task.result() for task in asked]
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert addon.calls["catalog"] == 1
