"""Rows handed over as sync does, at an account that a fake panel has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from libs.common.contracts.handover import (
    CategoryRow,
    CategoryRows,
    EpisodeRow,
    HandoverClient,
    ItemRow,
    ProgrammeRow,
    RowKind,
    RunFinished,
)
from libs.common.contracts.library import ItemKind
from libs.titles.folding import fold
from tests.catalog.hub import OWNER, Catalog

RUN = "run-1"


def item_row(panel_id: int, name: str, **changes: Any) -> ItemRow:
    row = ItemRow(
        panel_id=panel_id,
        hash=panel_id,
        name=name,
        title=name,
        sort=fold(name),
        year=None,
        rating=None,
        added=0,
        categories=(),
        language="",
        genres=(),
        tmdb=None,
        imdb=None,
        guide_id="",
        icon="",
        extension="mkv",
        words=fold(name),
        more="",
    )
    return msgspec.structs.replace(row, **changes)


class Handed:
    """One account and what it is handed."""

    def __init__(self, catalog: Catalog, provider: str) -> None:
        self._catalog = catalog
        self._client = HandoverClient(catalog.service)
        self.provider = provider

    @classmethod
    async def begun(cls, catalog: Catalog, path: str, body: object) -> Handed:
        """`path` is where accounts of that kind are added."""
        answer = await catalog.send("POST", path, body, identity=OWNER)
        assert answer.status == 201, answer.body
        handed = cls(catalog, msgspec.json.decode(answer.body)["id"])
        await handed.begin()
        return handed

    async def begin(self) -> None:
        """Again after the end of the run before."""
        await self._client.begin(self.provider, RUN, deadline=self._catalog.deadline)

    async def categories(self, kind: ItemKind, *names: str) -> None:
        rows = CategoryRows(tuple(CategoryRow(name, name) for name in names))
        await self._client.put_categories(self.provider, kind, RUN, rows, deadline=self._catalog.deadline)

    async def rows(self, kind: RowKind, *rows: ItemRow | EpisodeRow | ProgrammeRow) -> None:
        async def lines() -> AsyncIterator[bytes]:
            yield msgspec.json.encode(rows) + b"\n"

        await self._client.put_rows(self.provider, kind, RUN, lines(), deadline=self._catalog.deadline)

    async def finish(self, *, has_guide: bool = False) -> None:
        finished = RunFinished(is_whole=True, has_guide=has_guide)
        await self._client.finish(self.provider, RUN, finished, deadline=self._catalog.deadline)
