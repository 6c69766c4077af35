"""Metadata as addons send it, read leniently into what the pages show.

Addons disagree about types (a year may be a number, a list may be null), so nothing here raises. Texts are
clipped, since one name of a megabyte would be a page of two.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import quote, urlencode

import msgspec
from yarl import URL

from libs.common.contracts.streaming import DroppedStream, StreamView
from libs.protocols.stremio.ids import split_video_id
from services.gateway.model import PLAY_PREFIX
from services.gateway.pages.badges import badges
from services.gateway.pages.draw import Shape, poster_art
from services.gateway.pages.model import Card, Episode, Facts, Label, LeftOut, Source
from services.gateway.plays import PLAY

Members = Mapping[str, object]

MAX_NAME_CHARS = 200
MAX_DESCRIPTION_CHARS = 5000
"""Both as of an addon's own name and description."""
MAX_OVERVIEW_CHARS = 1000
"""A season may have hundreds of episodes."""
MAX_EPISODES = 20_000
"""No show has run for so long."""
MAX_NAMED = 40
MAX_ID_CHARS = 2000
"""A longer id makes an address that this hub refuses."""
MAX_IMAGE_CHARS = 32 * 1024
"""A drawn icon fits; a photograph belongs behind an address."""

LINK_SCHEMES = frozenset({"http", "https", "magnet"})
KINDS = {
    "url": "Direct",
    "youtube": "YouTube",
    "torrent": "Torrent",
    "usenet": "Usenet",
    "archive": "Archive",
    "external": "Other site",
}


def read_card(raw: msgspec.Raw, row_type: str = "") -> Card | None:
    """A preview as a card; nothing when it has no id to open it by."""
    meta = _members(raw)
    title_id = _text(meta.get("id"))
    if not title_id or len(title_id) > MAX_ID_CHARS:
        return None
    type_ = _text(meta.get("type")) or row_type
    name = _name(meta.get("name")) or _name(title_id)
    year = _name(meta.get("releaseInfo")) or _name(meta.get("year"))
    shape = _shape(meta.get("posterShape"))
    rating = _rating(meta)
    return Card(
        href=title_href(type_, title_id),
        name=name,
        facts=" · ".join(part for part in (year, f"★ {rating}" if rating else "") if part),
        poster=picture(meta.get("poster")),
        shape=shape,
        art=poster_art(name, year, shape=shape),
        description=_clipped(_text(meta.get("description")), MAX_DESCRIPTION_CHARS),
        background=picture(meta.get("background")),
        title_id=title_id,
    )


def read_label(raw: msgspec.Raw, row_type: str = "") -> Label:
    """What a preview is called; an id it lacks is empty."""
    meta = _members(raw)
    title_id = _text(meta.get("id"))
    year = _name(meta.get("releaseInfo")) or _name(meta.get("year"))
    name = _name(meta.get("name")) or _name(title_id)
    return Label(_text(meta.get("type")) or row_type, title_id, f"{name} ({year})" if year else name)


def read_cards(raws: Sequence[msgspec.Raw], row_type: str = "") -> tuple[Card, ...]:
    return tuple(card for raw in raws if (card := read_card(raw, row_type)) is not None)


def read_facts(raw: msgspec.Raw, type_: str, title_id: str) -> Facts:
    """A full metadata object as facts; what it lacks stays empty."""
    meta = _members(raw)
    name = _name(meta.get("name")) or _name(title_id)
    year = _name(meta.get("releaseInfo")) or _name(meta.get("year"))
    episodes = _episodes(meta.get("videos"))
    hints = _mapping(meta.get("behaviorHints"))
    return Facts(
        id=title_id,
        type=type_,
        name=name,
        poster=picture(meta.get("poster")),
        background=picture(meta.get("background")),
        art=poster_art(name, year),
        description=_clipped(_text(meta.get("description")), MAX_DESCRIPTION_CHARS),
        year=year,
        runtime=_name(meta.get("runtime")),
        rating=_rating(meta),
        genres=_named(meta, "genres", "Genres"),
        directors=_named(meta, "director", "Directors"),
        cast=_named(meta, "cast", "Cast")[:8],
        episodes=episodes,
        default_video=_text(hints.get("defaultVideoId")) or ("" if episodes else title_id),
    )


def unknown_facts(type_: str, title_id: str) -> Facts:
    """A title no addon describes: its id is all there is to show."""
    return Facts(
        id=title_id,
        type=type_,
        name=_name(title_id),
        art=poster_art(_name(title_id)),
        default_video=title_id,
    )


def read_source(stream: StreamView) -> Source:
    """Only links a browser may safely follow are offered as links."""
    url = stream.url or ""
    is_own = url.startswith(PLAY)
    link = PLAY_PREFIX + url.removeprefix(PLAY) if is_own else _link(url)
    return Source(
        name=_name(stream.name) or stream.addon_name,
        description=_clipped(stream.description, MAX_DESCRIPTION_CHARS),
        addon_name=stream.addon_name,
        kind=KINDS.get(stream.kind, stream.kind),
        link=link,
        copy=link if stream.kind in ("url", "torrent") and not is_own else None,
        why=stream.why,
        badges=badges(stream.facts),
        also=tuple(
            f"{other.addon_name}, as {_name(other.name)}" if other.name else other.addon_name
            for other in stream.alternatives[:MAX_NAMED]
        ),
    )


def read_left_out(dropped: DroppedStream) -> LeftOut:
    return LeftOut(_name(dropped.name), _name(dropped.addon_name), _name(dropped.reason))


def picture(value: object) -> str | None:
    """An address that may stand in an image."""
    text = _text(value)
    if len(text) > MAX_IMAGE_CHARS or not text.startswith(("https://", "http://", "data:image/")):
        return None
    return text


def title_href(type_: str, title_id: str) -> str:
    return f"/title/{quote(type_, safe='')}/{quote(title_id, safe='')}"


def watch_href(type_: str, video_id: str, title_id: str, *, group: str = "", source_id: str = "") -> str:
    """Where the video is played, from where it was left: by that source, or in that quality."""
    query = {
        name: value
        for name, value in (("title", title_id), ("group", group), ("source", source_id))
        if value and (name != "title" or value != split_video_id(video_id).title)
    }
    here = f"/watch/{quote(type_, safe='')}/{quote(video_id, safe='')}"
    return here + (f"?{urlencode(query)}" if query else "")


def _members(raw: msgspec.Raw) -> Members:
    try:
        return _mapping(msgspec.json.decode(raw))
    except msgspec.DecodeError:
        return {}


def _mapping(value: object) -> Members:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return ""


def _name(value: object) -> str:
    return _clipped(_text(value), MAX_NAME_CHARS)


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",", MAX_NAMED)
    if isinstance(value, list):
        return tuple(name for item in value[:MAX_NAMED] if (name := _name(item)))
    return ()


def _links(meta: Members, category: str) -> tuple[str, ...]:
    links = meta.get("links")
    if not isinstance(links, list):
        return ()
    found = (_mapping(link) for link in links)
    wanted = (link for link in found if _text(link.get("category")).lower() == category.lower())
    return tuple(name for link in islice(wanted, MAX_NAMED) if (name := _name(link.get("name"))))


def _named(meta: Members, member: str, category: str) -> tuple[str, ...]:
    """Stremio ignores the plain member where links are present, so links come first here too."""
    return _links(meta, category) or _names(meta.get(member))


def _rating(meta: Members) -> str:
    rating = next(iter(_links(meta, "imdb")), "") or _name(meta.get("imdbRating"))
    return rating if rating not in ("0", "0.0") else ""


def _shape(value: object) -> Shape:
    if value == "landscape":
        return "landscape"
    return "square" if value == "square" else "poster"


def _link(value: str | None) -> str | None:
    if not value:
        return None
    try:
        scheme = URL(value).scheme
    except ValueError:
        return None
    return value if scheme in LINK_SCHEMES else None


def _episodes(value: object) -> tuple[Episode, ...]:
    if not isinstance(value, list):
        return ()
    found = [_episode(_mapping(item)) for item in value[:MAX_EPISODES]]
    known = {episode.id: episode for episode in found if episode is not None}
    return tuple(sorted(known.values(), key=lambda e: (e.season == 0, e.season, e.number)))


def _episode(video: Members) -> Episode | None:
    video_id = _text(video.get("id"))
    if not video_id or len(video_id) > MAX_ID_CHARS:
        return None
    number = _number(video.get("episode")) or _number(video.get("number"))
    return Episode(
        id=video_id,
        season=_number(video.get("season")),
        number=number,
        name=_name(video.get("title")) or _name(video.get("name")) or f"Episode {number}",
        released=_moment(video.get("released")),
        overview=_clipped(
            _text(video.get("overview")) or _text(video.get("description")), MAX_OVERVIEW_CHARS
        ),
        rating=_rating(video),
    )


def _number(value: object) -> int:
    text = _text(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
