"""What a title is played from: every version of it that its owner's accounts have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.deadline import Deadline
from libs.common.media import MediaKind
from libs.protocols.imdb.ids import title_number
from libs.titles.decoration import undecorated
from services.catalog.errors import ItemNotFound
from services.catalog.library.as_addon.shapes import KINDS, JsonObject, numbered
from services.catalog.library.browse import Browse
from services.catalog.library.playable import FORMATS
from services.catalog.library.single import Single
from services.catalog.library_model import KINDS as NUMBERS
from services.catalog.library_model import Item, Provider, number_of, public_id
from services.catalog.model import Owner
from services.catalog.store.library.lists import ListStore
from services.catalog.store.library.matched import MatchedStore

MOST: Final = 50
MOST_SERIES: Final = 10
"""Of one title: the details of each may have to be asked for."""
PLAY: Final = "headgate:play"
"""What stands in answers where only the gateway knows the address."""
WEB_READY: Final = frozenset({"mp4", "m3u8"})


class Streams:
    """Finds versions. A title that nobody has is none, not an error."""

    def __init__(self, browse: Browse, single: Single, lists: ListStore, matched: MatchedStore) -> None:
        self._browse = browse
        self._single = single
        self._lists = lists
        self._matched = matched

    async def of(self, owner: Owner, type_: str, id_: str, *, deadline: Deadline) -> list[JsonObject]:
        title, season, episode = _parted(type_, id_)
        accounts = {each.number: each for each in await self._browse.providers(owner)}
        # An account may go in between.
        items = [item for item in await self._items(owner, type_, title) if item.provider in accounts]
        if type_ == "tv":
            return [one for item in items for one in _of_channel(item, accounts[item.provider])]
        if type_ == "movie":
            return [_of_movie(item, accounts[item.provider]) for item in items]
        found = []
        for item in items[:MOST_SERIES]:
            found += await self._of_series(owner, item, accounts[item.provider], (season, episode), deadline)
        return found

    async def _items(self, owner: Owner, type_: str, title: str) -> Sequence[Item]:
        kind = KINDS.get(type_)
        if kind is None:
            return ()
        imdb = title_number(title)
        if imdb is not None:
            ids = await self._matched.of_title(owner, NUMBERS[kind], imdb, most=MOST)
        else:
            ids = await self._versions(owner, NUMBERS[kind], title)
        items = await self._lists.items(owner, ids)
        return [items[number] for number in ids if number in items]

    async def _versions(self, owner: Owner, kind: int, public: str) -> list[int]:
        number = number_of(public)
        item = (await self._lists.items(owner, [number])).get(number) if number else None
        if item is None or item.kind != kind:
            return []
        if kind == NUMBERS["channels"]:
            return [item.id]
        providers = [each.number for each in await self._browse.providers(owner)]
        return [item.id, *await self._lists.versions(item, providers, most=MOST)]

    async def _of_series(
        self,
        owner: Owner,
        item: Item,
        account: Provider,
        wanted: tuple[int | None, int | None],
        deadline: Deadline,
    ) -> list[JsonObject]:
        try:
            series = await self._single.series(owner, public_id(item.id), deadline=deadline)
        except ItemNotFound:
            return []
        season, number = wanted
        for each in series.seasons:
            if each.number == season and number is not None:
                return [
                    _stream(item, account, "series", number_of(one.id) or 0, "", group=True, title=one.title)
                    for one in numbered(each).get(number, ())
                ]
        return []


def _parted(type_: str, id_: str) -> tuple[str, int | None, int | None]:
    """Of a series, the season and the episode stand at the end."""
    parts = id_.rsplit(":", 2)
    if type_ != "series" or len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        return id_, None, None
    return parts[0], int(parts[1]), int(parts[2])


def _of_channel(item: Item, account: Provider) -> list[JsonObject]:
    formats = [one for one in reversed(FORMATS) if one in account.formats]
    if account.kind != "xtream" or not formats:
        return [_stream(item, account, "live", item.id, item.extension or "ts")]
    return [_stream(item, account, "live", item.id, extension) for extension in formats]


def _of_movie(item: Item, account: Provider) -> JsonObject:
    return _stream(item, account, "movie", item.id, item.extension)


def _stream(
    item: Item,
    account: Provider,
    kind: MediaKind,
    number: int,
    extension: str,
    *,
    group: bool = False,
    title: str = "",
) -> JsonObject:
    marks = undecorated(item.name).marks
    file = f"{number}.{extension}" if extension else str(number)
    hints: JsonObject = {"notWebReady": extension not in WEB_READY}
    if group:
        # The next episode of the same version plays by itself.
        hints["bingeGroup"] = f"headgate-{item.id}"
    form = extension.upper() if kind == "live" else ""
    return {
        "name": "\n".join(filter(None, (account.name, " ".join((*marks, form)).strip()))),
        "description": "\n".join(filter(None, (item.name, title))),
        "url": f"{PLAY}/{kind}/{file}",
        "behaviorHints": hints,
    }
