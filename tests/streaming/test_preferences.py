"""How a profile wants its sources, while the database doesn't say."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from libs.common.contracts.source_settings import SourceSettings
from libs.common.errors import Unavailable
from libs.common.identity import Identity
from services.streaming.keys import PREFERENCES
from services.streaming.preferences import NOTHING_CHOSEN
from tests.streaming.hub import OWNER, streaming

OTHER = Identity(account_id="a1", profile_id="p2", tier="free", roles=("owner",))
WANTED = SourceSettings(max_resolution=1080)


async def never(*_: object) -> None:
    await asyncio.Event().wait()


async def gone(*_: object) -> None:
    raise Unavailable("no database")


@pytest.mark.parametrize("away", [never, gone])
async def test_list_is_as_last_chosen_while_the_database_is_away(
    tmp_path: Path, away: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with streaming(tmp_path) as service:
        preferences = service.running.app[PREFERENCES]
        await preferences.choose(OWNER, WANTED)
        monkeypatch.setattr(preferences, "of", away)
        assert await preferences.for_list(OWNER) == WANTED
        assert await preferences.for_list(OTHER) == NOTHING_CHOSEN
