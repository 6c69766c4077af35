"""One thing played: found, a place for it taken, and opened at its provider."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeVar
from urllib.parse import urlsplit

from multidict import CIMultiDict

from libs.common.clock import Clock
from libs.common.contracts.playing import Playable, PlayingClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.http import (
    FetchError,
    Stream,
    TimedOut,
    is_same_origin,
    parse_retry_after,
    without_secrets,
)
from libs.common.media import Wish
from libs.common.secrets import new_token
from services.streaming.errors import (
    FormatRefused,
    GoneAtProvider,
    ProviderBusy,
    ProviderFailed,
    ProviderRefused,
    ProviderTimedOut,
)
from services.streaming.media.connections import Place
from services.streaming.media.holding import Connections
from services.streaming.media.playlists import is_playlist
from services.streaming.sources.media import MediaSource

T = TypeVar("T")

ANSWERED: Final = frozenset({200, 206, 416})
PAGES: Final = frozenset({"text/html", "application/json"})
"""What panels send in place of media, as if all were well."""
MARKED_UP: Final = ("/xml", "+xml")
MANIFESTS: Final = (".mpd", ".ism/manifest")
"""Lists of addresses, with the account in them, that are not rewritten as playlists of HLS are."""
PLAYERS_KNOW: Final = frozenset(
    {"http", "https", "mms", "mmsh", "rtmp", "rtmps", "rtp", "rtsp", "rtsps", "srt", "udp"}
)
"""Schemes that a player may be sent to: an entry of a list may also name a file of the player's own."""
_GONE = (GoneAtProvider, "says that it has this no more")
_REFUSED = (ProviderRefused, "refuses to play this: too many players, or the account has ended")
REFUSALS: Final[Mapping[int, tuple[type[HeadgateError], str]]] = MappingProxyType(
    {
        401: _REFUSED,
        403: _REFUSED,
        404: _GONE,
        405: (FormatRefused, "doesn't send this in the format that was asked for"),
        406: _GONE,
        410: _GONE,
    }
)
STILL_COUNTED_S: Final = 3.0
ASKED_AGAIN_S: Final = 0.5
REMEMBERED: Final = 1000
ANY_NUMBER: Final = 1_000_000_000
"""Of connections of one profile: providers bound them."""
PLAYLIST: Final = "m3u8"


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer of 200, 206 or 416."""

    stream: Stream
    is_playlist: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """How a player asks. `player` tells it from others, as far as that can be told.

    `only_head`: it wants to know what it would get, for which nothing is ended that plays.
    """

    player: str
    extension: str
    only_head: bool = False
    range: str = ""
    if_range: str = ""

    def place(self, wish: Wish) -> Place:
        """Of a connection by itself."""
        player = _short(f"{wish.account_id} {wish.profile_id} {self.player}")
        session = _short(f"{player} {wish.kind} {wish.item} {wish.start}")
        return Place(new_token(bytes_=9), player, session)


class Play:
    """Opens what is wished at its provider."""

    def __init__(
        self, playing: PlayingClient, source: MediaSource, connections: Connections, *, clock: Clock
    ) -> None:
        self._clock = clock
        self._playing = playing
        self._source = source
        self._connections = connections
        self._forms: OrderedDict[str, int] = OrderedDict()
        self._lists: OrderedDict[str, bool] = OrderedDict()

    async def find(self, wish: Wish, extension: str, *, deadline: Deadline) -> Playable:
        """Raises NotFound, and FormatRefused for a format that the provider doesn't allow."""
        playable = await self._playing.playable(wish, extension, deadline=deadline)
        formats = playable.formats
        if wish.kind == "live" and not wish.part and extension and formats and extension not in formats:
            allowed = " or ".join(formats)
            raise FormatRefused(f"{playable.name} sends channels as {allowed}, not as {extension}.")
        return playable

    @asynccontextmanager
    async def open(self, playable: Playable, wish: Wish, asked: Asked) -> AsyncIterator[Opened]:
        """Raises HeadgateError."""
        place = asked.place(wish)
        shared = replace(place, id=place.session, lingers=True)
        async with AsyncExitStack() as stack:
            if wish.part or self._seems_list(playable, place):
                attempt = await stack.enter_async_context(AsyncExitStack())
                opened = await self._opened_at(attempt, playable, wish, asked, shared)
                if wish.part or opened.is_playlist:
                    yield opened
                    return
                # Several connections may be at that place, of which only a playlist makes one.
                await attempt.aclose()
                await self._connections.give_back(playable.provider, shared)
                await self._connections.give_back(*_of_profile(wish.account_id, wish.profile_id, shared))
                _remember(self._lists, place.session, False)
            opened = await self._opened_at(stack, playable, wish, asked, place)
            if opened.is_playlist:
                _remember(self._lists, place.session, True)
            yield opened

    def _seems_list(self, playable: Playable, place: Place) -> bool:
        """By what it was, or else by its address: players ask for films as playlists, too."""
        known = self._lists.get(place.session)
        return any(is_playlist("", each) for each in playable.addresses) if known is None else known

    async def _opened_at(
        self, stack: AsyncExitStack, playable: Playable, wish: Wish, asked: Asked, place: Place
    ) -> Opened:
        has_pushed = await stack.enter_async_context(
            self._connections.held(
                playable.provider,
                playable.name,
                place,
                playable.max_connections,
                pushes=not asked.only_head,
            )
        )
        profile, seen = _of_profile(wish.account_id, wish.profile_id, place)
        await stack.enter_async_context(self._connections.held(profile, "", seen, ANY_NUMBER, pushes=False))
        patience_s = STILL_COUNTED_S if has_pushed else 0.0
        stream = await self._patiently(stack, playable, wish, asked, patience_s)
        is_list = is_playlist(_content_type(stream), stream.address) and stream.status != 416
        return Opened(stream, is_list)

    async def playing(self, account_id: str, profile_id: str) -> int:
        """How many connections that profile holds, at all its providers."""
        return await self._connections.count(_profile(account_id, profile_id))

    async def _patiently(
        self, stack: AsyncExitStack, playable: Playable, wish: Wish, asked: Asked, patience_s: float
    ) -> Stream:
        """For so long, a refusal may speak of a connection that is about to end."""
        until = self._clock.monotonic() + patience_s
        while True:
            try:
                return await self._first_that_plays(stack, playable, wish, asked)
            except ProviderRefused:
                if self._clock.monotonic() >= until:
                    raise
            await self._clock.sleep(ASKED_AGAIN_S)

    async def _first_that_plays(
        self, stack: AsyncExitStack, playable: Playable, wish: Wish, asked: Asked
    ) -> Stream:
        """The provider is asked in each of the forms that it may know."""
        addresses = (wish.part,) if wish.part else playable.addresses
        first: HeadgateError | None = None
        for form in self._in_order(playable.provider, addresses):
            attempt = await stack.enter_async_context(AsyncExitStack())
            headers = _headers(playable, wish, asked)
            stream = await self._asked_of(attempt, playable, addresses[form], headers)
            error = _refusal(playable, stream, now=self._clock.time())
            if error is None:
                if len(addresses) > 1:
                    _remember(self._forms, playable.provider, form)
                return stream
            await attempt.aclose()
            first = first or error
            if isinstance(error, ProviderBusy):
                break
        raise first or GoneAtProvider(f"{playable.name} tells no address of this.")

    async def _asked_of(
        self, stack: AsyncExitStack, playable: Playable, address: str, headers: CIMultiDict[str]
    ) -> Stream:
        try:
            return await stack.enter_async_context(self._source.open(address, headers))
        except TimedOut as error:
            raise ProviderTimedOut(f"{playable.name}: {error}") from error
        except FetchError as error:
            raise ProviderFailed(f"{playable.name}: {error}") from error

    def _in_order(self, provider: str, addresses: Sequence[str]) -> list[int]:
        """The form that worked the last time goes first: each that doesn't costs a question."""
        known = self._forms.get(provider, 0)
        return sorted(range(len(addresses)), key=lambda form: form != known)


def _profile(account_id: str, profile_id: str) -> str:
    return f"profile:{account_id}:{profile_id}"


def _of_profile(account_id: str, profile_id: str, place: Place) -> tuple[str, Place]:
    """What is held at a provider, as one of those that its profile holds."""
    return _profile(account_id, profile_id), replace(place, id=f"{place.id}+")


def _remember(known: OrderedDict[str, T], key: str, value: T) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > REMEMBERED:
        known.popitem(last=False)


def redirect_of(playable: Playable) -> str:
    """Where the provider has it. Raises GoneAtProvider."""
    address = next(iter(playable.addresses), "")
    if address.partition("://")[0].lower() not in PLAYERS_KNOW:
        raise GoneAtProvider(f"{playable.name} tells no address of this that a player could ask.")
    return address


def _headers(playable: Playable, wish: Wish, asked: Asked) -> CIMultiDict[str]:
    headers = CIMultiDict(playable.headers)
    if wish.part and not any(is_same_origin(wish.part, each) for each in playable.addresses):
        # A playlist may name any server, and so may who tampers with it.
        headers = without_secrets(headers)
    # What is live has no beginning to count from; some panels answer 416.
    # Nor is a playlist read in parts: it is another one once its addresses are ours.
    if asked.range and asked.extension != PLAYLIST and (wish.kind != "live" or wish.part or wish.start):
        headers["Range"] = asked.range
        if asked.if_range:
            headers["If-Range"] = asked.if_range
    return headers


def _refusal(playable: Playable, stream: Stream, *, now: float) -> HeadgateError | None:
    name, status = playable.name, stream.status
    if status in ANSWERED:
        content_type = _content_type(stream)
        if is_playlist(content_type, stream.address):
            return None
        path = urlsplit(stream.address).path.lower()
        if content_type.endswith(MARKED_UP) or path.endswith(MANIFESTS):
            return FormatRefused(f"{name} sends this in a form that the hub doesn't pass on.")
        if content_type not in PAGES:
            return None
        return ProviderFailed(f"{name} answered with a page where media was asked for.")
    if status == 429:
        wait_s = parse_retry_after(stream.headers.get("Retry-After"), now=now)
        return ProviderBusy(f"{name} asks to wait before anything else is played.", retry_after_s=wait_s)
    kind, sentence = REFUSALS.get(status, (ProviderFailed, "answered"))
    return kind(f"{name} {sentence} ({status}).")


def _content_type(stream: Stream) -> str:
    return stream.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
