"""The library on the home page: what it has, and whether one of its accounts needs a look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from libs.common.contracts.library import ItemKind, ProviderView
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import LIBRARY
from services.gateway.pages.library.words import KIND_WORDS
from services.gateway.pages.parts import lacks_part

STRIP_WAIT_S: Final = 0.8
"""The strip is not worth more of anybody's time; the page comes without it."""


@dataclass(frozen=True, slots=True)
class Strip:
    """`counts` are of what there is; `outdated` and `waiting` are accounts that need somebody."""

    names: str
    counts: tuple[tuple[ItemKind, int], ...]
    outdated: tuple[ProviderView, ...]
    waiting: tuple[ProviderView, ...]


async def library_strip(request: web.Request, identity: Identity) -> Strip | None:
    """None without any account, and when nobody could be asked in time."""
    deadline = deadline_of(request).sooner(STRIP_WAIT_S)
    try:
        providers = (await request.app[LIBRARY].providers(identity, deadline=deadline)).items
    except HeadgateError:
        lacks_part()
        return None
    if not providers:
        return None
    totals = ((kind, sum(getattr(provider.totals, kind) for provider in providers)) for kind in KIND_WORDS)
    return Strip(
        ", ".join(provider.name for provider in providers),
        tuple((kind, number) for kind, number in totals if number),
        tuple(provider for provider in providers if provider.is_outdated),
        tuple(provider for provider in providers if provider.synced_at is None),
    )
