"""Where something of the library is played from: the provider's addresses, with its account in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from libs.common.clock import Clock
from libs.common.contracts.handover import ProviderAccess
from libs.common.contracts.playing import Playable, PlayableQuery
from libs.common.media import LibraryKind
from libs.common.secrets import SecretBox
from libs.protocols.m3u.catchup import Moment, live_address, past_address
from libs.protocols.m3u.rows import Catchup
from libs.providers.asking import address_of
from services.catalog.errors import ItemNotFound
from services.catalog.library.lines import episode_context, item_context
from services.catalog.library.providers import Providers
from services.catalog.library_model import KINDS, Provider
from services.catalog.model import Owner
from services.catalog.store.library.playable import PlayableStore, Source

ROWS: Final[Mapping[LibraryKind, int]] = {"live": KINDS["channels"], "movie": KINDS["movies"]}
FORMATS: Final = ("ts", "m3u8")
"""What channels are passed on in, the one that more players take first."""
USUAL_S: Final = 3600
LONGEST_S: Final = 24 * 3600


class _Sent(msgspec.Struct, frozen=True):
    """What a list's entry says of how it is asked."""

    headers: dict[str, str] = {}
    catchup: Catchup | None = None


class Playables:
    """Finds what an owner has, and opens its address."""

    def __init__(self, store: PlayableStore, providers: Providers, box: SecretBox, clock: Clock) -> None:
        self._store = store
        self._providers = providers
        self._box = box
        self._clock = clock

    async def find(self, owner: Owner, kind: LibraryKind, number: int, query: PlayableQuery) -> Playable:
        """Raises ItemNotFound, also for a past that isn't kept."""
        if kind == "series":
            source = await self._store.episode(owner, number)
        else:
            source = await self._store.item(owner, ROWS[kind], number)
        if source is None:
            raise ItemNotFound
        provider = await self._providers.get(owner, source.provider)
        access = self._providers.opened(provider)
        formats = tuple(one for one in FORMATS if one in provider.formats)
        if access.kind == "xtream":
            headers = dict[str, str]()
            addresses = _of_panel(provider, access, kind, source, query)
        else:
            formats = ()
            headers, addresses = self._of_list(provider, kind, source, query)
        agent = {"User-Agent": access.user_agent} if access.user_agent else {}
        return Playable(
            provider=provider.id,
            name=provider.name,
            play=provider.play,
            addresses=addresses,
            headers=tuple({**agent, **headers}.items()),
            formats=formats,
            max_connections=provider.max_connections,
        )

    def _of_list(
        self, provider: Provider, kind: LibraryKind, source: Source, query: PlayableQuery
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        if source.sealed_url is None:
            raise ItemNotFound
        context = (
            episode_context(source.number, source.panel_id)
            if kind == "series"
            else item_context(source.number, ROWS[kind], source.panel_id)
        )
        address, _, how = self._box.open(source.sealed_url, context=context).decode().partition("\n")
        sent = msgspec.json.decode(how, type=_Sent) if how else _Sent()
        now_s, zone = int(self._clock.time()), _zone(provider)
        if not query.start:
            return sent.headers, (live_address(address, now_s, zone) if kind == "live" else address,)
        if sent.catchup is None:
            raise ItemNotFound("What was on before is not kept of this channel.")
        moment = Moment(start_s=query.start, duration_s=_duration_s(query), now_s=now_s, zone=zone)
        past = past_address(address, sent.catchup, moment)
        if past is None:
            raise ItemNotFound("The list doesn't say how to reach what was on before.")
        return sent.headers, (past,)


def _of_panel(
    provider: Provider, access: ProviderAccess, kind: LibraryKind, source: Source, query: PlayableQuery
) -> tuple[str, ...]:
    panel = address_of(access)
    if kind != "live":
        return (panel.stream(kind, source.panel_id, source.extension or query.extension or "mp4"),)
    extension = query.extension
    if extension not in FORMATS:
        extension = next((one for one in FORMATS if one in provider.formats), FORMATS[0])
    if not query.start:
        return (panel.stream(kind, source.panel_id, extension),)
    return panel.catch_up(
        source.panel_id,
        datetime.fromtimestamp(query.start, UTC),
        ceil(_duration_s(query) / 60),
        zone=_zone(provider),
        extension=extension,
    )


def _duration_s(query: PlayableQuery) -> int:
    return min(query.duration_s or USUAL_S, LONGEST_S)


def _zone(provider: Provider) -> tzinfo:
    try:
        return ZoneInfo(provider.zone) if provider.zone else UTC
    except (KeyError, ValueError, OSError):
        return UTC
