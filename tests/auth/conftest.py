"""The real auth app on both engines, asked through the client that the gateway uses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from libs.common.contracts.accounts import AccountsClient, NewAccount, Role, Tier
from libs.common.contracts.auth import Account, AuthClient, LoginRequest, LoginResult
from libs.common.contracts.client import ServiceClient
from libs.common.db import Database, open_database
from libs.common.deadline import Deadline
from libs.common.identity import Identity, IdentitySigner
from libs.common.serve import start_site
from services.auth.app import create_app
from services.auth.passwords import Cost
from services.auth.settings import Settings
from tests.fakes.clock import ManualClock

NAME = "Ada"
PASSWORD = "a long enough password"
CHEAP = Cost(memory_kib=64, passes=1)
"""What a password costs is looked at where passwords are; everywhere else it would only take its time."""


@dataclass(frozen=True)
class Auth:
    """One running auth service. `db` looks into its tables."""

    client: AuthClient
    accounts: AccountsClient
    db: Database
    clock: ManualClock
    address: str
    signer: IdentitySigner

    @property
    def deadline(self) -> Deadline:
        return Deadline.after(self.clock, 30)

    async def set_up(self) -> Account:
        return await self.client.setup(NAME, PASSWORD, deadline=self.deadline)

    async def login(
        self, username: str = NAME, password: str = PASSWORD, *, kind: str = "api", address: str = "192.0.2.1"
    ) -> LoginResult:
        request = LoginRequest(
            username=username,
            password=password,
            kind="web" if kind == "web" else "api",
            client_address=address,
        )
        return await self.client.login(request, deadline=self.deadline)

    async def owner(self) -> Identity:
        """The owner, made and signed in by a browser."""
        await self.set_up()
        return await self.signed_in()

    async def member(self, username: str = "Bob", *, role: Role = "member", tier: Tier = "free") -> Identity:
        """Somebody the owner made an account for, signed in by a browser; the owner has to be there."""
        owner = await self.signed_in()
        wanted = NewAccount(username=username, password=PASSWORD, role=role, tier=tier)
        await self.accounts.create_account(owner, wanted, deadline=self.deadline)
        return await self.signed_in(username)

    async def signed_in(self, username: str = NAME, password: str = PASSWORD) -> Identity:
        result = await self.login(username, password, kind="web")
        assert result.session_token is not None
        resolved = await self.client.resolve("sessions", result.session_token, deadline=self.deadline)
        assert resolved.identity is not None
        return resolved.identity

    async def status(self, method: str, path: str, identity: Identity, body: object) -> int:
        """Of what the client's types would not let through."""
        service = self.client.service
        answer = await service.raw(
            method,
            path,
            identity=identity,
            deadline=self.deadline,
            headers={"Content-Type": "application/json"},
            body=msgspec.json.encode(body),
        )
        return answer.status

    async def lives(self, identity: Identity) -> bool:
        """Whether the page session that proved this identity still does."""
        rows = await self.db.fetch_all("SELECT id FROM sessions WHERE id = :id", id=identity.session_id)
        return bool(rows)

    async def audited(self) -> list[str]:
        rows = await self.db.fetch_all("SELECT action FROM audit_log ORDER BY at, id")
        return [str(row["action"]) for row in rows]


Start = Callable[..., Awaitable[Auth]]


@pytest.fixture
def tables_of() -> str:
    return "auth"


@pytest.fixture
async def start(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Start]:
    """Starts replicas of auth on one database."""
    async with AsyncExitStack() as stack:

        async def start_one(secret_key: str = "k" * 32, **more: str) -> Auth:
            settings = Settings.from_env(
                {
                    "HEADGATE_DATA_DIR": str(tmp_path),
                    "HEADGATE_DATABASE_URL": "" if database_url.startswith("sqlite") else database_url,
                    "HEADGATE_SECRET_KEY": secret_key,
                    **more,
                }
            )
            app = create_app(settings, clock=clock, password_cost=CHEAP)
            running = await start_site(app, "127.0.0.1:0")
            stack.push_async_callback(running.aclose)
            signer = IdentitySigner(settings.common.secret_key, clock)
            address = f"http://127.0.0.1:{running.port}"
            service = await stack.enter_async_context(ServiceClient.connected("auth", address, signer=signer))
            url = settings.common.database_url_for("auth")
            db = await open_database(url, schema="auth", clock=clock)
            stack.push_async_callback(db.aclose)
            return Auth(AuthClient(service), AccountsClient(service), db, clock, address, signer)

        yield start_one


@pytest.fixture
async def auth(start: Start) -> Auth:
    return await start()
