"""TMDB as its API behaves: keys, page and append limits, a rate, languages, and misbehaviour on demand.

async with FakeTmdb() as tmdb:
    tmdb.add("movie", 19, imdb_id="tt0017136", title="Metropolis", overview="A city.")
    … ask below tmdb.url with API_KEY or READ_TOKEN …
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from libs.protocols.tmdb.wire import MAX_PAGE, PAGE_ITEMS
from tests.fakes.serving import Serving

Item = dict[str, Any]

API_KEY = "0123456789abcdef0123456789abcdef"
READ_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJ0ZXN0In0.c2lnbmF0dXJlLWZvci10ZXN0cw"

MAX_APPENDED = 20
ERRORS = {
    401: (7, "Invalid API key: You must be granted a valid key."),
    404: (34, "The resource you requested could not be found."),
    429: (25, "Your request count is over the allowed limit."),
    500: (11, "Internal error: Something went wrong, contact TMDB."),
}
APPENDABLE = frozenset({"credits", "external_ids", "images", "translations", "videos"})
SOURCES = frozenset({"imdb_id", "tvdb_id", "wikidata_id"})


@dataclass(frozen=True)
class Asked:
    """A request as it came. The key is told apart from the rest."""

    path: str
    query: dict[str, str]
    key_in: str
    status: int


@dataclass
class FakeTmdb(Serving):
    """Beyond `per_second` it answers 429. `status` overrides every answer, `body` its body."""

    per_second: int = 50
    keys: set[str] = field(default_factory=lambda: {API_KEY, READ_TOKEN})
    titles: dict[tuple[str, int], Item] = field(default_factory=dict)
    episodes: dict[tuple[int, int], list[Item]] = field(default_factory=dict)
    status: int = 200
    retry_after: str = ""
    body: bytes | None = None
    asked: list[Asked] = field(default_factory=list)
    _recent: deque[float] = field(default_factory=deque)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/3"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def add(
        self,
        kind: str,
        id_: int,
        *,
        imdb_id: str | None = None,
        tvdb_id: int | None = None,
        translations: dict[str, Item] | None = None,
        **members: Any,
    ) -> Item:
        """A title in English, with `translations` by language and region ("de-DE") beside it."""
        words = {"title": "original_title"} if kind == "movie" else {"name": "original_name"}
        item: Item = {"id": id_, "original_language": "en", "overview": "", "genres": [], **members}
        for shown, original in words.items():
            item.setdefault(original, item.get(shown, ""))
        item["external_ids"] = {"imdb_id": imdb_id, "tvdb_id": tvdb_id, "wikidata_id": None}
        # TMDB leaves a name empty that is the same in the translation.
        told: dict[str, Item] = {"en-US": {"overview": item["overview"]}, **(translations or {})}
        item["translations"] = {"translations": [_translation(*each) for each in told.items()]}
        self.titles[kind, id_] = item
        return item

    def add_seasons(self, id_: int, **counts: int) -> None:
        """Seasons of a series there is, each with so many episodes: `s0=1, s1=7`."""
        heads = {int(name[1:]): count for name, count in counts.items()}
        self.titles["tv", id_]["seasons"] = [
            {"season_number": season, "episode_count": count} for season, count in heads.items()
        ]
        for season, count in heads.items():
            self.episodes[id_, season] = [
                {
                    "season_number": season,
                    "episode_number": number,
                    "name": f"Part {number}",
                    "overview": "",
                    "air_date": f"2001-01-{number:02}",
                    "still_path": None,
                }
                for number in range(1, count + 1)
            ]

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/3/{tail:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        await self.held_back()
        query = dict(request.query)
        key_in, key = _key(request, query.pop("api_key", ""))
        response = self._response(request.match_info["tail"], query, key)
        self.asked.append(Asked("/" + request.match_info["tail"], query, key_in, response.status))
        return response

    def _response(self, path: str, query: Item, key: str) -> web.Response:
        if self.body is not None:
            return web.Response(status=self.status, body=self.body, content_type="text/html")
        if self.status != 200:
            return self._error(self.status)
        if not self._within_rate():
            return self._error(429, retry_after="1")
        return self._content(path, query) if key in self.keys else self._error(401)

    def _content(self, path: str, query: Item) -> web.Response:
        match path.split("/"):
            case ["authentication"]:
                return web.json_response({"success": True, "status_code": 1, "status_message": "Success."})
            case ["search", "movie" | "tv" | "multi" as kind]:
                return self._search(kind, query)
            case ["find", external_id]:
                return self._find(external_id, query)
            case ["movie" | "tv" as kind, number] if number.isdigit():
                return self._details(kind, int(number), query)
        return self._error(404)

    def _within_rate(self) -> bool:
        now = asyncio.get_running_loop().time()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= self.per_second:
            return False
        self._recent.append(now)
        return True

    def _search(self, kind: str, query: Item) -> web.Response:
        page = int(query.get("page", "1"))
        if not 1 <= page <= MAX_PAGE:
            return self._error(400, 22, "Invalid page: Pages start at 1 and max at 500.")
        wanted = query.get("query", "").lower()
        found = [
            {
                **_plain(_in(item, query.get("language", ""))),
                **({"media_type": of} if kind == "multi" else {}),
            }
            for (of, _), item in self.titles.items()
            if kind in (of, "multi") and any(wanted in name.lower() for name in _names(item))
        ]
        results = found[(page - 1) * PAGE_ITEMS : page * PAGE_ITEMS]
        total_pages = -(-len(found) // PAGE_ITEMS)
        return web.json_response(
            {"page": page, "results": results, "total_pages": total_pages, "total_results": len(found)}
        )

    def _find(self, external_id: str, query: Item) -> web.Response:
        source = query.get("external_source", "")
        if source not in SOURCES:
            return self._error(400, 5, "Invalid parameters: Your request parameters are incorrect.")
        found: Item = {"movie_results": [], "tv_results": [], "person_results": []}
        for (kind, _), item in self.titles.items():
            if str(item["external_ids"][source]) == external_id:
                found[f"{kind}_results"].append({**_plain(item), "media_type": kind})
        return web.json_response(found)

    def _details(self, kind: str, number: int, query: Item) -> web.Response:
        appended = [name for name in query.get("append_to_response", "").split(",") if name]
        if len(appended) > MAX_APPENDED:
            return self._error(400, 27, "Too many append to response objects: The maximum number is 20.")
        item = self.titles.get((kind, number))
        if item is None:
            return self._error(404)
        parts = {name: item.get(name, {}) for name in appended if name in APPENDABLE}
        for season in item.get("seasons", ()):
            name = f"season/{season['season_number']}"
            if name in appended:
                parts[name] = {"episodes": self.episodes[number, season["season_number"]]}
        if "images" in parts and "include_image_language" in query:
            parts["images"] = _images(parts["images"], query["include_image_language"].split(","))
        return web.json_response({**_plain(_in(item, query.get("language", ""))), **parts})

    def _error(self, status: int, code: int = 0, message: str = "", *, retry_after: str = "") -> web.Response:
        if not message:
            code, message = ERRORS.get(status, (43, "Couldn't connect to the backend server."))
        retry_after = retry_after or self.retry_after
        headers = {"Retry-After": retry_after} if retry_after else {}
        body = {"success": False, "status_code": code, "status_message": message}
        return web.json_response(body, status=status, headers=headers)


def _key(request: web.Request, in_query: str) -> tuple[str, str]:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer" and token.startswith("eyJ"):
        return "header", token
    return "query", in_query


def _translation(language: str, data: Item) -> Item:
    name, _, region = language.partition("-")
    return {"iso_639_1": name, "iso_3166_1": region, "data": data}


def _names(item: Item) -> list[str]:
    """In every language it has, as TMDB's search knows them."""
    told = [each["data"] for each in item["translations"]["translations"]]
    members = ("title", "name", "original_title", "original_name")
    return [str(each[name]) for each in (item, *told) for name in members if each.get(name)]


def _plain(item: Item) -> Item:
    """Without what is only sent when it is asked for."""
    return {name: value for name, value in item.items() if name not in APPENDABLE}


def _in(item: Item, language: str) -> Item:
    """The item in `language`: a title without a translation keeps its own, a text without one is empty."""
    if not language or language.startswith("en"):
        return item
    name, _, region = language.partition("-")
    for each in item["translations"]["translations"]:
        if each["iso_639_1"] == name and region in ("", each["iso_3166_1"]):
            return {**item, "overview": "", **{key: value for key, value in each["data"].items() if value}}
    return {**item, "overview": ""}


def _images(images: Item, languages: list[str]) -> Item:
    return {
        kind: [each for each in several if (each.get("iso_639_1") or "null") in languages]
        for kind, several in images.items()
    }
