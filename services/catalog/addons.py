"""The registry: which addons an owner has, in which order, under which names."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import structlog

from libs.addons.addon import BUILTIN_SCHEME, OWN, AddressHash
from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.catalog import AddonPatch, RefreshCounts
from libs.common.deadline import Deadline
from libs.common.errors import InvalidInput, Unavailable
from libs.common.resilience import LastKnown
from libs.common.secrets import SecretBox, SecretsError, new_token
from libs.protocols.stremio.errors import InvalidTransportUrl, ManifestError
from libs.protocols.stremio.manifest import MAX_NAME_CHARS, Manifest, parse_manifest
from libs.protocols.stremio.paths import normalise_transport_url
from libs.protocols.text import printable
from services.catalog.demo import TRANSPORT_URL
from services.catalog.errors import AddonExists, AddonNotFound, BuiltinAddon, NotAUrl
from services.catalog.identity.choices import Choices
from services.catalog.listing import Listed, Listing
from services.catalog.manifests import Manifests
from services.catalog.merge import Merged, merge
from services.catalog.metadata.keys import held
from services.catalog.metadata.model import Tmdb
from services.catalog.model import KEY_ALPHABET, KEY_LENGTH, AddonRow, Owner
from services.catalog.sources.library import address_of
from services.catalog.store.addons import AddonStore, Shelf
from services.catalog.store.manifests import StoredManifest

log = structlog.get_logger(__name__)

MAX_URL_CHARS = 8000
"""Configured addons carry their configuration in the path; web servers stop at 8 190 bytes."""

DEMO_S = 5.0
"""More than enough for the demo's manifest, which is in the package."""

UNCHANGED = AddonPatch()
MEMORY_OWNERS = 1000
"""Lists held ready in memory; each is some tens of kilobytes."""


@dataclass(frozen=True, slots=True)
class Held:
    """A list and what its enabled addons make together."""

    listing: Listing
    merged: Merged
    welcomed: bool


def random_key() -> str:
    return "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))


class Registry:
    """Reads and changes lists of addons. Nothing is stored of an addon that could not be read."""

    def __init__(
        self,
        store: AddonStore,
        manifests: Manifests,
        *,
        box: SecretBox,
        address_hash: AddressHash,
        clock: Clock,
        max_addons: int,
        new_key: Callable[[], str] = random_key,
    ) -> None:
        self._store = store
        self._manifests = manifests
        self._box = box
        self._address_hash = address_hash
        self._clock = clock
        self._max_addons = max_addons
        self._new_key = new_key
        self._lists: LastKnown[Owner, Held] = LastKnown("addon_lists", clock=clock, max_entries=MEMORY_OWNERS)

    async def held(self, owner: Owner) -> Held:
        """The owner's list as of now; for a while as last known where the database is away."""
        return await self._lists.get(owner, partial(self._read, owner))

    async def listing(self, owner: Owner) -> Listing:
        return (await self.held(owner)).listing

    async def get(self, owner: Owner, addon_id: str) -> Listed:
        return _named(await self.listing(owner), addon_id)

    async def upkept(self, addons: Sequence[Listed]) -> tuple[Listed, ...]:
        """The addons with how their manifests were last fetched, as far as the database can say."""
        try:
            rows = await self._manifests.upkept(addon.row for addon in addons)
        except Unavailable:
            return tuple(addons)
        return tuple(replace(addon, row=row) for addon, row in zip(addons, rows, strict=True))

    async def add(
        self, owner: Owner, url: str, *, deadline: Deadline, wanted: AddonPatch = UNCHANGED
    ) -> Listed:
        """Fetches and checks the manifest, then stores the addon at the end of the list, as `wanted`."""
        # So that a removed library can be had back, as the demo can.
        begins = OWN.get(url.strip())
        transport_url = address_of(owner, begins=begins) if begins else transport_url_of(url)
        # Said before asking the addon: the usual mistake is pasting the same address twice.
        if any(each.transport_url == transport_url for each in (await self.listing(owner)).addons):
            raise AddonExists("This addon is in your list already.")
        stored = await self._manifests.first(transport_url, deadline=deadline)
        return await self._store_new(owner, transport_url, stored, wanted)

    async def add_builtin(self, owner: Owner, address: str, *, deadline: Deadline) -> None:
        """Puts one of the hub's own at the end of the list, unless it is there. Raises TooManyAddons."""
        if await self._at(owner, address) is None:
            stored = await self._manifests.first(address, deadline=deadline)
            with suppress(AddonExists):  # somebody else was quicker
                await self._store_new(owner, address, stored)

    async def renew_builtin(self, owner: Owner, address: str) -> None:
        """Reads the manifest anew, if it is there."""
        listed = await self._at(owner, address)
        if listed is not None:
            await self.refresh(owner, listed.id)

    async def remove_builtin(self, owner: Owner, address: str) -> None:
        listed = await self._at(owner, address)
        if listed is not None:
            await self._store.remove(owner, listed.id)

    async def change(self, owner: Owner, addon_id: str, patch: AddonPatch, *, deadline: Deadline) -> Listed:
        """Renames, switches, pins or moves an addon. A new address is checked before anything changes."""
        addon = await self.get(owner, addon_id)
        row = _as_wanted(addon.row, patch)
        if isinstance(patch.url, str):
            await self._move(addon, patch.url, deadline=deadline)
        if row != addon.row:
            wanted_again = (row.pinned and not addon.row.pinned) or (row.enabled and not addon.row.enabled)
            await self._store.describe(
                owner,
                addon_id,
                name=row.name,
                enabled=row.enabled,
                pinned=row.pinned,
                asked_again=wanted_again,
            )
        return _named((await self.fresh(owner)).listing, addon_id)

    async def order(self, owner: Owner, ids: Sequence[str]) -> Listing:
        await self._store.order(owner, ids)
        return (await self.fresh(owner)).listing

    async def remove(self, owner: Owner, addon_id: str) -> None:
        await self._store.remove(owner, addon_id)

    async def forget(self, account_id: str, profile_id: str | None) -> None:
        """Removes what an account has, or one profile of it. Nobody can ask for the lists in memory now."""
        await self._store.forget(account_id, profile_id)

    async def refresh(self, owner: Owner, addon_id: str) -> Listed:
        """Fetches the manifest now; one that can't be read keeps the old and shows as `manifest_error`."""
        addon = _named((await self.fresh(owner)).listing, addon_id)
        if not addon.locked:
            (row,) = await self._manifests.upkept([addon.row])
            await self._manifests.refresh(row, addon.transport_url)
        return _named((await self.fresh(owner)).listing, addon_id)

    async def refresh_due(self, limit: int, *, deadline: Deadline) -> RefreshCounts:
        return await self._manifests.refresh_due(limit, self.open_url, deadline=deadline)

    async def fresh(self, owner: Owner) -> Held:
        """For changes: raises DatabaseUnavailable rather than show an older list."""
        held = await self._read(owner)
        self._lists.keep(owner, held)
        return held

    async def _read(self, owner: Owner) -> Held:
        """One small read tells whether what is in memory still holds."""
        held = self._lists.last(owner)
        if held is not None and held.welcomed and held.listing.revision == await self._store.revision(owner):
            return held
        shelf = await self._store.shelf(owner)
        if not shelf.welcomed:
            # The first time that anybody looks at the list of this owner.
            stored = await self._manifests.first(TRANSPORT_URL, deadline=Deadline.after(self._clock, DEMO_S))
            with suppress(Unavailable):  # a disk that is full must not keep anybody from reading
                demo = self._new_row(owner, TRANSPORT_URL, stored, taken=())
                await self._store.welcome(demo, at=epoch_ms(self._clock))
                shelf = await self._store.shelf(owner)
        listing = self._listing(owner, shelf)
        merged = merge(listing.enabled, shelf.arrangement, revision=shelf.revision)
        return Held(listing, merged, shelf.welcomed)

    async def _move(self, addon: Listed, url: str, *, deadline: Deadline) -> None:
        if addon.row.builtin:
            raise BuiltinAddon("The built-in addon has no address to change; it can be disabled or removed.")
        transport_url = transport_url_of(url)
        if transport_url == TRANSPORT_URL:
            raise BuiltinAddon("The demo is added beside other addons; none can become it.")
        stored = await self._manifests.first(transport_url, deadline=deadline)
        await self._store.move(
            addon.row.owner,
            addon.id,
            sealed_url=self._box.seal(transport_url.encode(), context=address_context(addon.id)),
            transport_hash=self._address_hash(transport_url),
            stored=stored,
        )

    async def _at(self, owner: Owner, address: str) -> Listed | None:
        addons = (await self.fresh(owner)).listing.addons
        return next((each for each in addons if each.transport_url == address), None)

    async def _store_new(
        self, owner: Owner, transport_url: str, stored: StoredManifest, wanted: AddonPatch = UNCHANGED
    ) -> Listed:
        taken = {each.key for each in (await self.fresh(owner)).listing.addons}
        row = _as_wanted(self._new_row(owner, transport_url, stored, taken=taken), wanted)
        await self._store.add(row, created_at=epoch_ms(self._clock), at_most=self._max_addons)
        return _named((await self.fresh(owner)).listing, row.id)

    def _new_row(
        self, owner: Owner, transport_url: str, stored: StoredManifest, *, taken: Collection[str]
    ) -> AddonRow:
        addon_id = new_token(bytes_=9)
        return AddonRow(
            id=addon_id,
            owner=owner,
            key=next(key for key in iter(self._new_key, None) if key not in taken),
            position=0,
            name="",
            sealed_url=self._box.seal(transport_url.encode(), context=address_context(addon_id)),
            transport_hash=self._address_hash(transport_url),
            manifest=stored.manifest,
            manifest_hash=stored.manifest_hash,
            manifest_fetched_at=stored.fetched_at,
            manifest_next_at=stored.next_at,
            manifest_failures=0,
            manifest_error="",
            enabled=True,
            builtin=transport_url.startswith(BUILTIN_SCHEME),
        )

    def _listing(self, owner: Owner, shelf: Shelf) -> Listing:
        addons = tuple(
            Listed(replace(row, position=place), _read(row), self._url_or_nothing(row))
            for place, row in enumerate(shelf.addons)
        )
        key = shelf.tmdb_key
        return Listing(
            owner,
            shelf.revision,
            addons,
            shelf.arrangement,
            Choices.made(shelf.titles),
            shelf.ratings,
            Tmdb(shelf.tmdb, None if key is None else held(self._box, owner.account_id, key)),
            shelf.viewing,
        )

    def _url_or_nothing(self, row: AddonRow) -> str:
        """One address that can't be opened must not take the others with it."""
        try:
            return self.open_url(row)
        except SecretsError:
            log.warning("addon_address_unreadable", addon_id=row.id)
            return ""

    def open_url(self, row: AddonRow) -> str:
        """The address, a secret. Raises SecretsError."""
        return self._box.open(row.sealed_url, context=address_context(row.id)).decode()


def transport_url_of(url: str) -> str:
    """The manifest address meant by what somebody pasted. Raises NotAUrl.

    Of the hub's own addresses only the demo's is one, so that a removed demo can be had back.
    """
    if len(url) > MAX_URL_CHARS:
        raise NotAUrl(f"An addon's address has at most {MAX_URL_CHARS} characters.")
    if url.strip() == TRANSPORT_URL:
        return TRANSPORT_URL
    if url.strip().startswith(BUILTIN_SCHEME):
        raise NotAUrl("An addon's address starts with https://, http:// or stremio://.")
    try:
        return normalise_transport_url(url)
    except InvalidTransportUrl as error:
        raise NotAUrl(str(error)) from error


def _read(row: AddonRow) -> Manifest:
    try:
        return parse_manifest(row.manifest)
    except ManifestError:
        # A later version may read more strictly than the one that stored this: the addon stays, offering
        # nothing, until its manifest is fetched again.
        return Manifest(id=row.id, name=row.name or "Addon", version="0.0.0")


def _named(listing: Listing, addon_id: str) -> Listed:
    addon = listing.by_id(addon_id)
    if addon is None:
        raise AddonNotFound("There is no such addon in your list.")
    return addon


def address_context(addon_id: str) -> str:
    return f"addons:transport_url:{addon_id}"


def _as_wanted(row: AddonRow, wanted: AddonPatch) -> AddonRow:
    return replace(
        row,
        name=_clean_name(wanted.name) if isinstance(wanted.name, str) else row.name,
        enabled=wanted.enabled if isinstance(wanted.enabled, bool) else row.enabled,
        pinned=wanted.pinned if isinstance(wanted.pinned, bool) else row.pinned,
    )


def _clean_name(name: str) -> str:
    name = printable(name).strip()
    if len(name) > MAX_NAME_CHARS:
        raise InvalidInput(f"A name has at most {MAX_NAME_CHARS} characters.", fields={"name": "too long"})
    return name
