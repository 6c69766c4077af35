"""Details of a fake panel's titles, asked for as the service does, on a clock that leaps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from libs.addons.addon import AddressHash
from libs.common.contracts.library import NewXtreamAccount
from libs.common.db import Database
from libs.common.deadline import Deadline
from libs.common.http import Fetcher, Guard, make_session
from libs.common.metrics import Metrics
from libs.common.ratelimit import MemoryEngine
from libs.common.resilience import Upstreams
from libs.common.secrets import SecretBox, SecretKey
from libs.common.tasks import Tasks
from services.catalog.library.details import Details
from services.catalog.library.providers import Providers
from services.catalog.library_graph import PANEL_LIMITS
from services.catalog.library_model import KINDS, Provider
from services.catalog.model import Owner
from services.catalog.sources.panel import Panels
from services.catalog.store.library.items import COLUMNS, ItemStore
from services.catalog.store.library.numbers import take_numbers
from services.catalog.store.library.providers import ProviderStore
from tests.fakes.clock import ManualClock
from tests.fakes.panel.panel import FakePanel
from tests.fakes.panel.rows import Kind
from tests.fakes.settings import SECRET

OWNER = Owner("account", "profile")


class LeapingClock(ManualClock):
    """Nobody waits: time goes on as far as whoever sleeps wants."""

    async def sleep(self, delay_s: float) -> None:
        self.advance(max(0.0, delay_s))


@dataclass
class Asking:
    database: Database
    panel: FakePanel
    clock: LeapingClock
    providers: Providers
    details: Details

    @property
    def deadline(self) -> Deadline:
        return Deadline.after(self.clock, 3600)

    async def account(self, owner: Owner = OWNER, *, username: str = "u1") -> Provider:
        new = NewXtreamAccount(url=self.panel.url, username=username, password="p1")
        return await self.providers.add_xtream(owner, new, deadline=self.deadline)

    async def shelve(self, provider: Provider, kind: Kind, *panel_ids: int, added: int = 0) -> list[int]:
        """Rows as a list of the panel's leaves them, without what only details tell."""
        number = {"live": KINDS["channels"], "vod": KINDS["movies"], "series": KINDS["series"]}[kind]
        async with self.database.transaction() as tx:
            ids = list(await take_numbers(tx, "item", len(panel_ids)))
            blank = dict.fromkeys(COLUMNS, "") | dict.fromkeys(
                ("year", "rating", "tmdb", "imdb", "sealed_url")
            )
            blank |= dict.fromkeys(("category", "language", "genres", "hash"), 0)
            records = [
                tuple(
                    (
                        blank
                        | {
                            "id": id_,
                            "provider": provider.number,
                            "kind": number,
                            "panel_id": panel_id,
                            "added": added,
                            "name": f"Title {panel_id}",
                        }
                    )[name]
                    for name in COLUMNS
                )
                for id_, panel_id in zip(ids, panel_ids, strict=True)
            ]
            await ItemStore(self.database).add(tx, records)
        return ids

    async def touch(self, item: int, added: int) -> None:
        """As a list does that says the series has changed."""
        await self.database.execute(
            "UPDATE library_items SET added = :added WHERE id = :item", added=added, item=item
        )


@asynccontextmanager
async def asking_of(database: Database, panel: FakePanel, clock: LeapingClock) -> AsyncIterator[Asking]:
    guard = Guard(allow_private=True)
    box, store, tasks = SecretBox(SecretKey.from_text(SECRET)), ProviderStore(database), Tasks()
    async with make_session(guard=guard) as session:
        panels = Panels(
            Fetcher(session, guard, clock),
            Upstreams(clock=clock, metrics=Metrics("catalog"), settings=PANEL_LIMITS),
            MemoryEngine(clock),
            clock,
            hop_name="here",
        )
        providers = Providers(
            store,
            panels,
            box=box,
            address_hash=AddressHash(SecretKey.from_text(SECRET)),
            clock=clock,
            max_providers=20,
        )
        details = Details(database, store, panels, opened=providers.opened, tasks=tasks, clock=clock)
        yield Asking(database, panel, clock, providers, details)
        await tasks.aclose()
