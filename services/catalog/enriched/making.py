"""How an answer is made: what addons say, put together, with what the hub knows put in."""

from __future__ import annotations

from libs.common.deadline import Deadline
from libs.protocols.stremio.paths import Extra
from services.catalog.aggregate import RowPage, Title
from services.catalog.listing import Listing
from services.catalog.metadata.answers import CompletedAnswers
from services.catalog.metadata.pictures import Pictures
from services.catalog.rated.answers import RatedAnswers
from services.catalog.rows.row import AnyRow
from services.catalog.rows.several import RowPages


class Making:
    """Step by step, each looking at what the owner of the listing chose. Keeps nothing.

    `texts` is for players: what they have no other place for goes into names and descriptions.
    """

    def __init__(
        self, rows: RowPages, completed: CompletedAnswers, rated: RatedAnswers, pictures: Pictures
    ) -> None:
        self._rows = rows
        self._completed = completed
        self._rated = rated
        self._pictures = pictures

    async def page(
        self, row: AnyRow, extra: Extra, listing: Listing, *, texts: bool, deadline: Deadline
    ) -> RowPage:
        page = await self._rows.page(row, extra, choices=listing.titles, deadline=deadline)
        return self._pictures.page(await self._rated.page(page, listing.ratings, texts=texts))

    async def title(
        self, listing: Listing, type_: str, id_: str, *, texts: bool, deadline: Deadline
    ) -> Title:
        title = await self._completed.title(listing, type_, id_, deadline=deadline)
        return self._pictures.title(await self._rated.title(title, listing.ratings, texts=texts))
