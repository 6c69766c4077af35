"""A sync service that takes files, on both engines, with a streaming service behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.imports import ImportsClient, ImportView
from libs.common.deadline import Deadline
from libs.common.identity import Identity, IdentitySigner
from libs.common.secrets import SecretKey
from libs.common.serve import start_site
from services.sync.app import create_app
from services.sync.settings import Settings
from tests.streaming.hub import SECRET, Streaming, streaming
from tests.streaming.viewing.conftest import Viewer
from tests.waiting import until

ADA = Identity("a1", "p1", "free", ("owner",))
BEN = Identity("a1", "p2", "free", ("owner",))
"""Another profile of the same account."""
EVA = Identity("a2", "p3", "free", ("member",))


@dataclass
class Bringing:
    service: Streaming
    sync: ServiceClient

    @property
    def client(self) -> ImportsClient:
        return ImportsClient(self.sync)

    def within(self) -> Deadline:
        return Deadline.after(SystemClock(), 60)

    async def bring(self, file: bytes, identity: Identity = ADA) -> ImportView:
        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(file), 65_536):
                yield file[start : start + 65_536]

        return await self.client.send(identity, pieces(), deadline=self.within())

    async def applied(self, id_: str, identity: Identity = ADA) -> ImportView:
        await self.client.apply(identity, id_, deadline=self.within())
        return await self.ended(id_, "applied", identity)

    async def undone(self, id_: str, identity: Identity = ADA) -> ImportView:
        await self.client.undo(identity, id_, deadline=self.within())
        return await self.ended(id_, "undone", identity)

    async def ended(self, id_: str, state: str, identity: Identity = ADA) -> ImportView:
        async def is_there() -> bool:
            return (await self.client.get(identity, id_, deadline=self.within())).state == state

        await until(is_there)
        return await self.client.get(identity, id_, deadline=self.within())

    def viewer(self, identity: Identity = ADA) -> Viewer:
        return Viewer(self.service, identity)


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[Bringing]:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(streaming(tmp_path))
        catalog = await start_site(service.catalog.app(), "127.0.0.1:0", shutdown_s=0.1)
        stack.push_async_callback(catalog.aclose)
        address = f"http://127.0.0.1:{catalog.port}"
        environment = {
            "HEADGATE_DATABASE_URL": "" if database_url.startswith("sqlite") else database_url,
            "HEADGATE_DATA_DIR": str(tmp_path),
            "HEADGATE_SECRET_KEY": SECRET,
            "HEADGATE_CATALOG_URL": address,
            "HEADGATE_AUTH_URL": address,
            "HEADGATE_STREAMING_URL": f"http://127.0.0.1:{service.running.port}",
        }
        running = await start_site(create_app(Settings.from_env(environment)), "127.0.0.1:0", shutdown_s=1)
        stack.push_async_callback(running.aclose)
        signer = IdentitySigner(SecretKey.from_text(SECRET), SystemClock())
        where = f"http://127.0.0.1:{running.port}"
        sync = await stack.enter_async_context(ServiceClient.connected("sync", where, signer=signer))
        yield Bringing(service, sync)
