"""The library's items in Stremio's shapes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from libs.common.contracts.library import (
    ChannelView,
    EpisodeView,
    ItemKind,
    ItemView,
    MovieView,
    NowNext,
    ProgrammeView,
    SeasonView,
    SeriesView,
    TitleDetails,
)
from services.catalog.library_model import NAMELESS

JsonObject = dict[str, object]

TYPES: Final[Mapping[ItemKind, str]] = MappingProxyType(
    {"channels": "tv", "movies": "movie", "series": "series"}
)
KINDS: Final[Mapping[str, ItemKind]] = MappingProxyType({type_: kind for kind, type_ in TYPES.items()})


def preview(view: ItemView) -> JsonObject:
    """As the title that it was found to be, else as itself."""
    shown: JsonObject = {
        "id": view.imdb_id or view.id,
        "type": TYPES[view.kind],
        "name": view.title or view.listed_as or NAMELESS,
        "poster": view.picture,
        "genres": view.genres,
    }
    if view.year is not None:
        shown["releaseInfo"] = str(view.year)
    if view.rating:
        shown["imdbRating"] = f"{view.rating:.1f}"
    if view.kind == "channels":
        shown |= {"posterShape": "square", "description": _on_air(view.now, view.next)}
    return _said(shown)


def movie_meta(movie: MovieView) -> JsonObject:
    return {
        **_own(movie.item),
        **_details(movie.details),
        "behaviorHints": {"defaultVideoId": movie.item.id},
    }


def series_meta(series: SeriesView) -> JsonObject:
    videos = [
        _video(series.item.id, place, episode)
        for season in series.seasons
        for place, (episode, *_) in numbered(season).items()
    ]
    return {**_own(series.item), **_details(series.details), "videos": videos}


def channel_meta(channel: ChannelView) -> JsonObject:
    """With what is on as videos, as players that show a guide take it."""
    return {
        **_own(channel.item),
        "isLive": True,
        "behaviorHints": {"defaultVideoId": channel.item.id, "hasScheduledVideos": True},
        "videos": [_programme(channel.item.id, programme) for programme in channel.programmes],
    }


def numbered(season: SeasonView) -> dict[int, list[EpisodeView]]:
    """Episodes by their number. One without has its place in the season, behind those that have one."""
    found: dict[int, list[EpisodeView]] = {}
    for episode in season.episodes:
        if episode.number is not None:
            found.setdefault(episode.number, []).append(episode)
    last = max(found, default=0)
    without = (episode for episode in season.episodes if episode.number is None)
    found.update({place: [episode] for place, episode in enumerate(without, last + 1)})
    return found


def _own(view: ItemView) -> JsonObject:
    return preview(view) | {"id": view.id}


def _details(details: TitleDetails) -> JsonObject:
    return _said(
        {
            "description": details.plot,
            "cast": _names(details.cast),
            "director": _names(details.director),
            "background": details.backdrop,
            "runtime": f"{details.duration_s // 60} min" if details.duration_s else "",
        }
    )


def _video(series: str, place: int, episode: EpisodeView) -> JsonObject:
    return _said(
        {
            "id": f"{series}:{episode.season}:{place}",
            "title": episode.title or f"Episode {place}",
            "season": episode.season,
            "episode": place,
            "overview": episode.plot,
            "thumbnail": episode.picture,
            # Nothing else can be read as a date.
            "released": f"{episode.air_date}T00:00:00.000Z" if _is_date(episode.air_date) else "",
        }
    )


def _programme(channel: str, programme: ProgrammeView) -> JsonObject:
    start, stop = (at.strftime("%Y-%m-%dT%H:%M:%S.000Z") for at in (programme.start, programme.stop))
    return _said(
        {
            "id": f"{channel}:{int(programme.start.timestamp())}",
            "title": programme.title,
            "overview": programme.plot,
            "released": start,
            "startTime": start,
            "endTime": stop,
        }
    )


def _on_air(now: NowNext | None, next_: NowNext | None) -> str:
    told = [f"Now: {now.title}" if now else "", f"Next: {next_.title}" if next_ else ""]
    return "\n".join(filter(None, told))


def _names(text: str) -> Sequence[str]:
    return [name for each in text.split(",") if (name := each.strip())]


def _is_date(text: str) -> bool:
    parts = text.split("-")
    return [len(part) for part in parts] == [4, 2, 2] and all(
        part.isascii() and part.isdecimal() for part in parts
    )


def _said(members: JsonObject) -> JsonObject:
    """Without what is empty; 0 is something."""
    return {name: value for name, value in members.items() if value not in ("", None, (), [])}
