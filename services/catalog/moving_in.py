"""What somebody took along from another hub, taken in: what is here stays as it is, and twice is once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import msgspec
import structlog

from libs.addons.addon import LIBRARY, OWN_LIBRARY
from libs.common.clock import Clock
from libs.common.contracts.catalog import AddonPatch
from libs.common.contracts.library import PlayMode
from libs.common.contracts.moving import NEW_PROFILE, MovedRow
from libs.common.db import Value
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, Unavailable
from libs.common.moving import Outcome, body_as, profile_of
from libs.protocols.tmdb.errors import InvalidKey
from libs.protocols.tmdb.key import TmdbKey
from services.catalog.addons import Registry, transport_url_of
from services.catalog.errors import NotAUrl, ProviderExists
from services.catalog.library.as_addon.standing import Standing
from services.catalog.library.providers import Providers
from services.catalog.metadata.settings import KeyChoices
from services.catalog.model import Owner
from services.catalog.moving_rows import ROWS, Member, MovedMerged, RowChosen
from services.catalog.sources.library import address_of
from services.catalog.store.moving import MovingStore

ADDON_S: Final = 10.0
"""For the manifest of one: a slow one holds up all that come after it."""

log = structlog.get_logger(__name__)


class MovedAddon(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    enabled: bool
    pinned: bool


class MovedProvider(msgspec.Struct, frozen=True, kw_only=True):
    id: str
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
    clock: Clock


class Intake:
    """One call's. `ids`: what addons and accounts at providers of the other hub are known as here."""

    def __init__(self, parts: Parts, account_id: str, *, look: bool) -> None:
        self._parts = parts
        self._account_id = account_id
        self._look = look
        self.ids: dict[str, str] = {}
        self._merged = set[tuple[str, str]]()
        self._without: set[str] = set()
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
            new = [self.ids[moved] for row in rows if (moved := str(row.body.get("id"))) in self.ids]
            # Beside others they stay where they were put: whose list it is has an order of its own.
            if {each.id for each in listing.addons} == set(new):
                await self._parts.registry.order(owner, list(dict.fromkeys(new)))
        return found

    async def _addon(self, owner: Owner, row: MovedRow, known: dict[str, str]) -> Outcome:
        moved = body_as(row, MovedAddon)
        if moved is None or not row.secret:
            self._without.add(str(row.body.get("id")))
            return "refused" if moved is None else "credentials"
        try:
            url, address = _addresses(owner, row.secret)
        except NotAUrl:
            return "refused"
        if address in known:
            self.ids[moved.id] = known[address]
            return "there"
        held = moved.id if self._look else await self._added(owner, url, moved)
        if held is None:
            return "refused"
        self.ids[moved.id] = known[address] = held
        return "added"

    async def _added(self, owner: Owner, url: str, moved: MovedAddon) -> str | None:
        """Its id here; None where it does not answer, or the list is full."""
        try:
            deadline = Deadline.after(self._parts.clock, ADDON_S)
            added = await self._parts.registry.add(owner, url, deadline=deadline)
            patch = AddonPatch(name=moved.name, enabled=moved.enabled, pinned=moved.pinned)
            await self._parts.registry.change(owner, added.id, patch, deadline=deadline)
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
        found: list[Outcome] = []
        ready: list[dict[str, Value]] = []
        for row in rows:
            values = body_as(row, ROWS[kind])
            outcome = "refused" if values is None else self._known(owner, values)
            found.append(outcome)
            if values is not None and outcome == "added":
                named = msgspec.structs.asdict(values)
                if "addon_id" in named:
                    named["addon_id"] = self.ids[named["addon_id"]]
                ready.append(named)
        if owner.profile_id.startswith(NEW_PROFILE):
            return found
        put = iter(await self._parts.store.put(owner, kind, ready, look=self._look))
        return [("added" if next(put) else "there") if each == "added" else each for each in found]

    def _known(self, owner: Owner, values: msgspec.Struct) -> Outcome:
        """Whether what it names is here."""
        match values:
            case RowChosen(addon_id=addon_id) | Member(addon_id=addon_id) if addon_id not in self.ids:
                return "credentials" if addon_id in self._without else "refused"
            case Member(row_key=key) if (owner.profile_id, key) not in self._merged:
                return "refused"
            case MovedMerged(key=key):
                self._merged.add((owner.profile_id, key))
        return "added"


def _addresses(owner: Owner, url: str) -> tuple[str, str]:
    """What is to be added, and what it will be known by. Raises NotAUrl."""
    if url.startswith(LIBRARY):
        return OWN_LIBRARY, address_of(owner)
    return url, transport_url_of(url)
