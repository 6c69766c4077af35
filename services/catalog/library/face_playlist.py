"""The library as an M3U list: channels, films, and the episodes that are known of series."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import quote, urlencode

from libs.common.contracts.players import Player
from libs.protocols.m3u import writing
from libs.protocols.m3u.rows import Catchup, Entry
from services.catalog.library.face import Face
from services.catalog.library.face_making import Making, by_number
from services.catalog.library.face_rows import DEFAULT_EXTENSION, FAVOURITES_NAME
from services.catalog.library.face_shelves import CHANNELS, MOVIES, SERIES, Shelf, named
from services.catalog.library_model import Episode
from services.catalog.model import Owner
from services.catalog.store.library.face import FaceItem, FaceStore

PARTS: Final[Mapping[str, int]] = {"live": CHANNELS, "movie": MOVIES, "series": SERIES}
"""What `key` names, in the order of a list."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`extension` is that of channels; `is_plain` leaves out everything but names and addresses."""

    parts: Collection[str]
    extension: str
    is_plain: bool


class FacePlaylist:
    """Writes one profile's list."""

    def __init__(self, face: Face, store: FaceStore, making: Making, turns: asyncio.Semaphore) -> None:
        self._face = face
        self._store = store
        self._others = making.others
        self._turns = turns

    async def lines(self, owner: Owner, player: Player, wanted: Wanted) -> AsyncIterator[bytes]:
        guide = f"{player.base}/xmltv.php?{_credentials(player)}"
        yield writing.opening(() if wanted.is_plain else (guide,))
        write = writing.plain_lines if wanted.is_plain else writing.lines
        for part, kind in PARTS.items():
            if part in wanted.parts:
                making = _Making(player, wanted.extension, await self._liked(owner, kind))
                async for text in self._texts(owner, kind, making, write):
                    yield text

    async def _liked(self, owner: Owner, kind: int) -> frozenset[int]:
        page = partial(self._store.favourites, owner, kind)
        return frozenset([item.id async for items in by_number(page) for item in items])

    async def _texts(
        self, owner: Owner, kind: int, making: _Making, write: Callable[[Entry], str]
    ) -> AsyncIterator[bytes]:
        shelves = await self._face.shelves(owner, kind)
        names = {(row.provider, row.id): name for row, name in named(shelves)}
        for shelf in shelves:
            async for items in self._face.items(shelf, kind):
                async with self._turns:
                    entries = await self._made(shelf, kind, items, making, names)
                    # Thousands of lines take longer than others should wait for the loop.
                    text = await asyncio.to_thread(_text, write, entries)
                yield text

    async def _made(
        self,
        shelf: Shelf,
        kind: int,
        items: Sequence[FaceItem],
        making: _Making,
        names: Mapping[tuple[int, int], str],
    ) -> Sequence[Entry]:
        groups = await self._groups(shelf, items, names)
        if kind == SERIES:
            episodes = await self._store.episodes([item.id for item in items])
            return making.episodes(items, episodes, groups)
        make = making.channel if kind == CHANNELS else making.movie
        return [make(item, groups(item)) for item in items]

    async def _groups(
        self, shelf: Shelf, items: Sequence[FaceItem], names: Mapping[tuple[int, int], str]
    ) -> Callable[[FaceItem], tuple[str, ...]]:
        others = await self._others(shelf, items)

        def groups(item: FaceItem) -> tuple[str, ...]:
            categories = (item.category, *others.get(item.id, ()))
            found = (names.get((item.provider, category), "") for category in categories)
            return tuple(dict.fromkeys(filter(None, found)))

        return groups


@dataclass(frozen=True, slots=True)
class _Making:
    """Entries for one player."""

    player: Player
    extension: str
    liked: frozenset[int]

    def channel(self, item: FaceItem, groups: tuple[str, ...]) -> Entry:
        more = item.told()
        return Entry(
            kind="live",
            name=item.name,
            address=self._address("live", item.id, self.extension),
            tvg_id=item.guide_id,
            tvg_name=item.name,
            logo=item.icon,
            number=more.number,
            groups=self._with_favourites(item, groups),
            radio=more.is_radio,
            catchup=self._catchup(item.id, more.archive_days),
        )

    def movie(self, item: FaceItem, groups: tuple[str, ...]) -> Entry:
        return Entry(
            kind="movie",
            name=item.name,
            address=self._address("movie", item.id, item.extension or DEFAULT_EXTENSION),
            tvg_name=item.name,
            logo=item.icon,
            groups=self._with_favourites(item, groups),
            # Or Kodi takes it for a channel, whatever its address.
            media=True,
        )

    def episodes(
        self,
        items: Sequence[FaceItem],
        episodes: Sequence[Episode],
        groups: Callable[[FaceItem], tuple[str, ...]],
    ) -> list[Entry]:
        """In the order of their series."""
        of_series: dict[int, list[Episode]] = {}
        for episode in episodes:
            of_series.setdefault(episode.series, []).append(episode)
        return [
            self._episode(item, episode, place, groups(item))
            for item in items
            for place, episode in enumerate(of_series.get(item.id, ()), start=1)
        ]

    def _episode(self, item: FaceItem, episode: Episode, place: int, groups: tuple[str, ...]) -> Entry:
        number = place if episode.number is None else episode.number
        name = f"{item.name} S{episode.season:02} E{number:02}"
        return Entry(
            kind="episode",
            name=name,
            address=self._address("series", episode.id, episode.extension or DEFAULT_EXTENSION),
            tvg_name=name,
            logo=episode.picture or item.icon,
            groups=self._with_favourites(item, groups),
            media=True,
        )

    def _with_favourites(self, item: FaceItem, groups: tuple[str, ...]) -> tuple[str, ...]:
        return (FAVOURITES_NAME, *groups) if item.id in self.liked else groups

    def _address(self, kind: str, number: int, extension: str) -> str:
        player = self.player
        return f"{player.base}/{kind}/{quote(player.username)}/{quote(player.password)}/{number}.{extension}"

    def _catchup(self, number: int, days: int) -> Catchup | None:
        """By epoch seconds: what players fill in for days and hours is in whatever zone they are in."""
        if not days:
            return None
        source = (
            f"{self.player.base}/streaming/timeshift.php?{_credentials(self.player)}&stream={number}"
            f"&start={{utc}}&duration={{duration}}"
        )
        return Catchup(mode="default", source=source, days=days)


def _text(write: Callable[[Entry], str], entries: Sequence[Entry]) -> bytes:
    return "".join(map(write, entries)).encode()


def _credentials(player: Player) -> str:
    return urlencode({"username": player.username, "password": player.password})
