"""What one profile has, no other profile and no other account gets at by its id."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from libs.common.clock import SystemClock
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from tests.owned_rows import Tables, Whose
from tests.streaming.hub import Streaming, streaming

ANN: Final = Whose("ann", "p1", 901)
NOT_ANN: Final = {
    "her other profile": Identity("ann", "p2", "free"),
    "another account": Identity("bob", "p1", "free"),
    "the owner of the hub": Identity("eve", "p1", "free", ("owner",)),
}
BY_ID: Final = (
    ("GET", "/api/v1/viewing/sessions/{id}"),
    ("POST", "/api/v1/viewing/sessions/{id}/events"),
    ("DELETE", "/api/v1/viewing/sessions/{id}"),
    ("DELETE", "/api/v1/viewing/marks/{id}"),
    ("DELETE", "/api/v1/links/{id}"),
    ("GET", "/api/v1/progress/{id}"),
)
"""Ids that the hub gives, and what is known of a video."""
CHANGING: Final = (
    ("DELETE", "/api/v1/viewing/watched/{id}"),
    ("DELETE", "/api/v1/viewing/watchlist/{id}"),
    ("DELETE", "/api/v1/viewing/continue/{id}"),
    ("PUT", "/api/v1/viewing/continue/{id}"),
    ("POST", "/api/v1/viewing/clear"),
    ("POST", "/api/v1/viewing/rebuild"),
)
"""What changes one's own alone, whatever somebody else has of that title."""


@pytest.fixture
def tables_of() -> str:
    return "streaming"


@pytest.fixture
async def service(tmp_path: Path, database_url: str) -> AsyncIterator[Streaming]:
    url = database_url if database_url.startswith("postgresql") else ""
    async with streaming(tmp_path, HEADGATE_DATABASE_URL=url) as service:
        yield service


async def test_nobody_else_gets_at_it_by_its_id(service: Streaming, database_url: str) -> None:
    tables = Tables(database_url, "streaming")
    await tables.put(ANN, video_id=ANN.text, title_id=ANN.text, state="done")
    before = await tables.rows(ANN)

    async def status(method: str, path: str, identity: Identity) -> int:
        answer = await service.client.raw(
            method,
            path.replace("{id}", ANN.text),
            identity=identity,
            deadline=Deadline.after(SystemClock(), 30),
            headers={"Content-Type": "application/json"},
            body=b'{"event":"heartbeat","position_s":1,"duration_s":10,"confirm":"clear"}',
        )
        return answer.status

    for who, identity in NOT_ANN.items():
        for method, path in BY_ID:
            assert await status(method, path, identity) == 404, f"{who}: {method} {path}"
        for method, path in CHANGING:
            assert await status(method, path, identity) < 500, f"{who}: {method} {path}"
    after = await tables.rows(ANN)
    # Her other profile has a row of its own there by now.
    assert {name: rows for name, rows in after.items() if name != "viewing_profiles"} == {
        name: rows for name, rows in before.items() if name != "viewing_profiles"
    }
    own = Identity(ANN.account_id, ANN.profile_id, "free")
    assert await status(*BY_ID[0], own) == 200
    assert await status("DELETE", "/api/v1/links/{id}", own) == 204
