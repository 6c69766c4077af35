"""What a profile has watched, written into a preview's texts. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from libs.addons.items import Item
from libs.common.contracts.viewing import TitleFlags
from libs.common.contracts.viewing_settings import ViewingSettings
from libs.protocols.stremio.ids import is_imdb
from services.catalog.rated.metas import read_members, title_id

WATCHED: Final = "✓ Watched"
SEPARATOR: Final = " · "

_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def id_of(item: Item) -> str:
    """By which a preview's title is known to viewing state."""
    return item.identity[-1]


def imdb_of(item: Item) -> str:
    """By which title of IMDb it is known, as far as the preview itself says."""
    id_ = id_of(item)
    if is_imdb(id_):
        return id_
    named = title_id(read_members(item.raw))
    return named if is_imdb(named) else ""


def mark_of(flags: TitleFlags) -> str:
    """Nothing for what was never begun."""
    if flags.watched:
        return WATCHED
    if flags.completed and flags.aired:
        return f"▶ {flags.completed} of {flags.aired}"
    if flags.progress is None:
        return ""
    return f"▶ {min(99, max(1, round(100 * flags.progress)))} %"


def marked(item: Item, flags: TitleFlags | None, how: ViewingSettings) -> Item:
    """The mark comes before a description, of which players show the beginning, and after the year."""
    mark = mark_of(flags) if flags is not None else ""
    if not mark:
        return item
    members = _MEMBERS.decode(item.raw)
    if how.description:
        members["description"] = _written(mark, _text(members.get("description")))
    if how.release_info:
        members["releaseInfo"] = _written(_text(members.get("releaseInfo")), mark)
    return Item(item.identity, msgspec.json.encode(members))


def _text(raw: msgspec.Raw | None) -> str:
    value = None if raw is None else msgspec.json.decode(raw)
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _written(*parts: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(SEPARATOR.join(part for part in parts if part)))
