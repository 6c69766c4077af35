"""A running catalog service, asked as the gateway asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from libs.common.clock import Clock, SystemClock
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.client import RawAnswer, ServiceClient
from libs.common.contracts.rows import RowName, RowView
from libs.common.deadline import Deadline
from libs.common.identity import Identity, IdentitySigner
from libs.common.serve import start_site
from services.catalog.app import create_app
from services.catalog.settings import Settings
from tests.fakes.settings import SECRET
from tests.tables import put_tables

OWNER = Identity("account-1", "profile-1", "free", ("owner",))
OTHER_PROFILE = Identity("account-1", "profile-2", "free", ("owner",))
OTHER_ACCOUNT = Identity("account-2", "profile-1", "free", ())


class Catalog:
    """One service process' worth of catalog, as one account sees it."""

    def __init__(self, service: ServiceClient, address: str, clock: Clock, app: web.Application) -> None:
        self.service = service
        self.address = address
        self.app = app
        self.client = CatalogClient(service)
        self.clock = clock

    async def forget_the_demo(self) -> None:
        """Nearly every test wants the lists of all three to be empty."""
        for identity in (OWNER, OTHER_PROFILE, OTHER_ACCOUNT):
            listed = await self.get("/api/v1/addons", identity=identity)
            if [each["builtin"] for each in listed["items"]] == [True]:
                await self.send("DELETE", f"/api/v1/addons/{listed['items'][0]['id']}", identity=identity)

    @property
    def deadline(self) -> Deadline:
        return Deadline.after(self.clock, 30)

    async def send(
        self, method: str, path: str, body: object = None, *, identity: Identity = OWNER
    ) -> RawAnswer:
        """Any call; the caller judges status and body."""
        content = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"}
        return await self.service.raw(
            method, path, identity=identity, deadline=self.deadline, headers=headers, body=content
        )

    async def get(self, path: str, *, identity: Identity = OWNER) -> Any:
        answer = await self.send("GET", path, identity=identity)
        assert answer.status == 200, answer.body
        return msgspec.json.decode(answer.body)

    async def add(self, url: str, *, identity: Identity = OWNER) -> Any:
        answer = await self.send("POST", "/api/v1/addons", {"url": url}, identity=identity)
        assert answer.status == 201, answer.body
        return msgspec.json.decode(answer.body)

    async def problem(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Status and code of a call that is refused."""
        answer = await self.send(method, path, body)
        assert answer.headers["Content-Type"] == "application/problem+json", answer.body
        return answer.status, msgspec.json.decode(answer.body)["code"]

    async def ask(self, tail: str, *, identity: Identity = OWNER) -> RawAnswer:
        """A question as the Stremio face puts it."""
        return await self.send("GET", f"/internal/stremio/{tail}", identity=identity.as_service())

    async def manifest(self, *, identity: Identity = OWNER) -> Any:
        return msgspec.json.decode((await self.ask("manifest.json", identity=identity)).body)

    async def row(self, name: str) -> str:
        """`type/id` of the merged row of that name."""
        rows = (await self.manifest())["catalogs"]
        return next(f"{row['type']}/{row['id']}" for row in rows if row["name"] == name)

    async def items(self, tail: str) -> list[str]:
        """The ids of a page."""
        answer = await self.ask(tail)
        assert answer.status == 200, answer.body
        return [item["id"] for item in msgspec.json.decode(answer.body)["metas"]]


def name_of(row: RowView) -> RowName:
    return RowName(row.type, row.id, row.kind)


@asynccontextmanager
async def running_catalog(
    tmp_path: Path, *, clock: Clock | None = None, **variables: str
) -> AsyncIterator[Catalog]:
    """A service on a free port with data below `tmp_path`, for owners who have removed the demo."""
    async with new_catalog(tmp_path, clock=clock, **variables) as catalog:
        await catalog.forget_the_demo()
        yield catalog


@asynccontextmanager
async def new_catalog(
    tmp_path: Path, *, clock: Clock | None = None, **variables: str
) -> AsyncIterator[Catalog]:
    """The same as everybody finds it who was never there."""
    clock = clock if clock is not None else SystemClock()
    environment = {
        "HEADGATE_DATA_DIR": str(tmp_path),
        "HEADGATE_SECRET_KEY": SECRET,
        "HEADGATE_ALLOW_PRIVATE_UPSTREAMS": "true",
        # What is not asked for would be counted with what is.
        "HEADGATE_WARM_UP_S": "0",
        **variables,
    }
    settings = Settings.from_env(environment)
    if not settings.common.database_url and not (file := tmp_path / "catalog.db").exists():
        put_tables("catalog", file)
    app = create_app(settings, clock=clock)
    running = await start_site(app, "127.0.0.1:0", shutdown_s=1)
    signer = IdentitySigner(settings.common.secret_key, clock)
    try:
        address = f"http://127.0.0.1:{running.port}"
        async with ServiceClient.connected("catalog", address, signer=signer) as service:
            yield Catalog(service, address, clock, app)
    finally:
        await running.aclose()
