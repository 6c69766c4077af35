"""What somebody took along from another hub, taken in: what is here stays as it is, and twice is once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final, Literal

import msgspec
import structlog

from libs.addons.addon import OWN
from libs.common.clock import Clock
from libs.common.contracts.catalog import AddonPatch
from libs.common.contracts.library import PlayMode
from libs.common.contracts.moving import NEW_PROFILE, MovedRow
from libs.common.contracts.rows import MAX_MERGED
from libs.common.db import DatabaseUnavailable, Value
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, Unavailable
from libs.common.moving import Outcome, body_as, profile_of
from libs.protocols.stremio.manifest import MAX_NAME_CHARS
from libs.protocols.tmdb.errors import InvalidKey
from libs.protocols.tmdb.key import TmdbKey
from services.catalog.addons import Registry, transport_url_of
from services.catalog.errors import NotAUrl, ProviderExists
from services.catalog.library.as_addon.standing import Standing
from services.catalog.library.providers import Providers
from services.catalog.metadata.settings import KeyChoices
from services.catalog.model import Owner
from services.catalog.moving_rows import MOST, ROWS, Member, MovedMerged, RowChosen, Text
from services.catalog.sources.library import address_of
from services.catalog.store.moving import MovingStore

ADDON_S: Final = 10.0
"""For the manifest of one: a slow one holds up all that come after it."""

log = structlog.get_logger(__name__)


class MovedAddon(msgspec.Struct, frozen=True, kw_only=True):
    id: Text
    name: Annotated[str, msgspec.Meta(max_length=MAX_NAME_CHARS)]
    enabled: bool
    pinned: bool


class MovedProvider(msgspec.Struct, frozen=True, kw_only=True):
    id: Text
    kind: Literal["xtream", "m3u"]
    name: str
    play: PlayMode


@dataclass(frozen=True, slots=True)
class Parts:
    """Who keeps what comes in."""

    store: MovingStore
    registry: Registry
    providers: Providers
    standing: Standing
    tmdb: KeyChoices
    max_addons: int
    clock: Clock


class Intake:
    """One call's. `ids`: what accounts at providers of the other hub are known as here."""

    def __init__(self, parts: Parts, account_id: str, *, look: bool) -> None:
        self._parts = parts
        self._account_id = account_id
        self._look = look
        self.ids: dict[str, str] = {}
        # By profile: a file may name what is another's.
        self._known_as = dict[tuple[str, str], str]()
        self._asked = Counter[str]()
        self._members = dict[tuple[str, str], int]()
        self._room = dict[tuple[str, str], int]()
        self._without = set[tuple[str, str]]()
        """Addons that stay out for want of their address."""

    async def take(self, kind: str, rows: Sequence[MovedRow]) -> Sequence[Outcome]:
        owner = Owner(self._account_id, profile_of(rows[0]))
        match kind:
            case "addons":
                return await self._addons(owner, rows)
            case "library_providers":
                found = [await self._provider(owner, row) for row in rows]
                if "added" in found and not self._look:
                    await self._parts.standing.settle(owner)
                return found
            case "tmdb_keys":
                return [await self._key(row) for row in rows]
            case _:
                return await self._plain(owner, kind, rows)

    async def _addons(self, owner: Owner, rows: Sequence[MovedRow]) -> list[Outcome]:
        known: dict[str, str] = {}
        if not owner.profile_id.startswith(NEW_PROFILE):
            addons = (await self._parts.registry.listing(owner)).addons
            known = {each.transport_url: each.id for each in addons}
        found = [await self._addon(owner, row, known) for row in rows]
        if "added" in found and not self._look:
            listing = await self._parts.registry.listing(owner)
            new = [id_ for (profile_id, _), id_ in self._known_as.items() if profile_id == owner.profile_id]
            # Beside others they stay where they were put: whose list it is has an order of its own.
            if {each.id for each in listing.addons} == set(new):
                await self._parts.registry.order(owner, list(dict.fromkeys(new)))
        return found

    async def _addon(self, owner: Owner, row: MovedRow, known: dict[str, str]) -> Outcome:
        moved = body_as(row, MovedAddon)
        if moved is None or not row.secret:
            self._without.add((owner.profile_id, str(row.body.get("id"))))
            return "refused" if moved is None else "credentials"
        try:
            url, address = _addresses(owner, row.secret)
        except NotAUrl:
            return "refused"
        key = owner.profile_id, moved.id
        if address in known:
            self._known_as[key] = known[address]
            return "there"
        # One that does not answer fills no list: a file of thousands would have as many strangers asked.
        if self._asked[owner.profile_id] >= self._parts.max_addons:
            return "refused"
        self._asked[owner.profile_id] += 1
        held = moved.id if self._look else await self._added(owner, url, moved)
        if held is None:
            return "refused"
        self._known_as[key] = known[address] = held
        return "added"

    async def _added(self, owner: Owner, url: str, moved: MovedAddon) -> str | None:
        """Its id here; None where it does not answer, or the list is full."""
        try:
            deadline = Deadline.after(self._parts.clock, ADDON_S)
            wanted = AddonPatch(name=moved.name, enabled=moved.enabled, pinned=moved.pinned)
            added = await self._parts.registry.add(owner, url, deadline=deadline, wanted=wanted)
        except DatabaseUnavailable:
            raise
        except HeadgateError as error:
            log.info("moved_addon_refused", code=error.code)
            return None
        return added.id

    async def _provider(self, owner: Owner, row: MovedRow) -> Outcome:
        moved = body_as(row, MovedProvider)
        if moved is None:
            return "refused"
        if not row.secret:
            return "credentials"
        take = partial(
            self._parts.providers.take_over, owner, kind=moved.kind, name=moved.name, play=moved.play
        )
        try:
            held, is_new = await take(row.secret, look=self._look)
        except HeadgateError as error:
            if isinstance(error, Unavailable):
                raise
            return "there" if isinstance(error, ProviderExists) else "refused"
        self.ids[moved.id] = held or moved.id
        return "added" if is_new else "there"

    async def _key(self, row: MovedRow) -> Outcome:
        if not row.secret:
            return "credentials"
        try:
            key = TmdbKey(row.secret)
        except InvalidKey:
            return "refused"
        is_new = await self._parts.tmdb.take_over(self._account_id, key, look=self._look)
        return "added" if is_new else "there"

    async def _plain(self, owner: Owner, kind: str, rows: Sequence[MovedRow]) -> Sequence[Outcome]:
        if kind not in ROWS:
            return ["refused"] * len(rows)
        read = [body_as(row, ROWS[kind]) for row in rows]
        found: list[Outcome] = ["refused" if one is None else self._known(owner, one) for one in read]
        ready = [
            self._named(owner, one)
            for one, outcome in zip(read, found, strict=True)
            if one is not None and outcome == "added"
        ]
        put = iter(await self._put(owner, kind, ready))
        found = [next(put) if each == "added" else each for each in found]
        for one, outcome in zip(read, found, strict=True):
            if isinstance(one, MovedMerged) and outcome != "refused":
                self._members.setdefault((owner.profile_id, one.key), 0)
        return found

    async def _put(self, owner: Owner, kind: str, rows: list[dict[str, Value]]) -> list[Outcome]:
        store, key = self._parts.store, (owner.profile_id, kind)
        is_new = owner.profile_id.startswith(NEW_PROFILE)
        if key not in self._room:
            self._room[key] = MOST[kind] - (0 if is_new else await store.count(owner, kind))
        room = self._room[key]
        if is_new:
            found: list[Outcome] = ["added" if number < room else "refused" for number in range(len(rows))]
        else:
            found = await store.put(owner, kind, rows, look=self._look, room=room)
        self._room[key] -= found.count("added")
        return found

    def _known(self, owner: Owner, values: msgspec.Struct) -> Outcome:
        """Whether what it names is here."""
        if isinstance(values, RowChosen | Member):
            key = owner.profile_id, values.addon_id
            if key not in self._known_as:
                return "credentials" if key in self._without else "refused"
        if isinstance(values, Member):
            members = self._members.get(row := (owner.profile_id, values.row_key), MAX_MERGED)
            if members >= MAX_MERGED:
                return "refused"
            self._members[row] = members + 1
        return "added"

    def _named(self, owner: Owner, values: msgspec.Struct) -> dict[str, Value]:
        """As it is stored: an addon by its id here."""
        named: dict[str, Value] = msgspec.structs.asdict(values)
        if isinstance(values, RowChosen | Member):
            named["addon_id"] = self._known_as[owner.profile_id, values.addon_id]
        return named


def _addresses(owner: Owner, url: str) -> tuple[str, str]:
    """What is to be added, and what it will be known by. Raises NotAUrl."""
    for own, begins in OWN.items():
        if url.startswith(begins):
            return own, address_of(owner, begins=begins)
    return url, transport_url_of(url)
