"""Stremio's objects. What is written back is kept as it came: unknown members belong to others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import msgspec

from libs.protocols.stremio_api.errors import AnswerUnreadable
from libs.protocols.stremio_api.key import AuthKey
from libs.protocols.text import printable
from libs.protocols.times import moment_ms

MAX_TEXT_CHARS: Final = 300
MAX_ID_CHARS: Final = 500
MAX_URL_CHARS: Final = 8192
MAX_ADDON_BYTES: Final = 512 * 1024
"""Stremio's apps sync no addon whose manifest has more than 8 KB."""
MAX_ITEM_BYTES: Final = 512 * 1024
"""Of a title: its longest member, the episodes that were seen, has a tenth of that."""
_MAX_MS: Final = 2**53
_NONE: Final = msgspec.Raw(b"null")

T = TypeVar("T")


# Strangers' JSON is read into these: what nobody asked for is skipped, however much of it there is, and what
# is of another kind than it should be is missing by itself alone.


class _Flags(msgspec.Struct):
    official: msgspec.Raw = _NONE
    protected: msgspec.Raw = _NONE


class _Manifest(msgspec.Struct):
    id: msgspec.Raw = _NONE
    name: msgspec.Raw = _NONE
    version: msgspec.Raw = _NONE


class _Addon(msgspec.Struct, rename="camel"):
    transport_url: msgspec.Raw = _NONE
    manifest: msgspec.Raw = _NONE
    flags: msgspec.Raw = _NONE


class _State(msgspec.Struct):
    last_watched: msgspec.Raw = msgspec.field(default=_NONE, name="lastWatched")
    time_watched: msgspec.Raw = msgspec.field(default=_NONE, name="timeWatched")
    time_offset: msgspec.Raw = msgspec.field(default=_NONE, name="timeOffset")
    duration: msgspec.Raw = _NONE
    times_watched: msgspec.Raw = msgspec.field(default=_NONE, name="timesWatched")
    flagged_watched: msgspec.Raw = msgspec.field(default=_NONE, name="flaggedWatched")
    video_id: msgspec.Raw = _NONE
    watched: msgspec.Raw = _NONE


class _Item(msgspec.Struct):
    id: msgspec.Raw = msgspec.field(default=_NONE, name="_id")
    mtime: msgspec.Raw = msgspec.field(default=_NONE, name="_mtime")
    type: msgspec.Raw = _NONE
    name: msgspec.Raw = _NONE
    poster: msgspec.Raw = _NONE
    removed: msgspec.Raw = _NONE
    temp: msgspec.Raw = _NONE
    state: msgspec.Raw = _NONE


class _Meta(msgspec.Struct, array_like=True):
    id: str
    at: int | float | str


_META: Final = msgspec.json.Decoder(_Meta)
_SCALAR: Final[msgspec.json.Decoder[str | int | float | bool | None]] = msgspec.json.Decoder(
    str | int | float | bool | None
)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    key: AuthKey
    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCode:
    """`link` is where its owner confirms the code."""

    code: str = field(repr=False)
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """An installed addon. `transport_url` and `raw` are secrets: addresses carry keys. `transport_url` is
    empty where there is none that can be read."""

    raw: bytes = field(repr=False)
    transport_url: str = field(repr=False, default="")
    manifest_id: str = ""
    name: str = ""
    version: str = ""
    official: bool = False
    protected: bool = False


@dataclass(frozen=True, slots=True)
class ItemMeta:
    id: str
    changed_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryItem:
    """A film or a show of the library, and how far it was watched. Times are epoch milliseconds, 0 for none;
    `watched` is a bitfield, see `watched.py`."""

    raw: bytes = field(repr=False)
    id: str
    type: str = ""
    name: str = ""
    poster: str = ""
    removed: bool = False
    temp: bool = False
    changed_at_ms: int = 0
    last_watched_ms: int = 0
    time_watched_ms: int = 0
    time_offset_ms: int = 0
    duration_ms: int = 0
    times_watched: int = 0
    flagged_watched: bool = False
    video_id: str = ""
    watched: str = ""


def read_user(told: Any) -> User:
    found = told if isinstance(told, dict) else {}
    return User(id=text_of(found.get("_id"), MAX_ID_CHARS), email=text_of(found.get("email")))


def read_descriptor(raw: bytes) -> Descriptor:
    """Whatever stands in the list is an addon: what can't be read of it is only in `raw`. Raises
    AnswerUnreadable for one that no app could sync."""
    if len(raw) > MAX_ADDON_BYTES:
        raise AnswerUnreadable(f"An addon of the account has more than {MAX_ADDON_BYTES // 1024} KB.")
    told = read_as(raw, _Addon)
    manifest, flags = read_as(told.manifest, _Manifest), read_as(told.flags, _Flags)
    url = scalar_of(told.transport_url)
    return Descriptor(
        raw=raw,
        transport_url=url if isinstance(url, str) and len(url) <= MAX_URL_CHARS else "",
        manifest_id=text_of(scalar_of(manifest.id), MAX_ID_CHARS),
        name=text_of(scalar_of(manifest.name)),
        version=text_of(scalar_of(manifest.version), 40),
        official=scalar_of(flags.official) is True,
        protected=scalar_of(flags.protected) is True,
    )


def new_descriptor(transport_url: str, manifest: bytes) -> Descriptor:
    """An addon as Stremio's apps install it."""
    return read_descriptor(
        msgspec.json.encode(
            {
                "transportUrl": transport_url,
                "transportName": "",
                "manifest": msgspec.Raw(manifest),
                "flags": {"official": False, "protected": False},
            }
        )
    )


def with_manifest(descriptor: Descriptor, transport_url: str, manifest: bytes) -> Descriptor:
    """The same entry with another manifest and address; all else of it stays."""
    told = {
        **_members(descriptor.raw),
        "transportUrl": transport_url,
        "manifest": msgspec.Raw(manifest),
    }
    return read_descriptor(msgspec.json.encode(told))


def read_item(raw: bytes) -> LibraryItem | None:
    """None for what has no id, and for what is larger than any title."""
    told = read_as(raw, _Item) if len(raw) <= MAX_ITEM_BYTES else _Item()
    id_ = scalar_of(told.id)
    if not isinstance(id_, str) or not 0 < len(id_) <= MAX_ID_CHARS:
        return None
    state = read_as(told.state, _State)
    watched = scalar_of(state.watched)
    return LibraryItem(
        raw=raw,
        id=id_,
        type=text_of(scalar_of(told.type), 40),
        name=text_of(scalar_of(told.name)),
        poster=text_of(scalar_of(told.poster), 2000),
        removed=scalar_of(told.removed) is True,
        temp=scalar_of(told.temp) is True,
        changed_at_ms=time_of(scalar_of(told.mtime)),
        last_watched_ms=time_of(scalar_of(state.last_watched)),
        time_watched_ms=number_of(scalar_of(state.time_watched)),
        time_offset_ms=number_of(scalar_of(state.time_offset)),
        duration_ms=number_of(scalar_of(state.duration)),
        times_watched=number_of(scalar_of(state.times_watched)),
        flagged_watched=number_of(scalar_of(state.flagged_watched)) > 0,
        video_id=text_of(scalar_of(state.video_id), MAX_ID_CHARS),
        watched=watched if isinstance(watched, str) else "",
    )


def changed_item(raw: bytes, members: Mapping[str, Any], state: Mapping[str, Any]) -> bytes:
    """The item with some members and some of its state changed, and everything else as it came."""
    told: dict[str, Any] = {**_members(raw)}
    former = _members(told.get("state", _NONE))
    return msgspec.json.encode({**told, **members, "state": {**former, **state}})


def read_metas(told: Iterable[msgspec.Raw]) -> list[ItemMeta]:
    """Pairs of an id and the time of the last change.

    An id that can't be printed is none: no player names it, and no database keeps all of its letters.
    """
    metas = []
    for raw in told:
        try:
            pair = _META.decode(raw)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            continue
        if 0 < len(pair.id) <= MAX_ID_CHARS and pair.id.isprintable():
            metas.append(ItemMeta(pair.id, number_of(pair.at) or time_of(pair.at)))
    return metas


def is_same(left: Sequence[Descriptor], right: Sequence[Descriptor]) -> bool:
    """Whether two lists mean the same, whatever the order of members and the blanks between them."""
    return len(left) == len(right) and all(
        means_same(*pair)
        for pair in zip((each.raw for each in left), (each.raw for each in right), strict=True)
    )


def means_same(left: bytes, right: bytes) -> bool:
    # Mostly they come as they went, and a list may have megabytes.
    return left == right or meaning(left) == meaning(right)


def meaning(raw: bytes) -> bytes:
    """A JSON value in a form that does not depend on who wrote it down."""
    try:
        return msgspec.json.encode(msgspec.json.decode(raw), order="deterministic")
    except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError):
        return raw


def time_of(value: Any) -> int:
    """In epoch milliseconds; 0 for none, and for what is none."""
    return max(0, moment_ms(value) or 0)


def number_of(value: Any) -> int:
    """A count or a time; 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    if isinstance(value, float) and not math.isfinite(value):
        return 0
    return int(value) if 0 <= value <= _MAX_MS else 0


def text_of(value: Any, most: int = MAX_TEXT_CHARS) -> str:
    """What people can read of a text that a stranger wrote."""
    if not isinstance(value, str):
        return ""
    return printable(value[: most * 2]).strip()[:most]


def read_as(raw: bytes | msgspec.Raw, into: type[T]) -> T:
    """What is no object has none of its members."""
    try:
        return msgspec.json.decode(raw, type=into)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return into()


def _members(raw: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """All of an object, each member as it came."""
    return read_as(raw, dict[str, msgspec.Raw])


def scalar_of(raw: bytes | msgspec.Raw) -> str | int | float | bool | None:
    """None for a list and an object, too."""
    try:
        return _SCALAR.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
