"""A library with rows in it, put there by the stores that a run writes with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from libs.common.contracts.library import ItemKind
from libs.common.db import Database
from libs.titles.folding import fold
from services.catalog.library_model import KINDS, public_id
from services.catalog.model import Owner
from services.catalog.store.library import programme_words
from services.catalog.store.library.categories import CategoryStore
from services.catalog.store.library.counts import Counted, Counts, CountStore
from services.catalog.store.library.items import COLUMNS, ItemStore
from services.catalog.store.library.numbers import take_numbers
from services.catalog.store.library.words import WordStore


@dataclass(frozen=True, kw_only=True)
class Row:
    """One that a provider lists. Categories and terms by name."""

    title: str
    year: int | None = None
    rating: int | None = None
    added: int = 0
    categories: tuple[str, ...] = ()
    language: str = ""
    genres: tuple[str, ...] = ()
    guide_id: str = ""
    imdb: int | None = None
    words: str = ""
    more: Mapping[str, object] = field(default_factory=dict)


class Filler:
    """Fills one database. Ids are public ones."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._panel_id = 0
        self._counts = CountStore(database)
        self._categories = CategoryStore(database)

    async def provider(self, owner: Owner, id_: str) -> int:
        row = await self.database.fetch_one(
            "INSERT INTO library_providers (id, account_id, profile_id, kind, name, host, sealed,"
            " address_hash, created_at) VALUES (:id, :account, :profile, 'xtream', :id, 'panel.example',"
            " :sealed, :id, 1) RETURNING number",
            id=id_,
            account=owner.account_id,
            profile=owner.profile_id,
            sealed=b"sealed",
        )
        assert row is not None
        return int(row["number"])

    async def put(self, provider: int, kind: ItemKind, *rows: Row) -> list[str]:
        number = KINDS[kind]
        categories = await self._named(provider, number, [name for row in rows for name in row.categories])
        languages = await self._terms("language", [row.language for row in rows if row.language])
        genres = await self._terms("genre", [name for row in rows for name in row.genres])
        counts, words = Counts(), Counter[str]()
        async with self.database.transaction() as tx:
            ids = await take_numbers(tx, "item", len(rows))
            records = []
            for id_, row in zip(ids, rows, strict=True):
                first, *others = [categories[name] for name in row.categories] or [0]
                self._panel_id += 1
                sort = fold(row.title)
                mask = sum(1 << genres[name] for name in dict.fromkeys(row.genres))
                language = languages.get(row.language, 0)
                values = dict.fromkeys(COLUMNS) | {
                    "id": id_,
                    "provider": provider,
                    "kind": number,
                    "panel_id": self._panel_id,
                    "hash": self._panel_id,
                    "name": row.title and f"EN - {row.title}",
                    "title": row.title,
                    "sort": sort,
                    "year": row.year,
                    "rating": row.rating,
                    "added": row.added,
                    "category": first,
                    "language": language,
                    "genres": mask,
                    "guide_id": row.guide_id,
                    "icon": "",
                    "extension": "mkv",
                    "words": " ".join(dict.fromkeys(f"{sort} {fold(row.words)}".split())),
                    "more": msgspec.json.encode(row.more).decode() if row.more else "",
                }
                records.append(tuple(values[name] for name in COLUMNS))
                words.update(str(values["words"]).split())
                counts.add([Counted(row.year, row.rating, first, language, mask)], 1)
                counts.others.update(others)
                await self._categories.put_others(tx, [(other, id_) for other in others])
            await ItemStore(self.database).add(tx, records)
            await self._counts.add(tx, provider, number, counts)
            await tx.execute_many(
                "UPDATE library_items SET match_imdb = :imdb WHERE id = :id",
                [{"imdb": row.imdb, "id": id_} for id_, row in zip(ids, rows, strict=True) if row.imdb],
            )
            await tx.execute(
                "UPDATE library_providers SET revision = revision + 1 WHERE number = :number", number=provider
            )
        await WordStore(self.database).add(words)
        return [public_id(id_) for id_ in ids]

    async def guide(self, provider: int, guide_id: str, *programmes: tuple[int, int, str]) -> None:
        """Start, stop and title of each."""
        await self.database.insert_rows(
            "library_programmes",
            ("provider", "guide_id", "start", "stop", "hash", "title", "categories", "sort"),
            [
                (provider, guide_id, start, stop, start, title, "", fold(title))
                for start, stop, title in programmes
            ],
        )
        titles = [fold(title) for _, _, title in programmes]
        async with self.database.transaction() as tx:
            await programme_words.add(tx, self.database.dialect, provider, titles)

    async def remove(self, public: str) -> None:
        await self.database.execute("DELETE FROM library_items WHERE id = :id", id=int(public[3:]))

    async def _named(self, provider: int, kind: int, names: Sequence[str]) -> dict[str, int]:
        held = await self._categories.of(provider, kind)
        new = [name for name in dict.fromkeys(names) if name not in held]
        async with self.database.transaction() as tx:
            named = [(name, name, len(held) + place) for place, name in enumerate(new)]
            await self._categories.add(tx, provider, kind, named)
        return {name: each.id for name, each in (await self._categories.of(provider, kind)).items()}

    async def _terms(self, facet: str, names: Sequence[str]) -> dict[str, int]:
        return dict(await self._counts.terms(facet, list(dict.fromkeys(names)))) if names else {}
