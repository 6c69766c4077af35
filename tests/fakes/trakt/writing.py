"""What an account changes: plays, the watchlist, where it paused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from aiohttp import web

from tests.fakes.trakt.person import LimitReached, Listable, Person, Watchable, kind_of, moment
from tests.fakes.trakt.titles import Episode, Json, Movie, Show, Titles

SCROBBLED_FROM = 80.0
SAVED_FROM = 1.0
KINDS = ("movies", "shows", "seasons", "episodes")


class Writing:
    """`added_status` is that of a good POST to the history: 201 in older documents, 200 in newer ones."""

    def __init__(self, titles: Titles) -> None:
        self.titles = titles
        self.added_status = 201
        self.scrobble_holds_s = 3600.0

    async def add_history(self, request: web.Request, person: Person) -> web.Response:
        """Each call adds its plays anew."""
        sent, missed, added = await request.json(), _missed(), Counter[str]()
        try:
            for item, told in self._watchables(sent, missed):
                person.watch(item, _at_ms(told, item))
                added[kind_of(item)] += 1
        except LimitReached as reached:
            return limit_reached(person, reached)
        counts = {"added": _tally(added), "updated": _tally(Counter()), "not_found": missed}
        return web.json_response(counts, status=self.added_status)

    async def remove_history(self, request: web.Request, person: Person) -> web.Response:
        """Without ids of plays, all plays of the items."""
        sent, missed = await request.json(), _missed()
        deleted, unknown = person.forget_plays(sent.get("ids") or ())
        for item, _ in self._watchables(sent, missed):
            deleted[kind_of(item)] += person.unwatch(item)
        missed["ids"] = unknown
        return web.json_response({"deleted": _tally(deleted), "not_found": missed})

    async def add_watchlist(self, request: web.Request, person: Person) -> web.Response:
        missed, added, existing = _missed(), Counter[str](), Counter[str]()
        try:
            for item in self._listables(await request.json(), missed):
                (added if person.list_(item) else existing)[kind_of(item)] += 1
        except LimitReached as reached:
            return limit_reached(person, reached)
        counts = {"added": _tally(added), "existing": _tally(existing), "not_found": missed}
        return web.json_response(counts | _list(person), status=201)

    async def remove_watchlist(self, request: web.Request, person: Person) -> web.Response:
        missed, deleted = _missed(), Counter[str]()
        for item in self._listables(await request.json(), missed):
            deleted[kind_of(item)] += person.unlist(item)
        return web.json_response({"deleted": _tally(deleted), "not_found": missed} | _list(person))

    async def remove_playback(self, request: web.Request, person: Person) -> web.Response:
        wanted = request.match_info["id"]
        found = next((one.item for one in person.paused.values() if str(one.id) == wanted), None)
        if found is None:
            return web.Response(status=404)
        person.unpause(found)
        return web.Response(status=204)

    async def scrobble(self, request: web.Request, person: Person) -> web.Response:
        sent, action = await request.json(), request.match_info["action"]
        item = self._scrobbled(sent)
        if item is None:
            return web.Response(status=404)
        progress = float(sent.get("progress") or 0)
        if action == "start":
            person.unpause(item)
            return _scrobble(item, 0, action, progress)
        if progress < SAVED_FROM:
            return web.json_response({"errors": {"progress": ["must be at least 1"]}}, status=422)
        if action == "pause" or progress < SCROBBLED_FROM:
            return _scrobble(item, person.pause(item, progress).id, "pause", progress)
        return self._finish(person, item, progress)

    def _finish(self, person: Person, item: Watchable, progress: float) -> web.Response:
        last = max((one.at_ms for one in person.plays_of(item) if one.action == "scrobble"), default=None)
        if last is not None and person.now_ms < (ends := last + int(self.scrobble_holds_s * 1000)):
            return web.json_response({"watched_at": moment(last), "expires_at": moment(ends)}, status=409)
        person.unpause(item)
        return _scrobble(item, person.watch(item, action="scrobble").id, "scrobble", progress)

    def _scrobbled(self, sent: Json) -> Watchable | None:
        if "movie" in sent:
            return self.titles.find_movie(sent["movie"].get("ids") or {})
        place = sent.get("episode") or {}
        if "show" not in sent:
            return self.titles.find_episode(place.get("ids") or {})
        show = self.titles.find_show(sent["show"].get("ids") or {})
        return None if show is None else show.episodes.get((place.get("season", -1), place.get("number", -1)))

    def _watchables(self, sent: Json, missed: Json) -> Iterator[tuple[Watchable, Json]]:
        """What can be watched of what was sent, with what was said of it or of what it is part of."""
        for told in sent.get("movies") or ():
            if (movie := self.titles.find_movie(told.get("ids") or {})) is None:
                missed["movies"].append(told)
            else:
                yield movie, told
        for told in sent.get("episodes") or ():
            if (episode := self.titles.find_episode(told.get("ids") or {})) is None:
                missed["episodes"].append(told)
            else:
                yield episode, told
        for told in sent.get("shows") or ():
            if (show := self.titles.find_show(told.get("ids") or {})) is None:
                missed["shows"].append(told)
            else:
                yield from _parts(show, told)

    def _listables(self, sent: Json, missed: Json) -> Iterator[Listable]:
        find: dict[str, Any] = {
            "movies": self.titles.find_movie,
            "shows": self.titles.find_show,
            "episodes": self.titles.find_episode,
        }
        for kind, found_by in find.items():
            for told in sent.get(kind) or ():
                if (item := found_by(told.get("ids") or {})) is None:
                    missed[kind].append(told)
                else:
                    yield item


def limit_reached(person: Person, reached: LimitReached) -> web.Response:
    headers = {
        "X-Upgrade-URL": "https://trakt.tv/vip",
        "X-VIP-User": str(person.vip).lower(),
        "X-Account-Limit": str(reached.limit),
    }
    return web.Response(status=420, headers=headers)


def _parts(show: Show, told: Json) -> Iterator[tuple[Episode, Json]]:
    """The episodes of a show that are meant: all, or of some seasons all, or some of them."""
    if not told.get("seasons"):
        yield from ((one, told) for one in show.episodes.values())
    for season in told.get("seasons") or ():
        if not season.get("episodes"):
            yield from ((one, told | season) for one in show.season(season["number"]))
        for episode in season.get("episodes") or ():
            found = show.episodes.get((season["number"], episode["number"]))
            if found is not None:
                yield found, told | season | episode


def _at_ms(told: Json, item: Watchable) -> int | None:
    text = told.get("watched_at")
    if not text:
        return None
    if text == "unknown":
        return 0
    if text == "released":
        year = item.year if isinstance(item, Movie) else item.show.year
        text = f"{year or 1970}-01-01T00:00:00.000Z"
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def _scrobble(item: Watchable, id_: int, action: str, progress: float) -> web.Response:
    told: Json = {"id": id_, "action": action, "progress": progress, "sharing": {"twitter": False}}
    if isinstance(item, Movie):
        told["movie"] = item.shown(frozenset())
    else:
        told |= {"episode": item.shown(), "show": item.show.shown(frozenset())}
    return web.json_response(told, status=201)


def _missed() -> Json:
    return {kind: [] for kind in KINDS}


def _tally(counts: Counter[str]) -> Json:
    return {kind: counts[kind.removesuffix("s")] for kind in KINDS}


def _list(person: Person) -> Json:
    return {"list": {"updated_at": moment(person.now_ms), "item_count": len(person.watchlist)}}
