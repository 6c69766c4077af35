"""Titles of IMDb and rows of providers, put straight into the tables."""

from __future__ import annotations

from typing import Any

from libs.common.clock import Clock
from libs.common.db import Database
from services.catalog.library.reading import reading_of
from services.catalog.library_model import Provider
from services.catalog.matching.keeping import Keeping
from services.catalog.matching.named import TitleNames
from services.catalog.matching.review import Reviews
from services.catalog.matching.run import Matching
from services.catalog.model import Owner
from services.catalog.store.imdb_names import ImdbNameStore
from services.catalog.store.library.matches import MatchStore
from services.catalog.store.library.postings import postings_of
from services.catalog.store.library.providers import ProviderStore
from services.catalog.store.match_choices import MatchChoiceStore

OWNER = Owner("account-1", "profile-1")
OTHER_PROFILE = Owner("account-1", "profile-2")
RUN = "run-1"
MOVIE, SERIES = 2, 3


class Library:
    """A catalog's tables with what matching stands on."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.db = database
        self.names = ImdbNameStore(database)
        self.matches = MatchStore(database)
        self.choices = MatchChoiceStore(database)
        self.providers = ProviderStore(database)
        self.titles = TitleNames(self.names, clock)
        self.matching = Matching(database, self.matches, self.names, self.choices, self.providers)
        self.keeping = Keeping(
            self.titles,
            self.matching,
            made=self.names,
            matches=self.matches,
            providers=self.providers,
            clock=clock,
        )
        self.reviews = Reviews(
            database,
            reading_of(database, clock).browse,
            self.matching,
            matches=self.matches,
            names=self.names,
            choices=self.choices,
            clock=clock,
        )
        self._imports = 0
        self._items = 0

    async def imported(
        self, *titles: tuple[int, str, int, int], type_: str = "movie", original: str = ""
    ) -> None:
        """Number, name, year and votes; names are made of them."""
        await self.put_titles(*titles, type_=type_, original=original)
        await self.import_ended()
        while await self.titles.step():
            pass

    async def put_titles(
        self, *titles: tuple[int, str, int, int], type_: str = "movie", original: str = ""
    ) -> None:
        await self.db.insert_rows(
            "imdb_titles",
            ("id", "type", "name", "original_name", "year", "genres", "adult"),
            [(id_, type_, name, original, year, "", False) for id_, name, year, _ in titles],
        )
        await self.db.insert_rows(
            "imdb_ratings", ("id", "tenths", "votes"), [(id_, 70, votes) for id_, _, _, votes in titles]
        )

    async def import_ended(self) -> None:
        self._imports += 1
        for name in ("titles", "ratings"):
            await self.db.execute(
                "INSERT INTO imdb_sets (name, etag, rows, imported_at, staging, staged_rows)"
                " VALUES (:name, '', 0, :at, '', 0) ON CONFLICT (name) DO UPDATE SET imported_at = :at",
                name=name,
                at=self._imports,
            )

    async def provider(self, number: int = 1, owner: Owner = OWNER, *, run: str = RUN) -> Provider:
        await self.db.execute(
            "INSERT INTO library_providers (number, id, account_id, profile_id, kind, sealed, address_hash,"
            " created_at, run) VALUES (:number, :id, :account, :profile, 'xtream', :sealed, :id, 0, :run)",
            number=number,
            id=f"provider-{number}",
            account=owner.account_id,
            profile=owner.profile_id,
            sealed=b"sealed",
            run=run,
        )
        found = await self.providers.get(f"provider-{number}")
        assert found is not None
        return found

    async def listed(self, title: str, year: int | None = None, **columns: Any) -> int:
        """The item's id. Columns are those of the table."""
        self._items += 1
        row: dict[str, Any] = {
            "id": self._items,
            "provider": 1,
            "kind": MOVIE,
            "panel_id": 1000 + self._items,
            "hash": self._items,
            "name": title,
            "title": title,
            "sort": title.lower(),
            "year": year,
            "added": 0,
            "category": 0,
            "language": 0,
            "genres": 0,
            "words": "",
            "more": "",
        } | columns
        async with self.db.transaction() as tx:
            await tx.insert_rows("library_items", tuple(row), [tuple(row.values())])
            await postings_of(self.db.dialect).put(tx, [row["id"]])
        return int(row["id"])

    async def match(self, provider: Provider, *, run: str = RUN) -> None:
        while (await self.matching.step(provider, run, limit=3)).left:
            pass

    async def of(self, item: int) -> tuple[int | None, str]:
        """What an item is taken for, and why."""
        row = await self.db.fetch_one(
            "SELECT match_imdb, match_rule FROM library_items WHERE id = :id", id=item
        )
        assert row is not None
        return row["match_imdb"], row["match_rule"]
