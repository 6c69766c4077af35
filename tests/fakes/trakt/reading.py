"""What an account is told of itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from tests.fakes.trakt.pages import LONG_LIMIT, MOST, MOST_PROGRESS, extended, paged
from tests.fakes.trakt.person import Listed, Paused, Person, Play, kind_of, moment
from tests.fakes.trakt.titles import Episode, Json, Movie, Show, Titles


@dataclass
class Seen:
    """The plays of one film, or of all episodes of one show."""

    item: Movie | Show
    plays: int = 0
    last_ms: int = 0
    episodes: dict[Episode, tuple[int, int]] = field(default_factory=dict)


class Reading:
    """`most` cuts every list; `most_progress` those with `extended=progress`. `null_seasons` is a fault that
    was seen: a show whose seasons are null."""

    def __init__(self, titles: Titles) -> None:
        self.titles = titles
        self.most = MOST
        self.most_progress = MOST_PROGRESS
        self.null_seasons: set[Show] = set()
        self._seen: dict[tuple[str, str], tuple[int, list[Seen]]] = {}

    async def activities(self, request: web.Request, person: Person) -> web.Response:
        return web.json_response(person.activities())

    async def settings(self, request: web.Request, person: Person) -> web.Response:
        return web.json_response(person.settings())

    async def watched(self, request: web.Request, person: Person) -> web.Response:
        """The most watched first."""
        kind, more = request.match_info["type"], extended(request)
        with_seasons = "progress" in more and kind == "shows"

        def shown(seen: Seen) -> Json:
            told = {
                "plays": seen.plays,
                "last_watched_at": moment(seen.last_ms),
                "last_updated_at": moment(seen.last_ms),
                kind.removesuffix("s"): seen.item.shown(more),
            }
            if isinstance(seen.item, Show):
                reset = person.resets.get(seen.item)
                told["reset_at"] = None if reset is None else moment(reset)
            if with_seasons:
                told["seasons"] = None if seen.item in self.null_seasons else _seasons(seen)
            return told

        most = min(self.most, self.most_progress) if with_seasons else self.most
        return paged(request, self._watched(person, kind), shown, usual=LONG_LIMIT, most=most)

    async def watchlist(self, request: web.Request, person: Person) -> web.Response:
        kind, more = request.match_info.get("type", "").removesuffix("s"), extended(request)
        listed = [one for one in person.watchlist.values() if kind in ("", "all", kind_of(one.item))]

        def shown(one: Listed) -> Json:
            head = {"rank": 1 + listed.index(one), "id": one.id, "notes": None}
            return head | {"listed_at": moment(one.at_ms)} | _item(one.item, more)

        return paged(request, listed, shown, usual=LONG_LIMIT, most=self.most)

    async def playback(self, request: web.Request, person: Person) -> web.Response:
        kind, more = request.match_info.get("type", "").removesuffix("s"), extended(request)
        paused = [one for one in person.paused.values() if kind in ("", kind_of(one.item))]
        paused.sort(key=lambda one: -one.at_ms)

        def shown(one: Paused) -> Json:
            head = {"progress": one.progress, "paused_at": moment(one.at_ms), "id": one.id}
            return head | _item(one.item, more)

        return paged(request, paused, shown, most=self.most)

    async def history(self, request: web.Request, person: Person) -> web.Response:
        more = extended(request)
        start, end = (_ms(request.query.get(name)) for name in ("start_at", "end_at"))
        plays = [
            play
            for play in person.plays
            if _asked_for(play, request.match_info.get("type", ""), request.match_info.get("id", ""))
            and (start is None or play.at_ms >= start)
            and (end is None or play.at_ms <= end)
        ]
        plays.sort(key=lambda play: (-play.at_ms, -play.id))

        def shown(play: Play) -> Json:
            head = {"id": play.id, "watched_at": moment(play.at_ms), "action": play.action}
            return head | _item(play.item, more)

        return paged(request, plays, shown, most=self.most)

    async def search(self, request: web.Request, person: Person) -> web.Response:
        movie = self.titles.find_movie({"imdb": request.match_info["id"]})
        if movie is None:
            return web.json_response([])
        return web.json_response([{"type": "movie", "score": 1000, "movie": movie.shown(frozenset())}])

    async def show_progress(self, request: web.Request, person: Person) -> web.Response:
        """Since it was begun anew, and without specials."""
        show = self.titles.find_show({"imdb": request.match_info["id"]})
        if show is None:
            return web.Response(status=404)
        reset = person.resets.get(show, 0)
        seen = {
            play.item.trakt
            for play in person.plays
            if isinstance(play.item, Episode) and play.item.show is show and play.at_ms >= reset
            if play.item.season > 0
        }
        aired = show.shown(frozenset())["aired_episodes"]
        return web.json_response({"aired": aired, "completed": len(seen), "next_episode": None})

    def _watched(self, person: Person, kind: str) -> list[Seen]:
        known = self._seen.get((person.name, kind))
        if known is not None and known[0] == person.version:
            return known[1]
        seen = defaultdict[Movie | Show, Seen](lambda: Seen(_NOTHING))
        for play in person.plays:
            of = play.item.show if isinstance(play.item, Episode) else play.item
            if f"{kind_of(of)}s" != kind:
                continue
            one = seen[of]
            one.item, one.plays, one.last_ms = of, one.plays + 1, max(one.last_ms, play.at_ms)
            if isinstance(play.item, Episode):
                count, last_ms = one.episodes.get(play.item, (0, 0))
                one.episodes[play.item] = (count + 1, max(last_ms, play.at_ms))
        found = sorted(seen.values(), key=lambda one: (-one.plays, -one.last_ms, one.item.trakt))
        self._seen[person.name, kind] = (person.version, found)
        return found


_NOTHING = Movie(0, "", None)


def _seasons(seen: Seen) -> list[Json]:
    seasons = defaultdict[int, list[Json]](list)
    for episode, (plays, last_ms) in sorted(seen.episodes.items(), key=lambda one: one[0].number):
        told = {"number": episode.number, "plays": plays, "last_watched_at": moment(last_ms)}
        seasons[episode.season].append(told)
    return [{"number": number, "episodes": seasons[number]} for number in sorted(seasons)]


def _item(item: Movie | Show | Episode, more: frozenset[str]) -> Json:
    if isinstance(item, Episode):
        return {"type": "episode", "episode": item.shown(), "show": item.show.shown(more)}
    kind = kind_of(item)
    return {"type": kind, kind: item.shown(more)}


def _asked_for(play: Play, kind: str, id_: str) -> bool:
    item = play.item
    if kind == "shows":
        return isinstance(item, Episode) and id_ in ("", str(item.show.trakt))
    return kind in ("", f"{kind_of(item)}s") and id_ in ("", str(item.trakt))


def _ms(text: str | None) -> int | None:
    return None if not text else int(datetime.fromisoformat(text).timestamp() * 1000)
