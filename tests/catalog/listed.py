"""Addons of an owner's list made by hand."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from libs.protocols.stremio.manifest import parse_manifest
from services.catalog.listing import Listed
from services.catalog.model import AddonRow, Owner

OWNER = Owner("account", "profile")


def manifest(**members: object) -> dict[str, object]:
    """The least an addon may say, with `members` over it."""
    return {
        "id": "org.example",
        "name": "Example",
        "version": "1.0.0",
        "resources": [],
        "types": [],
        **members,
    }


def listed(key: str, members: Mapping[str, object], *, name: str = "", enabled: bool = True) -> Listed:
    body = msgspec.json.encode(members)
    url = f"https://{key}.example/secret/manifest.json"
    row = AddonRow(
        id=f"id-{key}",
        owner=OWNER,
        key=key,
        position=0,
        name=name,
        sealed_url=b"",
        transport_hash=f"hash-{key}",
        manifest=body,
        manifest_hash="",
        manifest_fetched_at=0,
        manifest_next_at=0,
        manifest_failures=0,
        manifest_error="",
        enabled=enabled,
        builtin=False,
    )
    return Listed(row, parse_manifest(body), url)
