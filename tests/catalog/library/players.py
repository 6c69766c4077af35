"""A library of two accounts as IPTV players are listed it, on either engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from libs.common.clock import Clock
from libs.common.contracts.players import Player
from libs.common.db import Database
from libs.common.db import Row as StoredRow
from libs.common.deadline import Deadline
from libs.common.tasks import Tasks
from services.catalog.library.details import Details
from services.catalog.library.face_packing import unpacked
from services.catalog.library.face_players import Players
from services.catalog.library_model import Detailed
from services.catalog.model import Owner
from tests.catalog.library.filled import Filler, Row
from tests.fakes.clock import START, ManualClock

OWNER = Owner("account-1", "profile-1")
OTHER = Owner("account-1", "profile-2")
PLAYER = Player("http://hub.example:8080", "ada-kids", "abcdefgh2345")
NOW = int(START)
DAY_S = 86_400

ARCHIVED = Row(
    title="News One",
    added=1_600_000_000,
    categories=("News", "All of it"),
    guide_id="news.one",
    more={"number": 7, "archive_days": 3},
)
RADIO = Row(title="Radio", categories=("Radio",), more={"number": 8, "is_radio": True})
NAMELESS = Row(title="24", categories=())
FILM = Row(
    title="The Lobster",
    year=2015,
    rating=71,
    added=1_600_000_001,
    categories=("2015",),
    more={"is_adult": True},
)
BARE = Row(title="300", categories=("2015",))
SERIES = Row(
    title="Dark",
    year=2017,
    rating=87,
    added=1_600_000_002,
    categories=("Series DE",),
    genres=("Crime", "Drama"),
    more={"plot": "Who & when?", "cast": "A, B", "duration_s": 3000, "backdrop": "http://img/b.jpg"},
)


class Told(Details):
    """Details that stand, instead of a panel's."""

    def __init__(self) -> None:
        self.detailed = Detailed()

    async def of_series(self, owner: Owner, item: int, *, deadline: Deadline) -> Detailed:
        return self.detailed

    async def of_movie(self, owner: Owner, item: int, *, deadline: Deadline) -> Detailed:
        return self.detailed


@dataclass
class Library:
    """What was put there, and what players are answered of it."""

    database: Database
    fill: Filler
    players: Players
    told: Told
    ids: dict[str, int] = field(default_factory=dict)

    async def listed(self, kind: int, category: int | None = None, *, owner: Owner = OWNER) -> list[Any]:
        pieces = [unpacked(piece) async for piece in self.players.face.listed(owner, kind, category)]
        listed: list[Any] = msgspec.json.decode(b"".join(pieces))
        return listed

    async def names(self, kind: int, category: int | None = None, *, owner: Owner = OWNER) -> list[str]:
        return [
            item["title" if "title" in item else "name"]
            for item in await self.listed(kind, category, owner=owner)
        ]

    async def categories(self, kind: int, *, owner: Owner = OWNER) -> dict[str, str]:
        found = await self.players.face.categories(owner, kind)
        return {one.category_name: one.category_id for one in found}

    async def choose(self, table: str, column: str, number: int, *, owner: Owner = OWNER) -> None:
        await self.database.execute(
            f"INSERT INTO {table} (account_id, profile_id, {column}, at)"
            " VALUES (:account, :profile, :number, 1)",
            account=owner.account_id,
            profile=owner.profile_id,
            number=number,
        )

    async def like(self, name: str, *, owner: Owner = OWNER) -> None:
        await self.choose("library_favourites", "item", self.ids[name], owner=owner)

    async def hide(self, category: str, *, owner: Owner = OWNER) -> None:
        await self.choose("library_hidden_categories", "category", int(category), owner=owner)

    async def pieces(self) -> list[StoredRow]:
        """What is kept of lists."""
        return await self.database.fetch_all("SELECT kind, category, state FROM library_player_pieces")

    async def put(self, provider: int, kind: Any, *rows: Row) -> None:
        for row, id_ in zip(rows, await self.fill.put(provider, kind, *rows), strict=True):
            self.ids[row.title] = int(id_.removeprefix("hg:"))
        await self.database.execute(
            "UPDATE library_providers SET run_number = run_number + 1 WHERE number = :number", number=provider
        )


@asynccontextmanager
async def library_of(database: Database, clock: Clock | None = None) -> AsyncIterator[Library]:
    clock = clock or ManualClock()
    tasks, told = Tasks(), Told()
    players = Players.made(database, told, clock=clock, tasks=tasks)
    yield Library(database, Filler(database), players, told)
    await tasks.aclose()


async def fill(library: Library) -> int:
    """One account with some of everything; its number."""
    provider = await library.fill.provider(OWNER, "Panel A")
    await library.put(provider, "channels", ARCHIVED, RADIO, NAMELESS)
    await library.put(provider, "movies", FILM, BARE)
    await library.put(provider, "series", SERIES)
    await library.fill.guide(
        provider,
        "news.one",
        (NOW - 2 * DAY_S, NOW - 2 * DAY_S + 3600, "Two days ago"),
        (NOW - 600, NOW + 600, "Now: <on>"),
        (NOW + 600, NOW + 1800, "Next"),
        (NOW + 1800, NOW + 3600, "Later"),
    )
    await library.fill.guide(provider, "not.seen", (NOW, NOW + 60, "Nobody's"))
    return provider
