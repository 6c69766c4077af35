"""What asks Trakt in one process, as often as a test wants: on one database, with one fake of Trakt."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from libs.common.clock import Clock
from libs.common.db import Database, open_database
from libs.common.deadline import Deadline
from libs.common.http import Fetcher, Guard, make_session
from libs.common.secrets import SecretBox, SecretKey
from libs.common.tasks import Tasks
from libs.protocols.trakt.app import TraktApp
from libs.protocols.trakt.auth import TraktAuth
from libs.protocols.trakt.wire import Tokens
from services.sync.model import Owner
from services.sync.store.budgets import BudgetStore
from services.sync.store.connections import Connection, ConnectionStore
from services.sync.store.trakt_codes import Code, CodeStore
from services.sync.trakt.access import Access
from services.sync.trakt.budget import Budget
from services.sync.trakt.device import SignIns
from services.sync.trakt.sealing import Sealing
from services.sync.trakt.tokens import TokenKeeper
from tests.fakes.settings import SECRET
from tests.fakes.trakt import FakeTrakt, Person

ADA = Owner("account-1", "profile-1")
BEN = Owner("account-1", "profile-2")
APP = TraktApp("client-1", "secret-1")


@dataclass
class Replica:
    clock: Clock
    database: Database
    store: ConnectionStore
    codes: CodeStore
    budget: Budget
    sealing: Sealing
    keeper: TokenKeeper
    access: Access
    sign_ins: SignIns
    signed_in: list[Connection] = field(default_factory=list)

    async def held(self, owner: Owner = ADA) -> Connection:
        found = await self.store.of(owner)
        assert found is not None
        return found

    async def begin(self, owner: Owner = ADA) -> Connection:
        """A code that waits to be entered."""
        assert await self.sign_ins.begin(owner, APP, deadline=Deadline.after(self.clock, 10))
        return await self.held(owner)

    async def connect(self, trakt: FakeTrakt, person: Person, owner: Owner = ADA) -> Connection:
        """As if a code had been entered; without a call of Trakt's."""
        now = int(self.clock.time() * 1000)
        code = Code(
            sealed=self.sealing.seal_code(owner, "device"),
            user_code="CODE",
            verification_url="https://trakt.tv/activate",
            ends_at=now + 600_000,
            poll_every_ms=5_000,
            poll_at=now + 5_000,
        )
        assert await self.codes.begin(f"c-{owner.profile_id}", owner, self.sealing.seal_app(owner, APP), code)
        await self.renew(trakt, person, owner)
        held = await self.held(owner)
        await self.store.name(held, person.name, person.name.title())
        return await self.held(owner)

    async def spend(self, owner: Owner = ADA) -> Connection:
        """The tokens have ended."""
        held = await self.held(owner)
        await self.database.execute(
            "UPDATE trakt_connections SET refresh_at = 0, ends_at = 0 WHERE id = :id", id=held.id
        )
        return await self.held(owner)

    async def renew(self, trakt: FakeTrakt, person: Person, owner: Owner = ADA) -> None:
        """New tokens for a code."""
        pair = trakt.sign_in(person)
        tokens = Tokens(
            access_token=pair.access,
            refresh_token=pair.refresh,
            expires_in=int(pair.ends_at - pair.created_at),
            created_at=int(pair.created_at),
        )
        held = await self.held(owner)
        kept = self.keeper.kept(held, tokens)
        assert await self.codes.signed_in(held, kept, at=int(self.clock.time() * 1000))


@asynccontextmanager
async def replica(database_url: str, trakt: FakeTrakt, clock: Clock) -> AsyncIterator[Replica]:
    async with AsyncExitStack() as stack:
        database = await open_database(database_url, schema="sync", clock=clock)
        stack.push_async_callback(database.aclose)
        guard = Guard(allow_private=True)
        session = await stack.enter_async_context(make_session(guard=guard))
        fetcher, tasks = Fetcher(session, guard, clock), Tasks()
        stack.push_async_callback(tasks.aclose)
        store, sealing = ConnectionStore(database), Sealing(SecretBox(SecretKey.from_text(SECRET)))
        auth, budget = TraktAuth(fetcher, trakt.url), Budget(BudgetStore(database), clock)
        keeper = TokenKeeper(store, auth, sealing, tasks=tasks, clock=clock)
        access = Access(store, keeper, budget, sealing, fetcher, base_url=trakt.url, clock=clock)
        told = list[Connection]()

        async def signed_in(held: Connection) -> None:
            told.append(held)

        codes = CodeStore(database)
        sign_ins = SignIns(codes, auth, keeper, sealing, clock=clock, signed_in=signed_in)
        yield Replica(clock, database, store, codes, budget, sealing, keeper, access, sign_ins, told)
