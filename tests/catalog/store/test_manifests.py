"""Manifests as fetched: which address they are of, and who fetches them next."""

from __future__ import annotations

from dataclasses import replace

from services.catalog.store.addons import AddonStore
from services.catalog.store.manifests import ManifestStore, StoredManifest, Upkeep
from tests.catalog.store.rows import OWNER, add, addon


async def test_a_manifest_fetched_from_an_address_left_meanwhile_is_dropped(
    store: AddonStore, manifests: ManifestStore
) -> None:
    one = addon("one")
    await add(store, one)
    fresh = StoredManifest(manifest=b'{"new": 1}', manifest_hash="new", fetched_at=7, next_at=8, failures=0)
    await store.move(OWNER, one.id, sealed_url=b"s", transport_hash="moved", stored=fresh)
    late = StoredManifest(manifest=b'{"old": 1}', manifest_hash="old", next_at=9, failures=0)
    assert not await manifests.put_manifest(OWNER, one.id, transport_hash=one.transport_hash, stored=late)
    kept = (await store.shelf(OWNER)).addons[0]
    assert (kept.manifest, kept.sealed_url, kept.manifest_next_at) == (b'{"new": 1}', b"s", 8)


async def test_a_due_addon_is_claimed_by_one(store: AddonStore, manifests: ManifestStore) -> None:
    one, two = addon("one"), replace(addon("two"), manifest_next_at=500)
    await add(store, one, two)
    due = await manifests.due(now=100, limit=10)
    assert [each.id for each in due] == [one.id]
    assert [await manifests.claim(due[0], until=1000) for _ in range(2)] == [True, False]
    assert await manifests.due(now=100, limit=10) == []


async def test_upkeep_is_written_down_and_only_another_manifest_is_a_change(
    store: AddonStore, manifests: ManifestStore
) -> None:
    one = addon("one")
    await add(store, one)

    async def put(stored: StoredManifest) -> tuple[int, Upkeep]:
        assert await manifests.put_manifest(OWNER, one.id, transport_hash=one.transport_hash, stored=stored)
        return await store.revision(OWNER), (await manifests.upkeep_of([one.id, "gone"]))[one.id]

    same = StoredManifest(manifest=one.manifest, manifest_hash=one.manifest_hash, next_at=9, failures=0)
    assert await put(replace(same, fetched_at=7)) == (1, Upkeep(7, 0, ""))
    assert await put(StoredManifest(next_at=9, failures=2, error="It broke.")) == (
        1,
        Upkeep(7, 2, "It broke."),
    )
    other = replace(same, manifest=b"{}", manifest_hash="other", fetched_at=8)
    assert await put(other) == (2, Upkeep(8, 0, ""))
    assert (await store.shelf(OWNER)).addons[0].manifest == b"{}"
