"""Stopping while players are being answered: nobody is cut off, and the end is a clean one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.fakes.addon import FakeAddon, film, films, manifest, stream
from tests.harness.clients import Api, Player
from tests.harness.hub import running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

REQUESTS = 24


async def test_requests_under_way_are_answered_after_sigterm(tmp_path: Path) -> None:
    titles = films(REQUESTS)
    addon = FakeAddon(
        manifest=manifest(),
        metas={title["id"]: title for title in titles},
        streams={title["id"]: [stream(f"https://cdn.example/{title['id']}.mp4")] for title in titles},
    )
    with running("embedded", {}, tmp_path) as hub:
        async with addon, Api.of(hub.url) as api:
            await api.sign_in(USERNAME, PASSWORD)
            await api.add(addon.manifest_url)
            player = Player(api.session, await api.stremio_url())
            gate = addon.hold("*")

            async def all_are_under_way() -> bool:
                return await api.waiting_requests() == REQUESTS

            async def is_stopping() -> bool:
                return '"event":"stopping"' in hub.logs().replace(" ", "")

            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(player.ask(_tail(number))) for number in range(REQUESTS)]
                await until(all_are_under_way)
                hub.processes["hub"].terminate()
                await until(is_stopping)
                gate.set()
            status = await asyncio.to_thread(hub.processes["hub"].wait, 20)

    answers = [task.result() for task in asked]
    assert {answer.status for answer in answers} == {200}
    assert all(_title(number).encode() in answer.body for number, answer in enumerate(answers))
    assert status == 0


def _title(number: int) -> str:
    return str(film(number // 2 + 1)["id"])


def _tail(number: int) -> str:
    """A title and its sources by turns, so that catalog and streaming are both at work."""
    return f"{'meta' if number % 2 else 'stream'}/movie/{_title(number)}.json"
