"""Videos that a player seems to have begun which tells nothing itself."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.clock import Clock, epoch_ms
from services.streaming.store.viewing import ViewingStore
from services.streaming.viewing.bounds import grown
from services.streaming.viewing.reading import place_of
from services.streaming.viewing.rules import begun
from services.streaming.viewing_model import Owner


@dataclass(frozen=True, slots=True)
class Signs:
    store: ViewingStore
    clock: Clock

    async def take(self, owner: Owner, video_id: str, type_: str) -> None:
        """Raises VideoNotFound, InvalidInput, ViewingFull."""
        place = place_of(video_id, type_=type_)
        key = owner, place.title_id
        async with self.store.changing([owner]) as change:
            was = (await change.titles([key])).get(key)
            title = begun(was, place, epoch_ms(self.clock))
            if title is None:
                return
            if was is None:
                held = (await change.held([owner]))[owner]
                await change.put_held({owner: grown(held, None, videos=0, joining=0)})
            await change.put_titles({key: title})
