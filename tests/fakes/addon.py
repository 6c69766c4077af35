"""A Stremio addon with behaviour, over real HTTP on 127.0.0.1.

    async with FakeAddon(streams={"tt1": [stream("https://a/1.mp4")]}) as addon:
        addon.on("stream", delay_s=0.2)
        … call addon.manifest_url …
        assert addon.calls["stream"] == 1

It keeps the protocol's rules strictly, so that a test which passes here would pass against a real one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import orjson
from aiohttp import web

from libs.protocols.stremio.paths import ResourcePath, parse_resource_path

Item = dict[str, Any]

_ENDLESS_CHUNK = b" " * 65536
_CORS = {"Access-Control-Allow-Origin": "*"}


@dataclass
class Behaviour:
    """How one resource answers. `body` replaces the whole answer; `hold` keeps it back until set.

    `cut` ends it badly: "reset" sends half of the body and drops the connection, "endless" never
    stops sending, "silent" accepts the request and says nothing.
    """

    delay_s: float = 0.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fields: Item = field(default_factory=dict)
    body: bytes | None = None
    cut: str = ""
    hold: asyncio.Event | None = None


def manifest(id_: str = "org.fake", **members: Any) -> Item:
    """A valid manifest for movies and series with ids that begin with `tt`."""
    base: Item = {
        "id": id_,
        "name": id_.rpartition(".")[2].title(),
        "version": "1.0.0",
        "description": "An addon made for a test.",
        "resources": ["catalog", "meta", "stream", "subtitles"],
        "types": ["movie", "series"],
        "idPrefixes": ["tt"],
        "catalogs": [],
    }
    return base | members


def catalog(id_: str = "top", type_: str = "movie", *, extra: Sequence[str | Item] = ("skip",)) -> Item:
    names = [{"name": entry} if isinstance(entry, str) else entry for entry in extra]
    return {"type": type_, "id": id_, "name": id_.title(), "extra": names}


def film(number: int, type_: str = "movie", **members: Any) -> Item:
    """A meta preview that differs from every other number's."""
    id_ = f"tt{number:07d}"
    base = {"id": id_, "type": type_, "name": f"Film {number}", "poster": f"https://img.example/{id_}.jpg"}
    return base | members


def films(count: int, type_: str = "movie", *, start: int = 1) -> list[Item]:
    return [film(number, type_) for number in range(start, start + count)]


def stream(url: str = "https://cdn.example/film.mp4", **members: Any) -> Item:
    return {"name": "Source", "description": "1080p", "url": url} | members


class FakeAddon:
    """Everything it serves can be changed while it runs.

    `catalogs` maps a catalog id, or (type, id), to all of its items, cut into pages of `page_size`
    by `skip`; with `skips=False` every page is the first. `metas`, `streams`, `subtitles` map ids.
    """

    def __init__(
        self,
        *,
        manifest: Item | None = None,
        catalogs: Mapping[str | tuple[str, str], list[Item]] | None = None,
        page_size: int = 100,
        skips: bool = True,
        metas: Mapping[str, Item] | None = None,
        streams: Mapping[str, list[Item]] | None = None,
        subtitles: Mapping[str, list[Item]] | None = None,
        addon_catalogs: Mapping[str, list[Item]] | None = None,
        prefix: str = "",
    ) -> None:
        self.manifest: Item = manifest if manifest is not None else _default_manifest(catalogs or {})
        self.catalogs: dict[str | tuple[str, str], list[Item]] = dict(catalogs or {})
        self.page_size = page_size
        self.skips = skips
        self.metas: dict[str, Item] = dict(metas or {})
        self.streams: dict[str, list[Item]] = dict(streams or {})
        self.subtitles: dict[str, list[Item]] = dict(subtitles or {})
        self.addon_catalogs: dict[str, list[Item]] = dict(addon_catalogs or {})
        self.prefix = prefix
        self.behaviours: dict[str, Behaviour] = {}
        self.calls: Counter[str] = Counter()
        self.paths: list[str] = []
        self.requests: list[ResourcePath] = []
        self.headers: list[dict[str, str]] = []
        self.port = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The base, without `/manifest.json`; `prefix` stands for a configuration in the path."""
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    @property
    def manifest_url(self) -> str:
        return f"{self.url}/manifest.json"

    def on(self, resource: str, **behaviour: Any) -> Behaviour:
        """From now on `resource` ("manifest", "stream", … or "*" for all) behaves so."""
        self.behaviours[resource] = Behaviour(**behaviour)
        return self.behaviours[resource]

    def heal(self) -> None:
        """Back to answering at once and well."""
        self.behaviours.clear()

    def hold(self, resource: str) -> asyncio.Event:
        """Keeps answers to `resource` back until the event is set; no clock involved."""
        gate = asyncio.Event()
        self.on(resource, hold=gate)
        return gate

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site.port
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Ends it: connections are refused from now on. Entering again takes the same port."""
        for behaviour in self.behaviours.values():
            if behaviour.hold is not None:
                behaviour.hold.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        raw = request.raw_path
        self.paths.append(raw)
        self.headers.append(dict(request.headers))
        tail = raw.partition("?")[0].removeprefix(f"{self.prefix}/")
        if tail == "manifest.json":
            return await self._answer(request, "manifest", self.manifest)
        try:
            path = parse_resource_path(tail)
        except Exception:
            return web.json_response({"err": "not found"}, status=404, headers=_CORS)
        self.requests.append(path)
        return await self._answer(request, path.resource, self._content(path))

    def _content(self, path: ResourcePath) -> Item | None:
        match path.resource:
            case "catalog":
                items = self.catalogs.get((path.type, path.id), self.catalogs.get(path.id))
                return None if items is None else {"metas": self._page(items, path)}
            case "meta":
                meta = self.metas.get(path.id)
                return None if meta is None else {"meta": meta}
            case "stream":
                return {"streams": self.streams.get(path.id, [])}
            case "subtitles":
                return {"subtitles": self.subtitles.get(path.id, [])}
            case "addon_catalog":
                return {"addons": self.addon_catalogs.get(path.id, [])}
        return None

    def _page(self, items: list[Item], path: ResourcePath) -> list[Item]:
        extra = dict(path.extra)
        if "genre" in extra:
            items = [item for item in items if extra["genre"] in item.get("genres", [])]
        if "search" in extra:
            items = [item for item in items if extra["search"].lower() in item["name"].lower()]
        skip = int(extra.get("skip", "0")) if self.skips else 0
        return items[skip : skip + self.page_size]

    async def _answer(self, request: web.Request, resource: str, content: Item | None) -> web.StreamResponse:
        self.calls[resource] += 1
        behaviour = self.behaviours.get(resource) or self.behaviours.get("*") or Behaviour()
        if behaviour.hold is not None:
            await behaviour.hold.wait()
        if behaviour.delay_s:
            await asyncio.sleep(behaviour.delay_s)
        if content is None and behaviour.body is None and behaviour.status == 200:
            return web.json_response({"err": "not found"}, status=404, headers=_CORS)
        body = behaviour.body
        if body is None:
            body = orjson.dumps((content or {}) | behaviour.fields)
        if behaviour.cut:
            return await _cut(request, behaviour.cut, body)
        headers = {"Content-Type": "application/json"} | _CORS | behaviour.headers
        return web.Response(body=body, status=behaviour.status, headers=headers)


async def _cut(request: web.Request, how: str, body: bytes) -> web.StreamResponse:
    """Ends the answer the way a broken server does."""
    if how == "silent":
        await asyncio.Event().wait()
    response = web.StreamResponse(headers={"Content-Type": "application/json"} | _CORS)
    if how == "reset":
        response.content_length = len(body)
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        while how == "endless":
            await response.write(_ENDLESS_CHUNK)
    if request.transport is not None:
        request.transport.abort()
    return response


def _default_manifest(catalogs: Mapping[str | tuple[str, str], list[Item]]) -> Item:
    rows = [catalog(key) if isinstance(key, str) else catalog(key[1], key[0]) for key in catalogs]
    return manifest(catalogs=rows)
