"""One channel, film or series: what it is, how to play it, which title it was found to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web

from libs.common.contracts.library import (
    ChannelView,
    EpisodeView,
    ItemView,
    ProgrammeView,
    ProviderView,
    SeasonView,
    SeriesView,
    TitleDetails,
)
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import LIBRARY
from services.gateway.pages.library.cards import HERE, card_of, picture_of
from services.gateway.pages.library.words import KIND_WORDS
from services.gateway.pages.read import title_href
from services.gateway.pages.render import render_page

STREMIO_TYPES: Final = {"channels": "tv", "movies": "movie", "series": "series"}
"""What players call the kinds."""


@dataclass(frozen=True, slots=True)
class Airing:
    """A programme of a channel's list. `state` is past, now or coming."""

    programme: ProgrammeView
    state: str
    can_catch_up: bool


async def show_movie(request: web.Request, identity: Identity) -> web.Response:
    item_id = request.match_info["item_id"]
    view = await request.app[LIBRARY].movie(identity, item_id, deadline=deadline_of(request))
    context = await _context(request, identity, view.item, view.details, view.versions)
    return render_page(request, "library/movie.html", {**context, **_sources(view.item, view.item.id)})


async def show_series(request: web.Request, identity: Identity) -> web.Response:
    item_id = request.match_info["item_id"]
    view = await request.app[LIBRARY].series(identity, item_id, deadline=deadline_of(request))
    context = await _context(request, identity, view.item, view.details, view.versions)
    episode = _episode(view, request.query.get("episode", ""))
    season = _season(view, request.query.get("season", ""), episode)
    context |= {
        "seasons": view.seasons,
        "season": season,
        "episode": episode,
        "problem": view.problem,
        **_sources(view.item, _video(view, episode) if episode else ""),
    }
    return render_page(request, "library/series.html", context)


async def show_channel(request: web.Request, identity: Identity) -> web.Response:
    item_id = request.match_info["item_id"]
    view = await request.app[LIBRARY].channel(identity, item_id, deadline=deadline_of(request))
    context = await _context(request, identity, view.item, TitleDetails(), ())
    context |= {**_airings(view, deadline_of(request).clock.now()), **_sources(view.item, view.item.id)}
    return render_page(request, "library/channel.html", context)


async def _context(
    request: web.Request,
    identity: Identity,
    item: ItemView,
    details: TitleDetails,
    versions: tuple[ItemView, ...],
) -> dict[str, object]:
    deadline = deadline_of(request)
    providers = (await request.app[LIBRARY].providers(identity, deadline=deadline)).items
    now = deadline.clock.now()
    return {
        "item": item,
        "card": card_of(item, now),
        "details": details,
        "backdrop": picture_of(details.backdrop),
        "trailer": _trailer(details.trailer),
        "versions": [card_of(version, now) for version in versions],
        "provider": _provider(providers, item),
        "kind_word": KIND_WORDS[item.kind],
        "title_href": title_href("movie" if item.kind == "movies" else "series", item.imdb_id or ""),
        "here": f"{HERE}/{item.kind}/{quote(item.id, safe=':')}",
        "back": request.path_qs,
        "q": "",
    }


def _provider(providers: tuple[ProviderView, ...], item: ItemView) -> ProviderView | None:
    return next((provider for provider in providers if provider.id == item.account_id), None)


def _sources(item: ItemView, video: str) -> dict[str, object]:
    """Where the ways to play come from: the sources of the title page, put in when they are here."""
    there, asked = title_href(STREMIO_TYPES[item.kind], item.id), urlencode({"video": video})
    return {
        "video": video,
        "sources_href": f"{there}/sources?{asked}",
        "wait_href": f"{there}?{asked}&wait=1#sources",
    }


def _episode(view: SeriesView, episode_id: str) -> EpisodeView | None:
    every = (episode for season in view.seasons for episode in season.episodes)
    return next((episode for episode in every if episode.id == episode_id), None)


def _video(view: SeriesView, episode: EpisodeView) -> str:
    """What players call it: by season and number, or by its place behind those that have one."""
    listed = next(season.episodes for season in view.seasons if episode in season.episodes)
    place = episode.number
    if place is None:
        last = max((each.number for each in listed if each.number is not None), default=0)
        place = last + 1 + [each for each in listed if each.number is None].index(episode)
    return f"{view.item.id}:{episode.season}:{place}"


def _season(view: SeriesView, asked: str, episode: EpisodeView | None) -> SeasonView | None:
    """The one asked for, else that of the episode, else the first that isn't of specials."""
    wanted = asked or (str(episode.season) if episode else "")
    by_number = {str(season.number): season for season in view.seasons}
    regular = (season for season in view.seasons if season.number)
    return by_number.get(wanted) or next(regular, view.seasons[0] if view.seasons else None)


def _airings(view: ChannelView, now: datetime) -> dict[str, list[Airing]]:
    since = now - timedelta(days=view.item.archive_days)
    airings = [
        Airing(
            programme,
            "past" if programme.stop <= now else "now" if programme.start <= now else "coming",
            view.item.archive_days > 0 and since <= programme.start <= now,
        )
        for programme in view.programmes
    ]
    return {
        "now_on": [airing for airing in airings if airing.state == "now"],
        "coming": [airing for airing in airings if airing.state == "coming"],
        "past": [airing for airing in reversed(airings) if airing.state == "past"],
    }


def _trailer(told: str) -> str:
    """Panels give a video's id or its address at YouTube."""
    if told.startswith("https://"):
        return told
    return (
        f"https://www.youtube.com/watch?v={quote(told, safe='')}"
        if told.isascii() and len(told) == 11
        else ""
    )
