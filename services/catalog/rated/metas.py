"""One meta, preview or video with a rating in it, as players read ratings; all else stays as it was."""

from __future__ import annotations

from typing import Final

import msgspec

from libs.common.contracts.imdb import Rating
from libs.common.contracts.ratings import RatingSettings, with_rating
from libs.protocols.stremio.reading import whole
from services.catalog.identity.ids import id_of, public_ids
from services.catalog.ratings import ANIME, asked_by, read_id
from services.catalog.store.ratings import Anime

Members = dict[str, msgspec.Raw]

_MEMBERS: Final = msgspec.json.Decoder(Members)
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_IMDB: Final = "imdb"
_ID_MEMBERS: Final = ("imdb_id", "imdbId", *(f"{system}_id" for system in ANIME))
_NAMES: Final = ("name",)
_TEXTS: Final = ("description",)
_VIDEO_NAMES: Final = ("title", "name")
_VIDEO_TEXTS: Final = ("overview", "description")


def read_members(raw: bytes | msgspec.Raw) -> Members:
    """The members of an object that was read before; of anything else, which a video may be, none."""
    try:
        return _MEMBERS.decode(raw)
    except msgspec.ValidationError:
        return {}


def title_id(meta: Members) -> str:
    """What a meta's rating is asked by: its own id where that is IMDb's, else one that it names."""
    own = _value(meta, "id")
    if isinstance(own, str) and read_id(own) is not None and not _is_anime(own):
        return own
    ids = public_ids(
        own if isinstance(own, str) else "",
        str(_value(meta, "type")).casefold(),
        fields=((name, _value(meta, name)) for name in _ID_MEMBERS),
        hints=_value(meta, "behaviorHints"),
        links=_value(meta, "links"),
    )
    return asked_by(ids)


def series_of(meta: Members) -> str:
    """Of which series at IMDb season and episode of its videos are places; "" where they are others' places.

    Anime sites have a title of its own for every season, and count each from 1.
    """
    own, id_ = _value(meta, "id"), title_id(meta)
    return "" if _is_anime(id_) or (isinstance(own, str) and _is_anime(own)) else id_


def episode_id(video: Members, series: str) -> str:
    """What a video's rating is asked by: its own id or the place it names, else its place in `series`."""
    own = _value(video, "id")
    read = read_id(own) if isinstance(own, str) else None
    if isinstance(own, str) and isinstance(read, tuple) and not isinstance(read, Anime):
        return own
    named = _value(video, "imdb_id")
    if isinstance(named, str) and (place := _place(video, named, "imdbSeason", "imdbEpisode")):
        return place
    if isinstance(own, str) and isinstance(read, Anime):
        return own if read.episode else ""
    return _place(video, series, "season", "episode")


def _place(video: Members, series: str, *members: str) -> str:
    season, episode = (whole(_value(video, member)) for member in members)
    return "" if not series or season is None or episode is None else f"{series}:{season}:{episode}"


def videos_of(meta: Members) -> list[msgspec.Raw]:
    return _listed(meta, "videos") or []


def rated_meta(meta: Members, rating: Rating, texts: RatingSettings | None) -> Members:
    """`texts` is None where the rating is to stand in no text."""
    shown = f"{rating.rating:.1f}"
    rated = {**meta, "imdbRating": _raw(shown)}
    links = _listed(meta, "links")
    # Where a meta has links, players read the rating and the genres from these alone. None are added where
    # there are none: its genres would no longer be read.
    if links is not None:
        rated["links"] = _raw(_with_link(links, rating, shown))
    return _with_texts(rated, rating, texts, names=_NAMES, described=_TEXTS)


def rated_video(video: Members, rating: Rating, texts: RatingSettings | None) -> Members:
    """In the member that Cinemeta has for it, too."""
    shown = _raw(f"{rating.rating:.1f}")
    rated = {**video, "imdbRating": shown, "rating": shown}
    return _with_texts(rated, rating, texts, names=_VIDEO_NAMES, described=_VIDEO_TEXTS)


def _with_link(links: list[msgspec.Raw], rating: Rating, shown: str) -> list[msgspec.Raw]:
    """The link stands where the first of its category stood, or comes first."""
    places = [place for place, link in enumerate(links) if _category(link) == _IMDB]
    url = f"https://imdb.com/title/{rating.imdb_id}"
    left = [link for place, link in enumerate(links) if place not in places]
    left.insert(places[0] if places else 0, _raw({"name": shown, "category": _IMDB, "url": url}))
    return left


def _with_texts(
    rated: Members,
    rating: Rating,
    how: RatingSettings | None,
    *,
    names: tuple[str, ...],
    described: tuple[str, ...],
) -> Members:
    if how is None:
        return rated
    for member in (names if how.name else ()) + (described if how.description else ()):
        text = _value(rated, member)
        if isinstance(text, str) and text.strip():
            rated[member] = _raw(with_rating(text, rating.rating, rating.votes, how))
    if how.description and not any(_value(rated, member) for member in described):
        rated[described[0]] = _raw(with_rating("", rating.rating, rating.votes, how))
    return rated


def _value(members: Members, name: str) -> object:
    raw = members.get(name)
    return None if raw is None else msgspec.json.decode(raw)


def _listed(members: Members, name: str) -> list[msgspec.Raw] | None:
    try:
        return _LIST.decode(members.get(name, b"null"))
    except msgspec.ValidationError:
        return None


def _is_anime(id_: str) -> bool:
    named = id_of(id_)
    return named is not None and named[0] in ANIME


def _category(link: msgspec.Raw) -> str:
    category = _value(read_members(link), "category")
    return category.strip().lower() if isinstance(category, str) else ""


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
