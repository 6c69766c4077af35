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

_members: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_value: Final = msgspec.json.Decoder().decode
_encoded: Final = msgspec.json.Encoder().encode


def id_of(item: Item) -> str:
    """By which a preview's title is known to viewing state."""
    return item.identity[-1]


def named_in(item: Item) -> str:
    """By which title of IMDb a preview says it is known besides its own id."""
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
    members = _members(item.raw)
    shown: dict[str, msgspec.Raw | str] = {**members}
    if how.description:
        text = _text(members.get("description"))
        shown["description"] = mark + SEPARATOR + text if text else mark
    if how.release_info:
        text = _text(members.get("releaseInfo"))
        shown["releaseInfo"] = text + SEPARATOR + mark if text else mark
    return Item(item.identity, _encoded(shown))


def _text(raw: msgspec.Raw | None) -> str:
    value = None if raw is None else _value(raw)
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
