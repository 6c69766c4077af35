"""An Xtream panel over real HTTP on 127.0.0.1.

async with FakePanel(Library(films=1000)) as panel:
    panel.fail("truncated_json", "get_vod_streams", times=1)
    … ask below panel.url as "u1" with "p1" …
    assert panel.calls["get_vod_streams"] == 2
    panel.library = panel.library.evolved(seed=1)
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from aiohttp import web

from libs.common.clock import Clock
from tests.fakes.clock import ManualClock
from tests.fakes.panel import details, guide, kept, streams
from tests.fakes.panel.accounts import REFUSALS, Account
from tests.fakes.panel.answers import Answer, joined, json, json_rows, plain, send
from tests.fakes.panel.asking import CATEGORIES, LISTS, STREAM, TOLD, Asked, number, understood
from tests.fakes.panel.faults import Fault, Faults, gzipped
from tests.fakes.panel.generator import Library
from tests.fakes.panel.rows import Kind, Row

REMEMBERED = 10_000


class FakePanel:
    """Everything public can be changed while it runs. `prefix` is the path that the panel is below.

    `refuses_by` is one of REFUSALS; `catch_up_forms` how it takes the start of a catch-up; `playlists` is
    whether get.php is on; `guide_gzip` whether xmltv.php sends gzip without saying so; `media` is sent for
    streams of an extension in place of made-up bytes; `pace_s` passes between two parts of an answer;
    `kept_in` is where `kept.write` has put whole lists.
    """

    def __init__(
        self,
        library: Library | None = None,
        *accounts: Account,
        clock: Clock | None = None,
        zone: str = "Europe/London",
        prefix: str = "",
    ) -> None:
        self.library = library or Library()
        self.accounts = {account.username: account for account in accounts or (Account(),)}
        self.clock: Clock = clock or ManualClock()
        self.usual_zone = zone
        self.prefix = prefix
        self.refuses_by = "auth0_min"
        self.catch_up_forms: tuple[str, ...] = streams.START_FORMS
        self.playlists = True
        self.guide_days = 2
        self.guide_gzip = False
        self.guide_entities = False
        self.is_xui = False
        self.pace_s = 0.0
        self.kept_in: Path | None = None
        self.media: dict[str, bytes] = {}
        self.calls: Counter[str] = Counter()
        self.asked: deque[Asked] = deque(maxlen=REMEMBERED)
        self.replayed: deque[streams.Replayed] = deque(maxlen=REMEMBERED)
        self.open_streams: Counter[str] = Counter()
        self.faults = Faults(self.clock)
        self._pause: asyncio.Event | None = None
        self._runners: list[web.AppRunner] = []
        self.port = 0
        self.edge_port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    @property
    def edge_url(self) -> str:
        """The other host that `redirect_302` leads to."""
        return f"http://127.0.0.1:{self.edge_port}{self.prefix}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.faults.zone(self.usual_zone))

    def fail(self, name: str, action: str = "*", **options: Any) -> Fault:
        """Switch on a fault by its name; `options` as `Fault` has them."""
        return self.faults.add(name, action, **options)

    def heal(self, name: str = "") -> None:
        self.faults.lift(name)

    def hold_streams(self) -> asyncio.Event:
        """Live streams go on, and count as connections, until the event is set or their client leaves."""
        self._pause = asyncio.Event()
        return self._pause

    async def __aenter__(self) -> Self:
        self.port = await self._listen(self.port, is_edge=False)
        self.edge_port = await self._listen(self.edge_port, is_edge=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Connections are refused from now on; entering again takes the same ports."""
        for fault in self.faults.on:
            fault.release.set()
        if self._pause is not None:
            self._pause.set()
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()

    async def _listen(self, port: int, *, is_edge: bool) -> int:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(request, is_edge)

        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        self._runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        return site.port

    async def _handle(self, request: web.Request, is_edge: bool) -> web.StreamResponse:
        raw_path = request.raw_path.partition("?")[0]
        if not raw_path.startswith(f"{self.prefix}/"):
            return web.Response(status=404)
        parts = [unquote(part) for part in raw_path.removeprefix(f"{self.prefix}/").split("/")]
        params = dict(request.query)
        if request.method == "POST":
            params |= {name: str(value) for name, value in (await request.post()).items()}
        asked, password, stream = understood(parts, params, request)
        asked = replace(asked, is_at_edge=is_edge)
        self.calls[asked.action] += 1
        self.asked.append(asked)
        if asked.action == STREAM and stream is None:
            return web.Response(status=404)
        answer = self._answer(asked, password, stream, request)
        at_edge = f"http://127.0.0.1:{self.edge_port}{request.raw_path}"
        answer.pace_s = self.pace_s
        answer = await self.faults.on_the_way(asked, answer, at_edge)
        self.open_streams[asked.username] += stream is not None
        try:
            return await send(request, answer)
        finally:
            self.open_streams[asked.username] -= stream is not None

    def _answer(
        self, asked: Asked, password: str, stream: streams.StreamPath | None, request: web.Request
    ) -> Answer:
        if refused := self.faults.refused(asked):
            return refused
        account, now = self.accounts.get(asked.username), self.clock.time()
        if account is not None and account.password == password and self.faults.is_expired(asked.action):
            account = replace(account, status="Expired")
        if account is None or account.password != password or account.status_at(now) != "Active":
            if stream is not None:
                return plain(b"", 401)
            is_known = account is not None and account.password == password
            return REFUSALS[self._manner(is_known)](account if is_known else None, now)
        if stream is not None:
            return self._stream(account, stream, request)
        return self._content(account, asked)

    def _manner(self, is_known: bool) -> str:
        """An account that is over is told so by panels that answer a stranger with as little as they can."""
        return "auth0_status" if is_known and self.refuses_by == "auth0_min" else self.refuses_by

    def _content(self, account: Account, asked: Asked) -> Answer:
        action = asked.action
        if action in CATEGORIES:
            listed: Iterator[Row] = iter(self.library.category_rows(CATEGORIES[action]))
            return json_rows(self.faults.rows(action, listed))
        if action in LISTS:
            return self._list(action, asked.params)
        if action in TOLD:
            return json(self.faults.told(action, self._told(action, asked.params)))
        if action == "get.php":
            return self._playlist(account, asked.params)
        if action == "xmltv.php":
            return self._guide()
        answer = self._account_info(account)
        if action == "panel_api.php":
            answer |= self._legacy()
        return json(self.faults.told(action, answer))

    def _list(self, action: str, params: dict[str, str]) -> Answer:
        kind = LISTS[action]
        rows = _slice(self.library, kind, params.get("category_id") or None, params)
        spoiled = self.faults.rows(action, rows)
        if self.kept_in is not None and spoiled is rows and not params:
            return Answer(kept.chunks(self.kept_in, self.library, kind))
        return json_rows(spoiled)

    def _told(self, action: str, params: dict[str, str]) -> Any:
        if action == "get_vod_info":
            return details.vod_info(self.library, number(params, "vod_id"))
        if action == "get_series_info":
            return details.series_info(self.library, number(params, "series_id"))
        wanted = params.get("stream_id", "")
        if "," in wanted or "multi" in params:
            ids = [int(one) for one in wanted.split(",") if one.isdigit()]
            return {"epg_listings": {str(one): self._listings(action, one, params) for one in ids}}
        listed = self._listings(action, number(params, "stream_id"), params)
        return listed if action == "get_epg" else {"epg_listings": listed}

    def _listings(self, action: str, stream_id: int, params: dict[str, str]) -> list[Row]:
        channel = self.library.row("live", stream_id)
        if channel is None:
            return []
        now = int(self.clock.time())
        if action == "get_short_epg":
            return guide.short(channel, now, self.zone, number(params, "limit") or guide.SHORT_LIMIT)
        listed = guide.table(channel, now, self.zone)
        if action == "get_epg" and params.get("from_now", "0") not in ("", "0"):
            return [row for row in listed if int(row["stop_timestamp"]) > now]
        return listed

    def _account_info(self, account: Account) -> Row:
        now = int(self.clock.time())
        info = {
            "url": "127.0.0.1",
            "port": str(self.port),
            "https_port": "",
            "server_protocol": "http",
            "rtmp_port": "8001",
            "timezone": self.zone.key,
            "timestamp_now": now,
            "time_now": guide.local(now, self.zone),
            "process": not self.is_xui,
        }
        if self.is_xui:
            info |= {"xui": True, "version": "1.5.12", "revision": 2}
        told = account.told(now, self.open_streams[account.username])
        if self.is_xui:
            told["active_cons"] = self.open_streams[account.username]
        return {"user_info": told, "server_info": info}

    def _legacy(self) -> Row:
        """What panel_api.php tells at once; the whole library in memory, as panels did it."""
        named: dict[str, Kind] = {"live": "live", "movie": "vod", "series": "series"}
        groups = {name: self.library.category_rows(kind) for name, kind in named.items()}
        rows = [*self.library.rows("live"), *self.library.rows("vod")]
        return {"categories": groups, "available_channels": {str(row["stream_id"]): row for row in rows}}

    def _playlist(self, account: Account, params: dict[str, str]) -> Answer:
        if not self.playlists:
            return plain(b"", 403)
        extension = {"m3u8": "m3u8", "hls": "m3u8"}.get(params.get("output", ""), "ts")
        wanted = params.get("key", "live,movie,series").split(",")
        chunks = guide.m3u(
            self.library,
            self.url,
            f"{quote(account.username, safe='')}/{quote(account.password, safe='')}",
            plus=params.get("type", "m3u") == "m3u_plus",
            live_extension=extension,
            kinds=frozenset(wanted),
        )
        name = f'attachment; filename="tv_channels_{account.username}.m3u"'
        return Answer(joined(chunks), content_type="audio/x-mpegurl", headers={"Content-Disposition": name})

    def _guide(self) -> Answer:
        now = int(self.clock.time())
        chunks = guide.xmltv(
            self.library, now, self.zone, days=self.guide_days, html_entities=self.guide_entities
        )
        chunks = gzipped(chunks) if self.guide_gzip else joined(chunks)
        return Answer(chunks, content_type="text/xml; charset=utf-8")

    def _stream(self, account: Account, stream: streams.StreamPath, request: web.Request) -> Answer:
        if refused := streams.refusal(self.library, account, stream):
            return refused
        if self.open_streams[account.username] >= account.max_connections:
            return plain(b"", 403)
        extension = stream.extension
        if extension in self.media or stream.what in ("movie", "series"):
            body = self.media.get(extension) or streams.film_bytes(stream.stream_id)
            return streams.whole_or_part(body, extension, request.headers.get("Range"))
        if stream.what == "timeshift":
            at = streams.starts_at(stream.start, self.zone, self.catch_up_forms)
            if at is None or not stream.minutes.isdigit() or not self._is_kept(stream.stream_id, at):
                return plain(b"", 404)
            self.replayed.append(streams.Replayed(stream.stream_id, at, int(stream.minutes)))
        return streams.live(stream, self._pause)

    def _is_kept(self, stream_id: int, at: int) -> bool:
        channel = self.library.row("live", stream_id)
        now = self.clock.time()
        return channel is not None and now - int(channel["tv_archive_duration"]) * guide.DAY_S <= at < now


def _slice(library: Library, kind: Kind, category_id: str | None, params: dict[str, str]) -> Iterator[Row]:
    """Whoever pages gets a part of the whole list, and of that part the rows of the category."""
    count = number(params, "params[items_per_page]")
    if not count:
        return library.rows(kind, category_id)
    first = number(params, "params[offset]")
    part = islice(library.rows(kind), first, first + count)
    return (row for row in part if category_id in (None, row["category_id"]))
