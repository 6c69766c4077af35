"""The valid items of an answer, each with what makes it the same thing as another."""

from __future__ import annotations

import msgspec

from libs.protocols.stremio.objects import (
    RawItems,
    parse_addons,
    parse_metas,
    parse_streams,
    parse_subtitles,
)


class Item(msgspec.Struct, frozen=True, array_like=True):
    """An item ready to be sent on. Two with one `identity` are the very same thing."""

    identity: tuple[str, ...]
    raw: bytes


def read_items(resource: str, raws: RawItems) -> tuple[Item, ...]:
    """Items of an answer to `resource`, invalid ones left out."""
    match resource:
        case "stream":
            return tuple(Item(each.identity, each.raw) for each in parse_streams(raws))
        case "subtitles":
            return tuple(Item((each.lang, each.url), each.raw) for each in parse_subtitles(raws))
        case "addon_catalog":
            return tuple(
                Item((each.manifest.id, each.transport_url), each.raw) for each in parse_addons(raws)
            )
        case _:
            return tuple(Item((each.type, each.id), each.raw) for each in parse_metas(raws))
