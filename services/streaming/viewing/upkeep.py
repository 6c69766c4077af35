"""What is kept of a profile's viewing: told, cleared, made anew."""

from __future__ import annotations

from libs.common.contracts.viewing_handover import ToldPart
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from services.streaming.sources.resync import Resync
from services.streaming.store.viewing_upkeep import UpkeepStore
from services.streaming.upkeep_model import Kept
from services.streaming.viewing.hot import Hot
from services.streaming.viewing.telling import Tellings
from services.streaming.viewing_model import Held, Owner


class Upkeep:
    def __init__(self, store: UpkeepStore, tellings: Tellings, resync: Resync, hot: Hot) -> None:
        self._store = store
        self._tellings = tellings
        self._resync = resync
        self._hot = hot

    async def information(self, owner: Owner) -> tuple[Kept, list[ToldPart]]:
        return await self._store.kept(owner), await self._tellings.parts(owner)

    async def clear(self, owner: Owner) -> Held:
        """Everything but what other services were not told yet. What there was."""
        newest = await self._store.newest_videos(owner)
        cleared = await self._store.clear(owner)
        await self._hot.expect([(owner, video_id) for video_id in newest])
        return cleared

    async def rebuild(
        self, owner: Owner, identity: Identity, *, deadline: Deadline
    ) -> tuple[int, tuple[str, ...]]:
        """How many rows are applied anew behind whoever asks, and the jobs that read accounts again."""
        jobs = await self._resync.begin(identity, deadline=deadline)
        return await self._tellings.apply_again(owner), jobs

    async def optimise(self) -> None:
        """Everybody's."""
        await self._store.optimise()
