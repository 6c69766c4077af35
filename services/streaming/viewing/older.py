"""Viewing kept in older forms, found at start and taken once, behind everybody's back."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
import structlog

from libs.common.clock import Clock, epoch_ms, ms_of
from libs.common.contracts.viewing import Id, Text, TypeName
from libs.common.contracts.viewing_handover import LINE_ROWS, ListedRow, Part, PlaybackRow, Row, WatchedRow
from libs.common.errors import HeadgateError
from services.streaming.sources.older_files import OlderFile, OlderFiles
from services.streaming.store.viewing_upkeep import UpkeepStore
from services.streaming.told_model import Teller
from services.streaming.viewing.reading import place_of
from services.streaming.viewing.telling import Tellings

MS_FROM: Final = 100_000_000_000
"""Numbers from here on count milliseconds: as seconds they would be in the year 5138."""

log = structlog.get_logger(__name__)


class Seen(msgspec.Struct, frozen=True):
    """An entry of a plain list: a film's or an episode's id, and when it was watched."""

    id: Id
    watched_at: datetime | float | None = None
    type: TypeName | None = None
    name: Text = ""


class Told(msgspec.Struct, frozen=True):
    """What the hub itself wrote: rows as sources tell them."""

    watched: tuple[WatchedRow, ...] = ()
    watchlist: tuple[ListedRow, ...] = ()
    playback: tuple[PlaybackRow, ...] = ()


class Older:
    def __init__(self, files: OlderFiles, store: UpkeepStore, tellings: Tellings, *, clock: Clock) -> None:
        self._files = files
        self._store = store
        self._tellings = tellings
        self._clock = clock

    async def take_all(self) -> None:
        """What can't be read is said in the log, once, and stops nothing."""
        try:
            found = await asyncio.to_thread(self._files.found)
        except OSError as error:
            log.warning("older_files_not_found", reason=str(error))
            return
        for file in found:
            if not await self._store.is_taken(file.name):
                await self._take(file)

    async def _take(self, file: OlderFile) -> None:
        try:
            content = await asyncio.to_thread(self._files.read, file)
            parts = await asyncio.to_thread(_parts, content)
            for part, rows in parts.items():
                await self._tell(file, part, rows)
        except (OSError, ValueError) as error:
            log.warning("older_file_not_read", file=file.name, reason=str(error)[:200])
        except HeadgateError as error:
            log.warning("older_file_not_taken", file=file.name, code=error.code)
            return  # the next start tries again
        else:
            log.info("older_file_taken", file=file.name, rows=sum(map(len, parts.values())))
        await self._store.put_taken(file.name, at=epoch_ms(self._clock))

    async def _tell(self, file: OlderFile, part: Part, rows: Sequence[Row]) -> None:
        async def lines() -> AsyncIterator[bytes]:
            for start in range(0, len(rows), LINE_ROWS):
                yield msgspec.json.encode(rows[start : start + LINE_ROWS])

        source = f"import:file-{hashlib.sha256(file.name.encode()).hexdigest()[:16]}"
        await self._tellings.take(Teller(file.owner, source, part), lines(), whole=False, sure=False)


def _parts(content: bytes) -> dict[Part, Sequence[Row]]:
    """Raises ValueError for what has neither form."""
    if content.lstrip()[:1] == b"[":
        seen = msgspec.json.decode(content, type=list[Seen])
        return {"watched": [row for one in seen if (row := _row(one)) is not None]}
    told = msgspec.json.decode(content, type=Told)
    parts: dict[Part, Sequence[Row]] = {
        "watched": told.watched,
        "watchlist": told.watchlist,
        "playback": told.playback,
    }
    return {part: rows for part, rows in parts.items() if rows}


def _row(one: Seen) -> WatchedRow | None:
    try:
        place = place_of(one.id, type_=one.type)
    except HeadgateError:
        return None
    return WatchedRow(
        video_id=place.video_id,
        title_id=place.title_id,
        type=place.type,
        season=place.season,
        episode=place.episode,
        name=one.name,
        at=_ms(one.watched_at),
    )


def _ms(at: datetime | float | None) -> int:
    if at is None:
        return 0
    if isinstance(at, datetime):
        return max(0, ms_of(at))
    return max(0, min(2**53, round(at if at >= MS_FROM else at * 1000)))
