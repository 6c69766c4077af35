"""Addons to put into a store."""

from __future__ import annotations

from dataclasses import replace

from services.catalog.model import AddonRow, Owner
from services.catalog.store.addons import AddonStore
from tests.catalog.listed import listed, manifest

OWNER = Owner("account", "profile")
OTHERS = (Owner("account", "other"), Owner("other", "profile"))


def addon(name: str, owner: Owner = OWNER) -> AddonRow:
    row = listed(f"{name:a<4}", manifest(name=name)).row
    return replace(
        row, id=f"{owner.account_id}:{owner.profile_id}:{name}", owner=owner, sealed_url=b"\x00\xff"
    )


async def add(store: AddonStore, *addons: AddonRow, at_most: int = 100) -> None:
    for each in addons:
        await store.add(each, created_at=1, at_most=at_most)
