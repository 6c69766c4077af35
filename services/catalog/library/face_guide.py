"""The guide as players read it: a channel's programmes, and everything as XMLTV."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Final

import msgspec

from libs.common.clock import Clock
from libs.protocols.xmltv import writing
from libs.protocols.xmltv.rows import Channel, EpisodeNumber, Programme, Text
from services.catalog.library.face import Face
from services.catalog.library.face_account import time_text
from services.catalog.library.face_shelves import CHANNELS
from services.catalog.model import Owner
from services.catalog.store.library.airings import Airing, AiringStore
from services.catalog.store.library.face import FaceItem, FaceStore

GENERATOR: Final = "Headgate"
DAY_S: Final = 86_400
AHEAD_S: Final = 14 * DAY_S
MOST: Final = 2000
SHORT: Final = 4


class FaceListing(msgspec.Struct, frozen=True, kw_only=True):
    """Texts are base64. Times are told twice, in UTC."""

    id: str
    epg_id: str
    title: str
    lang: str = ""
    start: str
    end: str
    description: str
    channel_id: str
    start_timestamp: str
    stop_timestamp: str
    stream_id: str


class FaceTableListing(FaceListing, frozen=True, kw_only=True):
    now_playing: int
    has_archive: int


class FaceListings(msgspec.Struct, frozen=True):
    epg_listings: Sequence[FaceListing]


class FaceGuide:
    """Programmes of one profile's channels."""

    def __init__(
        self, face: Face, store: FaceStore, airings: AiringStore, clock: Clock, turns: asyncio.Semaphore
    ) -> None:
        self._face = face
        self._store = store
        self._programmes = airings
        self._clock = clock
        self._turns = turns

    async def short(self, owner: Owner, channel: int, limit: int) -> FaceListings:
        """What is on and what comes."""
        item = await self._store.item(owner, CHANNELS, channel)
        if item is None or not item.guide_id:
            return FaceListings(())
        now = int(self._clock.time())
        airings = await self._airings(item, now, limit=max(1, min(limit or SHORT, MOST)))
        return FaceListings([FaceListing(**_told(item, one)) for one in airings])

    async def table(self, owner: Owner, channel: int) -> FaceListings:
        """Also what was on, as far back as it can be watched."""
        item = await self._store.item(owner, CHANNELS, channel)
        if item is None or not item.guide_id:
            return FaceListings(())
        now, days = int(self._clock.time()), item.told().archive_days
        kept_since = now - days * DAY_S
        return FaceListings(
            [
                FaceTableListing(
                    **_told(item, one),
                    now_playing=int(one.start <= now < one.stop),
                    has_archive=int(days > 0 and kept_since <= one.start < now),
                )
                for one in await self._airings(item, now - max(days, 1) * DAY_S, limit=MOST)
            ]
        )

    async def _airings(self, item: FaceItem, since: int, *, limit: int) -> list[Airing]:
        until = int(self._clock.time()) + AHEAD_S
        return await self._programmes.of_channel(
            item.provider, item.guide_id, since=since, until=until, limit=limit
        )

    async def xmltv(self, owner: Owner) -> AsyncIterator[bytes]:
        """Of the channels that are seen. Of accounts that name a channel alike, the first tells of it."""
        yield writing.opening(GENERATOR)
        shelves = await self._face.shelves(owner, CHANNELS)
        told = set[str]()
        by_shelf: list[tuple[int, set[str]]] = []
        for shelf in shelves:
            new = set[str]()
            async for items in self._face.items(shelf, CHANNELS):
                rows = dict[str, Channel]()
                for item in items:
                    if item.guide_id and item.guide_id not in told and item.guide_id not in new:
                        rows.setdefault(
                            item.guide_id, Channel(id=item.guide_id, names=(item.name,), icon=item.icon)
                        )
                new |= rows.keys()
                if rows:
                    yield writing.channels(rows.values())
            told |= new
            by_shelf.append((shelf.provider.number, new))
        for number, wanted in by_shelf:
            if not wanted:
                continue
            async for airings in self._programmes.all(number):
                async with self._turns:
                    text = await asyncio.to_thread(_programmes, airings, wanted)
                if text:
                    yield text
        yield writing.CLOSING


def _told(item: FaceItem, airing: Airing) -> dict[str, str]:
    title = f"{airing.title}: {airing.subtitle}" if airing.subtitle else airing.title
    return {
        "id": f"{item.id}{airing.start}",
        "epg_id": str(item.id),
        "title": _base64(title),
        "start": time_text(airing.start),
        "end": time_text(airing.stop),
        "description": _base64(airing.plot),
        "channel_id": item.guide_id,
        "start_timestamp": str(airing.start),
        "stop_timestamp": str(airing.stop),
        "stream_id": str(item.id),
    }


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _programmes(airings: Sequence[Airing], channels: Collection[str]) -> bytes:
    return writing.programmes(_programme(one) for one in airings if one.guide_id in channels)


def _programme(airing: Airing) -> Programme:
    return Programme(
        channel=airing.guide_id,
        start=airing.start,
        stop=airing.stop,
        titles=(Text(airing.title),),
        subtitles=(Text(airing.subtitle),) if airing.subtitle else (),
        descriptions=(Text(airing.plot),) if airing.plot else (),
        categories=tuple(filter(None, airing.categories.split("\n"))),
        icon=airing.icon,
        episode=_number(airing),
    )


def _number(airing: Airing) -> EpisodeNumber | None:
    """The library counts from one, as people do; xmltv_ns from nought."""
    season = None if not airing.season else airing.season - 1
    episode = None if not airing.episode else airing.episode - 1
    return None if season is None and episode is None else EpisodeNumber(season=season, episode=episode)
