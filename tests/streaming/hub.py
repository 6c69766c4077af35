"""The streaming service over real HTTP, between addons with behaviour and a catalog that lists them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from libs.common.clock import Clock, SystemClock
from libs.common.contracts.addon_health import HealthObservation, HealthReport
from libs.common.contracts.auth import Resolved, TokenToResolve
from libs.common.contracts.catalog import AddonSource, AddonSources, TitlePage
from libs.common.contracts.client import RawAnswer, ServiceClient
from libs.common.contracts.names import KNOWN_AS, Called, IdsAsked, IdsKnown, NamesAsked, NamesKnown
from libs.common.contracts.names import PATH as NAMES
from libs.common.contracts.playing import PREFIX as PLAYABLE
from libs.common.contracts.playing import Playable, PlayableQuery
from libs.common.contracts.streaming import StreamingClient, StreamsPage
from libs.common.contracts.sync import Job, NewJob
from libs.common.contracts.tmdb import TmdbFound, TmdbFoundPage, TmdbIds, TmdbTitle
from libs.common.deadline import Deadline
from libs.common.identity import HEADER, Identity, IdentitySigner
from libs.common.secrets import SecretKey
from libs.common.serve import Running, start_site
from libs.protocols.stremio.paths import parse_resource_path
from services.catalog.demo import TRANSPORT_URL, DemoAddon
from services.streaming.app import create_app
from services.streaming.settings import Settings
from tests.fakes.addon import FakeAddon

SECRET = "a secret key for tests, long enough to be taken"
OWNER = Identity(account_id="a1", profile_id="p1", tier="free", roles=("owner",))


class FakeCatalog:
    """What streaming asks of catalog: an account's addons, the demo, and an ear for health; of auth, in
    `proofs`, and of sync."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._signer = IdentitySigner(SecretKey.from_text(SECRET), clock or SystemClock())
        self.titles: dict[str, dict[str, Any]] = {}
        self.titles_asked: list[str] = []
        self.sources: list[AddonSource] = []
        self.observations: list[HealthObservation] = []
        self.asked_by: list[str] = []
        self.status = 200
        self.playable: dict[tuple[str, str, str, int], Playable] = {}
        self.playable_asked: list[PlayableQuery] = []
        self.proofs: dict[str, Identity] = {}
        self.proofs_status = 200
        self.names: dict[str, str] = {}
        self.called: dict[str, Called] = {}
        self.jobs: list[tuple[str, NewJob]] = []
        self.connected = {"trakt"}
        self.known_as: dict[str, str] = {}
        self.known_as_asked: list[tuple[str, ...]] = []
        self.tmdb: dict[str, int] = {}
        self.has_tmdb_key = True
        self._demo = DemoAddon.load()

    def add(self, addon: FakeAddon, name: str | None = None) -> None:
        manifest = msgspec.json.encode(addon.manifest)
        self._add(addon.manifest["id"], name or addon.manifest["name"], addon.manifest_url, manifest)

    def add_demo(self) -> None:
        self._add("demo", "Public domain films", TRANSPORT_URL, self._demo.manifest_bytes())

    def _add(self, id_: str, name: str, url: str, manifest: bytes) -> None:
        self.sources.append(
            AddonSource(id=id_, key=id_[-4:], name=name, transport_url=url, manifest=msgspec.Raw(manifest))
        )

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/internal/catalog/addons", self._addons)
        app.router.add_post("/internal/catalog/health", self._health)
        app.router.add_get("/internal/catalog/demo/{tail:.*}", self._answer_demo)
        app.router.add_get(PLAYABLE + "/{kind}/{item}", self._tell_playable)
        app.router.add_post(NAMES, self._match_names)
        app.router.add_post(KNOWN_AS, self._know_as)
        app.router.add_post("/api/v1/sync/jobs", self._start_job)
        app.router.add_get(NAMES + "/{id}", self._tell_called)
        app.router.add_get("/api/v1/tmdb/titles/{type}/{title_id}", self._tell_tmdb)
        app.router.add_get("/api/v1/tmdb/search", self._search_tmdb)
        app.router.add_post("/internal/auth/{kind}/resolve", self._resolve)
        app.router.add_get("/api/v1/titles/{type}/{id}", self._title)
        return app

    async def _resolve(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=TokenToResolve)
        identity = self.proofs.get(f"{request.match_info['kind']} {asked.token}")
        return web.Response(status=self.proofs_status, body=msgspec.json.encode(Resolved(identity)))

    async def _tell_called(self, request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(self.called.get(request.match_info["id"], Called())))

    async def _start_job(self, request: web.Request) -> web.Response:
        identity = self._signer.verify(request.headers[HEADER])
        new = msgspec.json.decode(await request.read(), type=NewJob)
        if new.kind not in self.connected:
            if new.kind == "stremio":
                return web.Response(status=409, body=b'{"code":"stremio_not_connected"}')
            return web.Response(status=404, body=b'{"code":"connection_not_found"}')
        self.jobs.append((identity.profile_id, new))
        job = Job(
            id=f"{new.kind}1",
            kind=new.kind,
            mode=new.mode,
            state="queued",
            phase="",
            progress=0,
            counts={},
            error=None,
            created_at=datetime.now(UTC),
            started_at=None,
            finished_at=None,
        )
        return web.Response(status=202, body=msgspec.json.encode(job))

    async def _know_as(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=IdsAsked)
        self.known_as_asked.append(asked.ids)
        if self.status != 200:
            return web.Response(status=self.status)
        known = {id_: self.known_as[id_] for id_ in asked.ids if id_ in self.known_as}
        return web.Response(body=msgspec.json.encode(IdsKnown(known)))

    async def _match_names(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=NamesAsked)
        known = NamesKnown(tuple(self.names.get(one.title) for one in asked.items))
        return web.Response(body=msgspec.json.encode(known))

    async def _tell_tmdb(self, request: web.Request) -> web.Response:
        if not self.has_tmdb_key:
            return web.Response(status=409, body=b'{"code":"tmdb_key_missing"}')
        number = self.tmdb.get(request.match_info["title_id"])
        if number is None:
            return web.Response(status=404, body=b'{"code":"tmdb_title_not_found"}')
        ids = TmdbIds(tmdb=f"tmdb:{number}")
        title = TmdbTitle(meta=msgspec.Raw(b"{}"), ids=ids, posters={}, backgrounds={})
        return web.Response(body=msgspec.json.encode(title))

    async def _search_tmdb(self, request: web.Request) -> web.Response:
        if not self.has_tmdb_key:
            return web.Response(status=409, body=b'{"code":"tmdb_key_missing"}')
        words = request.query["q"]
        found = TmdbFound(id="tmdb:19", type="movie", name=words, original_name=words, year=1927)
        return web.Response(body=msgspec.json.encode(TmdbFoundPage(items=(found,))))

    async def _ready(self, _request: web.Request) -> web.Response:
        return web.Response(status=self.status)

    async def _title(self, request: web.Request) -> web.Response:
        """Of the account that asks: another's addons may know other titles."""
        identity = self._signer.verify(request.headers[HEADER])
        self.titles_asked.append(f"{identity.account_id} {request.match_info['id']}")
        meta = self.titles.get(request.match_info["id"])
        if meta is None or self.status != 200:
            status = 404 if self.status == 200 else self.status
            return web.Response(status=status, body=b'{"code":"title_not_found"}')
        page = TitlePage(meta=msgspec.Raw(msgspec.json.encode(meta)), addon_id="a", addon_name="A")
        return web.Response(body=msgspec.json.encode(page))

    async def _addons(self, request: web.Request) -> web.Response:
        identity = self._signer.verify(request.headers[HEADER])
        assert "service" in identity.roles
        self.asked_by.append(identity.account_id)
        if self.status != 200:
            return web.Response(status=self.status, body=b'{"code":"unavailable"}')
        return web.Response(body=msgspec.json.encode(AddonSources(tuple(self.sources))))

    async def _tell_playable(self, request: web.Request) -> web.Response:
        identity = self._signer.verify(request.headers[HEADER])
        assert "service" in identity.roles
        self.playable_asked.append(
            PlayableQuery(
                extension=request.query["extension"],
                start=int(request.query["start"]),
                duration_s=int(request.query["duration_s"]),
            )
        )
        kind, item = request.match_info["kind"], int(request.match_info["item"])
        found = self.playable.get((identity.account_id, identity.profile_id, kind, item))
        if found is None:
            return web.Response(
                status=404, body=b'{"code":"item_not_found","detail":"There is no such item."}'
            )
        return web.Response(body=msgspec.json.encode(found))

    async def _health(self, request: web.Request) -> web.Response:
        report = msgspec.json.decode(await request.read(), type=HealthReport)
        self.observations.extend(report.observations)
        return web.Response(status=204)

    async def _answer_demo(self, request: web.Request) -> web.Response:
        tail = request.raw_path.removeprefix("/internal/catalog/demo/")
        body = self._demo.answer(parse_resource_path(tail))
        return web.Response(status=404) if body is None else web.Response(body=body)


@dataclass
class Streaming:
    """A running service and what its callers see of it."""

    catalog: FakeCatalog
    client: ServiceClient
    running: Running
    identity: Identity = field(default_factory=lambda: OWNER)

    async def ask(self, tail: str, *, identity: Identity | None = None) -> RawAnswer:
        """The Stremio face: `tail` is a raw path such as `stream/movie/tt1.json`."""
        asking = (identity or self.identity).as_service()
        return await self.raw(f"/internal/stremio/{tail}", identity=asking)

    async def urls(self, tail: str = "stream/movie/tt1.json") -> list[str]:
        return [item["url"] for item in self.body(await self.ask(tail))["streams"]]

    async def page(self, type_: str, video_id: str) -> StreamsPage:
        return await StreamingClient(self.client).streams(
            self.identity, type_, video_id, deadline=_deadline()
        )

    async def raw(self, path: str, *, identity: Identity, deadline: Deadline | None = None) -> RawAnswer:
        return await self.client.raw("GET", path, identity=identity, deadline=deadline or _deadline())

    @staticmethod
    def body(answer: RawAnswer) -> dict[str, Any]:
        decoded: dict[str, Any] = msgspec.json.decode(answer.body)
        return decoded


@asynccontextmanager
async def streaming(tmp_path: Path, clock: Clock | None = None, **variables: str) -> AsyncIterator[Streaming]:
    catalog = FakeCatalog(clock)
    catalog_site = await start_site(catalog.app(), "127.0.0.1:0")
    environment = {
        "HEADGATE_SECRET_KEY": SECRET,
        "HEADGATE_DATA_DIR": str(tmp_path),
        "HEADGATE_AUTH_URL": f"http://127.0.0.1:{catalog_site.port}",
        "HEADGATE_SYNC_URL": f"http://127.0.0.1:{catalog_site.port}",
        "HEADGATE_CATALOG_URL": f"http://127.0.0.1:{catalog_site.port}",
        "HEADGATE_ALLOW_PRIVATE_UPSTREAMS": "true",
        **variables,
    }
    running = await start_site(
        create_app(Settings.from_env(environment), clock=clock), "127.0.0.1:0", shutdown_s=1
    )
    signer = IdentitySigner(SecretKey.from_text(SECRET), clock or SystemClock())
    address = f"http://127.0.0.1:{running.port}"
    try:
        async with ServiceClient.connected("streaming", address, signer=signer) as client:
            yield Streaming(catalog, client, running)
    finally:
        await running.aclose()
        await catalog_site.aclose()


def _deadline() -> Deadline:
    return Deadline.after(SystemClock(), 30)
