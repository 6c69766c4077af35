"""Pages of films, as they are asked for and what is in them."""

from __future__ import annotations

from typing import Any

import msgspec

from libs.common.contracts.library import ItemPage, ItemQuery
from services.catalog.library.browse import Browse
from services.catalog.library_model import number_of
from services.catalog.model import Owner

OWNER = Owner("account", "profile")
QUERY = ItemQuery()


def asked(**values: Any) -> ItemQuery:
    return msgspec.structs.replace(QUERY, **values)


def titles(page: ItemPage) -> list[str]:
    return [item.title for item in page.items]


async def found(browse: Browse, owner: Owner = OWNER, **values: Any) -> list[str]:
    return titles(await browse.page(owner, "movies", asked(**values)))


async def every_page(browse: Browse, query: ItemQuery) -> list[ItemPage]:
    pages = [await browse.page(OWNER, "movies", query)]
    while (cursor := pages[-1].next_cursor) is not None:
        pages.append(await browse.page(OWNER, "movies", msgspec.structs.replace(query, cursor=cursor)))
    return pages


def number_in(public: str) -> int:
    number = number_of(public)
    assert number is not None
    return number
