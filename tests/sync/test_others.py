"""What one profile has, no other profile and no other account gets at by its id: every address is tried."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity, IdentitySigner
from libs.common.serve import start_site
from services.sync.app import create_app
from services.sync.routes import ENDPOINTS
from services.sync.settings import Settings
from tests.fakes.settings import SECRET
from tests.owned_rows import Tables, Whose
from tests.sync.conftest import FakeCatalog

ANN: Final = Whose("ann", "p1", 901)
OF_HER_ACCOUNT: Final = Whose("ann", "", 902)
MOVES: Final = "/api/v1/me/import/"
"""What another hub exported is an account's."""
NOT_ANN: Final = {
    "her other profile": Identity("ann", "p2", "free"),
    "another account": Identity("bob", "p1", "free"),
    "the owner of the hub": Identity("eve", "p1", "free", ("owner",)),
}
BY_ID: Final = sorted(
    (endpoint.method, endpoint.path)
    for endpoint in ENDPOINTS
    if endpoint.path.startswith("/api/v1/") and "{id}" in endpoint.path and "/sync/jobs/" not in endpoint.path
)
"""Jobs are another matter: whoever runs the hub sees them all."""
DROPPED: Final = ("DELETE", "/api/v1/connections/trakt/outgoing/{id}")


@pytest.fixture
async def client(database_url: str, tmp_path: Path, catalog: FakeCatalog) -> AsyncIterator[ServiceClient]:
    settings = Settings.from_env(
        {
            "HEADGATE_DATABASE_URL": "" if database_url.startswith("sqlite") else database_url,
            "HEADGATE_DATA_DIR": str(tmp_path),
            "HEADGATE_SECRET_KEY": SECRET,
            "HEADGATE_CATALOG_URL": catalog.address,
        }
    )
    running = await start_site(create_app(settings), "127.0.0.1:0", shutdown_s=0.5)
    signer = IdentitySigner(settings.common.secret_key, SystemClock())
    async with ServiceClient.connected("sync", f"http://127.0.0.1:{running.port}", signer=signer) as client:
        yield client
    await running.aclose()


async def test_nobody_else_gets_at_it_by_its_id(client: ServiceClient, database_url: str) -> None:
    tables = Tables(database_url, "sync")
    await tables.put(ANN, OF_HER_ACCOUNT, state="dead")
    before = await tables.of(ANN)

    async def status(method: str, path: str, identity: Identity) -> int:
        id_ = OF_HER_ACCOUNT.text if path.startswith(MOVES) else ANN.text
        address = path.replace("{id}", str(ANN.number) if "/outgoing/" in path else id_)
        deadline = Deadline.after(SystemClock(), 30)
        return (await client.raw(method, address, identity=identity, deadline=deadline)).status

    for who, identity in NOT_ANN.items():
        for method, path in BY_ID:
            if path.startswith(MOVES) and identity.account_id == ANN.account_id:
                continue
            assert await status(method, path, identity) == 404, f"{who}: {method} {path}"
    assert await tables.of(ANN) == before
    own = Identity(ANN.account_id, ANN.profile_id, "free")
    # Where something is sent again, there is nothing left to drop.
    tried = [(method, path) for method, path in reversed(BY_ID) if (method, path) != DROPPED]
    assert [path for method, path in tried if await status(method, path, own) == 404] == []
