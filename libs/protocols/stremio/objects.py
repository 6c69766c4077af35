"""Items of answers: invalid ones are skipped one by one, valid ones keep every member they came with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

import msgspec

from libs.protocols.stremio.errors import AnswerError, ManifestError
from libs.protocols.stremio.manifest import Manifest, parse_manifest
from libs.protocols.stremio.reading import text, texts, whole

MAX_ITEMS: Final = 1_000
"""Read from one answer; the rest of a longer list is left unread."""

MAX_METAS: Final = 10_000
"""Read from one answer to `catalog`: some addons send a whole catalog at once."""

RawItems = Sequence[msgspec.Raw | bytes]
StreamKind = Literal["url", "youtube", "torrent", "usenet", "archive", "external"]

_INFO_HASH = re.compile(r"[0-9a-fA-F]{40}")
_ABSOLUTE_URL = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
_WEB: Final = ("https://", "http://")
_SCRIPT = re.compile(
    r"[\x00-\x20]*(?:" + "|".join(r"[\t\n\r]*".join(name) for name in ("javascript", "vbscript")) + r")\s*:",
    re.IGNORECASE,
)
"""Players are web pages too: an address that is a script would run in theirs.

Browsers skip what is no letter in front of a scheme, and line breaks and tabs within it.
"""

_LINKING: Final = ("links", "trailers", "trailerStreams", "streams")
"""Lists of a meta or of one of its videos whose items lead somewhere."""

_ARCHIVES: Final = ("rarUrls", "zipUrls", "7zipUrls", "tgzUrls", "tarUrls")
_EXTERNALS: Final = ("externalUrl", "androidTvUrl", "tizenUrl", "webosUrl")
_SOURCES: Final[tuple[tuple[StreamKind, tuple[str, ...]], ...]] = (
    ("url", ("url",)),
    ("youtube", ("ytId",)),
    *(("archive", (name,)) for name in _ARCHIVES),
    ("usenet", ("nzbUrl",)),
    ("torrent", ("infoHash",)),
    ("external", ("playerFrameUrl",)),
    ("external", _EXTERNALS),
)
"""Each group is one source, in the order in which the core looks for them."""

_GROUP_OF: Final = {name: source for source in _SOURCES for name in source[1]}

T = TypeVar("T")
JsonObject = dict[str, object]


@dataclass(frozen=True, slots=True)
class Meta:
    """A meta or its preview; `raw` is the object as the addon sent it, without links that are scripts."""

    id: str
    type: str
    name: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Stream:
    """A source of a video. `identity` is equal for two streams that play the same thing, and only then.

    The name and the text of a stream say nothing about it; request headers and, in a torrent
    without a file index, the file's name do.

    `description` also reads the older `title`. `countries` are the lower-case alpha-3 codes a
    stream is limited to; empty means everywhere.
    """

    kind: StreamKind
    name: str
    description: str
    url: str | None
    identity: tuple[str, ...]
    raw: bytes
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subtitle:
    id: str
    url: str
    lang: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class AddonItem:
    """An addon offered by an addon_catalog."""

    transport_url: str
    manifest: Manifest
    raw: bytes


def parse_metas(items: RawItems) -> tuple[Meta, ...]:
    return _each(items, _meta, most=MAX_METAS)


def parse_meta(raw: msgspec.Raw | bytes) -> Meta:
    """The one meta of a meta answer, which fails as a whole: AnswerError."""
    found = _each((raw,), _meta)
    if not found:
        raise AnswerError("The addon's metadata has no id or no type.", reason="wrong_shape")
    return found[0]


def parse_streams(items: RawItems) -> tuple[Stream, ...]:
    """A stream with several sources is cut down to the one the core would play."""
    return _each(items, _stream)


def parse_subtitles(items: RawItems) -> tuple[Subtitle, ...]:
    """A subtitle without an id is given its address as id, which clients demand."""
    return _each(items, _subtitle)


def parse_addons(items: RawItems) -> tuple[AddonItem, ...]:
    return _each(items, _addon)


def named(stream: Stream, name: str) -> Stream:
    """The stream with a name of its own, for addons that give none."""
    members = msgspec.json.decode(stream.raw)
    raw = msgspec.json.encode({**members, "name": name})
    return Stream(stream.kind, name, stream.description, stream.url, stream.identity, raw, stream.countries)


def _each(
    items: RawItems, read: Callable[[JsonObject, bytes], T | None], *, most: int = MAX_ITEMS
) -> tuple[T, ...]:
    found = []
    for item in items[:most]:
        raw = bytes(item)
        try:
            members = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            continue
        if isinstance(members, dict) and (value := read(members, raw)) is not None:
            found.append(value)
    return tuple(found)


def _meta(members: JsonObject, raw: bytes) -> Meta | None:
    id_, type_ = members.get("id"), members.get("type")
    if not (isinstance(id_, str) and id_ and isinstance(type_, str) and type_):
        return None
    harmless = _without_scripts(members)
    if harmless is not members:
        raw = msgspec.json.encode(harmless)
    return Meta(id_, type_, text(members.get("name")) or "", raw)


def _without_scripts(members: JsonObject) -> JsonObject:
    """The same object if nothing in it leads to a script, else a copy without what does."""
    changed: JsonObject = {}
    for name in _LINKING:
        items = members.get(name)
        if isinstance(items, list) and any(map(_leads_to_script, items)):
            changed[name] = [item for item in items if not _leads_to_script(item)]
    videos = members.get("videos")
    if isinstance(videos, list):
        harmless = [_without_scripts(video) if isinstance(video, dict) else video for video in videos]
        if any(new is not old for new, old in zip(harmless, videos, strict=True)):
            changed["videos"] = harmless
    if _is_script(members.get("website")):
        changed["website"] = None
    return {**members, **changed} if changed else members


def _leads_to_script(item: object) -> bool:
    return isinstance(item, dict) and any(map(_is_script, item.values()))


def _stream(members: JsonObject, raw: bytes) -> Stream | None:
    # Most streams have one member of all these, and an answer has hundreds of streams.
    present = [(name, _GROUP_OF[name]) for name in members if name in _GROUP_OF]
    playing = [group for name, group in present if _plays(members, name)]
    if not playing:
        return None
    kind, names = min(playing, key=_SOURCES.index)
    surplus = {
        name
        for name, (_, group) in present
        if members[name] is not None and (group != names or _is_script(members[name]))
    }
    if surplus:
        members = {name: value for name, value in members.items() if name not in surplus}
        raw = msgspec.json.encode(members)
    hints = members.get("behaviorHints")
    hints = hints if isinstance(hints, dict) else {}
    return Stream(
        kind=kind,
        name=text(members.get("name")) or "",
        description=text(members.get("description")) or text(members.get("title")) or "",
        url=_address(members, kind, names),
        identity=_identity(members, kind, names, hints),
        raw=raw,
        countries=tuple(code.lower() for code in texts(hints.get("countryWhitelist"))),
    )


def _plays(members: JsonObject, name: str) -> bool:
    """Whether a source member holds something that can be played."""
    value = members.get(name)
    if name in _ARCHIVES:
        return isinstance(value, list) and len(value) > 0
    if not isinstance(value, str):
        return False
    if name == "infoHash":
        return _INFO_HASH.fullmatch(value) is not None
    if name == "ytId":
        return value != ""
    if value.startswith(_WEB):
        # What nearly all are, and looking closer costs more than reading the rest of the stream.
        return value.split(None, 1) == [value]
    return _ABSOLUTE_URL.fullmatch(value) is not None and not _is_script(value)


def _is_script(value: object) -> bool:
    return isinstance(value, str) and _SCRIPT.match(value) is not None


def _address(members: JsonObject, kind: StreamKind, names: Iterable[str]) -> str | None:
    if kind not in ("url", "external", "usenet"):
        return None
    first, *others = names
    if not others:
        return text(members[first])
    return next((text(members[name]) for name in names if _plays(members, name)), None)


def _identity(
    members: JsonObject, kind: StreamKind, names: Iterable[str], hints: JsonObject
) -> tuple[str, ...]:
    if kind == "torrent":
        index = whole(members.get("fileIdx"))
        which = _canonical(hints.get("filename")) if index is None else str(index)
        wanted = _canonical(members.get("fileMustInclude"))
        return (kind, str(members["infoHash"]).lower(), which, wanted)
    values = (f"{name}={_canonical(members.get(name))}" for name in names)
    return (kind, *values, _canonical(hints.get("proxyHeaders")))


def _canonical(value: object) -> str:
    return "" if value is None else msgspec.json.encode(value, order="deterministic").decode()


def _subtitle(members: JsonObject, raw: bytes) -> Subtitle | None:
    url, lang = members.get("url"), members.get("lang")
    if not (isinstance(url, str) and _ABSOLUTE_URL.fullmatch(url) and isinstance(lang, str) and lang):
        return None
    id_ = members.get("id")
    if not isinstance(id_, str) or not id_:
        id_ = text(id_) or url
        raw = msgspec.json.encode({**members, "id": id_})
    return Subtitle(id_, url, lang, raw)


def _addon(members: JsonObject, raw: bytes) -> AddonItem | None:
    url = members.get("transportUrl")
    if not (isinstance(url, str) and _ABSOLUTE_URL.fullmatch(url)):
        return None
    try:
        manifest = parse_manifest(msgspec.json.encode(members.get("manifest")))
    except ManifestError:
        return None
    return AddonItem(url, manifest, raw)
