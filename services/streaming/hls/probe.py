"""Films looked into: what they hold, and where they can be cut. Remembered, since players ask again."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec
import structlog

from libs.common.cache import Cache, Lives, Loaded
from libs.common.errors import HeadgateError
from services.streaming.hls import commands
from services.streaming.hls.cuts import cuts_at, may_be_sent
from services.streaming.hls.errors import FilmUnreadable, SegmentTimedOut
from services.streaming.hls.feeds import Feeds, Given
from services.streaming.hls.film import Film
from services.streaming.hls.keyframes import key_pictures
from services.streaming.hls.looked import NoFilm, film_of
from services.streaming.hls.origins import Origins
from services.streaming.hls.processes import Child, Programs
from services.streaming.hls.tickets import Origin
from services.streaming.hls.turns import Turns

log = structlog.get_logger(__name__)

WITHIN_S: Final = 20.0
KEYS_WITHIN_S: Final = 10.0
CPU_S: Final = 15
MOST_TOLD: Final = 2 * 1024 * 1024
KNOWN: Final = Lives(6 * 3600.0)
AT_ONCE: Final = 4
OF_ACCOUNT: Final = 2


class Looked(msgspec.Struct, frozen=True, array_like=True):
    """`begins_s` is where its pictures can be cut as they are, the first at 0. It is read for each of its
    segments: where all key pictures are would be far more."""

    film: Film
    begins_s: tuple[float, ...]


_decode = msgspec.msgpack.Decoder(Looked).decode


class Probe:
    """`cache` may be shared by replicas: what it holds is found by a hash of where the film is, and of its
    `version`, which differs where the same place holds another file."""

    def __init__(
        self,
        origins: Origins,
        feeds: Feeds,
        programs: Programs,
        cache: Cache,
        *,
        version: Callable[[Origin], str],
    ) -> None:
        self._origins = origins
        self._feeds = feeds
        self._programs = programs
        self._cache = cache
        self._version = version
        self._turns = Turns(AT_ONCE, of_account=OF_ACCOUNT)

    async def look(self, origin: Origin, account_id: str) -> Looked:
        """Raises HeadgateError. It goes on without who is cancelled, for who asks next."""

        async def load() -> Loaded:
            return Loaded(msgspec.msgpack.encode(await self._looked(origin, account_id)), KNOWN)

        found = await self._cache.get_or_load(f"{place_of(origin)}:{self._version(origin)}", load)
        return _decode(found.entry.value)

    async def _looked(self, origin: Origin, account_id: str) -> Looked:
        async with self._turns.taken(account_id):
            film = await self._film(origin)
            keys_s = await self._keys_s(origin, film.size_bytes)
        cuts = cuts_at([round(key_s - film.starts_s, 4) for key_s in keys_s], film.duration_s)
        may_be_cut = len(keys_s) > 0 and may_be_sent(cuts, film.picture.bitrate_bps)
        picture = msgspec.structs.replace(film.picture, cues=may_be_cut)
        return Looked(msgspec.structs.replace(film, picture=picture), cuts.begins)

    async def _keys_s(self, origin: Origin, size_bytes: int) -> tuple[float, ...]:
        try:
            async with asyncio.timeout(KEYS_WITHIN_S):
                return await key_pictures(partial(self._origins.read, origin), size_bytes)
        except HeadgateError as error:
            log.info("key_pictures_unread", code=error.code)
        except TimeoutError:
            log.info("key_pictures_unread", code="timeout")
        return ()

    async def _film(self, origin: Origin) -> Film:
        async with self._feeds.given(origin) as given:
            told = await self._told(given)
            try:
                return film_of(told)
            except NoFilm as error:
                if given.failure is not None:
                    raise given.failure from None
                raise FilmUnreadable(f"This can't be played: {error}.") from None

    async def _told(self, given: Given) -> bytes:
        async with self._programs.started(
            "ffprobe", commands.probe(given.input), cpu_s=CPU_S, descriptors=given.input.descriptors
        ) as child:
            try:
                async with asyncio.timeout(WITHIN_S):
                    return await _all(child)
            except TimeoutError:
                raise given.failure or SegmentTimedOut(
                    "This source takes too long to say what it is."
                ) from None


async def _all(child: Child) -> bytes:
    pieces, size = [], 0
    while data := await child.read():
        pieces.append(data)
        size += len(data)
        if size > MOST_TOLD:
            raise FilmUnreadable("This can't be played: its file says too much of itself.")
    return b"".join(pieces)


def place_of(origin: Origin) -> str:
    """A name for where a film is, which tells nothing of it."""
    told = msgspec.msgpack.encode(origin)
    return hashlib.blake2b(told, digest_size=16).hexdigest()
