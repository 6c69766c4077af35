"""Stremio's objects. What is written back is kept as it came: unknown members belong to others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from libs.protocols.stremio_api.errors import AnswerUnreadable
from libs.protocols.stremio_api.key import AuthKey

MAX_TEXT_CHARS: Final = 300
MAX_ID_CHARS: Final = 500
MAX_URL_CHARS: Final = 8192
_MAX_MS: Final = 2**53


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
    """Whatever stands in the list is an addon: what can't be read of it is only in `raw`."""
    told = _object(raw)
    manifest, flags = told.get("manifest"), told.get("flags")
    manifest = manifest if isinstance(manifest, dict) else {}
    flags = flags if isinstance(flags, dict) else {}
    url = told.get("transportUrl")
    return Descriptor(
        raw=raw,
        transport_url=url if isinstance(url, str) and len(url) <= MAX_URL_CHARS else "",
        manifest_id=text_of(manifest.get("id"), MAX_ID_CHARS),
        name=text_of(manifest.get("name")),
        version=text_of(manifest.get("version"), 40),
        official=flags.get("official") is True,
        protected=flags.get("protected") is True,
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
    told = _object(descriptor.raw)
    told |= {"transportUrl": transport_url, "manifest": msgspec.Raw(manifest)}
    return read_descriptor(msgspec.json.encode(told))


def read_item(raw: bytes) -> LibraryItem | None:
    """None for what has no id."""
    told = _object(raw)
    id_ = told.get("_id")
    if not isinstance(id_, str) or not 0 < len(id_) <= MAX_ID_CHARS:
        return None
    state = told.get("state")
    state = state if isinstance(state, dict) else {}
    watched = state.get("watched")
    return LibraryItem(
        raw=raw,
        id=id_,
        type=text_of(told.get("type"), 40),
        name=text_of(told.get("name")),
        poster=text_of(told.get("poster"), 2000),
        removed=told.get("removed") is True,
        temp=told.get("temp") is True,
        changed_at_ms=moment_ms(told.get("_mtime")),
        last_watched_ms=moment_ms(state.get("lastWatched")),
        time_watched_ms=number_of(state.get("timeWatched")),
        time_offset_ms=number_of(state.get("timeOffset")),
        duration_ms=number_of(state.get("duration")),
        times_watched=number_of(state.get("timesWatched")),
        flagged_watched=number_of(state.get("flaggedWatched")) > 0,
        video_id=text_of(state.get("video_id"), MAX_ID_CHARS),
        watched=watched if isinstance(watched, str) else "",
    )


def changed_item(raw: bytes, members: Mapping[str, Any], state: Mapping[str, Any]) -> bytes:
    """The item with some members and some of its state changed, and everything else as it came."""
    told = _object(raw)
    former = told.get("state")
    told |= members
    told["state"] = {**(former if isinstance(former, dict) else {}), **state}
    return msgspec.json.encode(told)


def read_metas(told: Any) -> list[ItemMeta]:
    """Pairs of an id and the time of the last change. Raises AnswerUnreadable for anything but a list.

    An id that can't be printed is none: no player names it, and no database keeps all of its letters.
    """
    if not isinstance(told, list):
        raise AnswerUnreadable("Stremio's answer about the library can't be read.")
    metas = []
    for pair in told:
        match pair:
            case [str() as id_, at, *_] if 0 < len(id_) <= MAX_ID_CHARS and id_.isprintable():
                metas.append(ItemMeta(id_, number_of(at) or moment_ms(at)))
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


def moment_ms(value: Any) -> int:
    """An ISO time in epoch milliseconds; 0 for none. Stremio's have up to nine digits behind the second."""
    if not isinstance(value, str) or len(value) > 40:
        return 0
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0, int(moment.timestamp() * 1000))
    except (ValueError, OverflowError):
        return 0


def moment_text(at_ms: int) -> str:
    """The same the other way round, as a browser writes it."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03}Z"


def number_of(value: Any) -> int:
    """A count or a time; 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return int(value) if 0 <= value <= _MAX_MS else 0


def text_of(value: Any, most: int = MAX_TEXT_CHARS) -> str:
    """What people can read of a text that a stranger wrote."""
    if not isinstance(value, str):
        return ""
    return "".join(letter for letter in value[: most * 2] if letter.isprintable()).strip()[:most]


def _object(raw: bytes) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
