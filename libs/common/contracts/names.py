"""Names and ids of films and series, and which titles of IMDb they mean: what streaming asks catalog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal
from urllib.parse import quote

import msgspec

from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.deadline import Deadline

PATH: Final = "/internal/catalog/names"
KNOWN_AS: Final = "/internal/catalog/known-as"
MOST_NAMES: Final = 250
"""Of one question."""
MOST_IDS: Final = 500
"""Of one question."""
MAX_NAME_CHARS: Final = 300


class NameAsked(msgspec.Struct, frozen=True):
    """A name without what else stands in the name of a file."""

    type: Literal["movie", "series"]
    title: Annotated[str, msgspec.Meta(max_length=MAX_NAME_CHARS)]
    year: Annotated[int, msgspec.Meta(ge=0, le=9999)] | None = None


class NamesAsked(msgspec.Struct, frozen=True):
    items: Annotated[tuple[NameAsked, ...], msgspec.Meta(max_length=MOST_NAMES)]


class NamesKnown(msgspec.Struct, frozen=True):
    """In the order of the question: the id of a title where it is sure, else null."""

    items: tuple[str | None, ...]


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """What a title is called, its original name among them; nothing where IMDb's data aren't there."""

    names: tuple[str, ...] = ()
    year: int | None = None


class IdsAsked(msgspec.Struct, frozen=True):
    ids: Annotated[tuple[str, ...], msgspec.Meta(max_length=MOST_IDS)]


class IdsKnown(msgspec.Struct, frozen=True):
    """Ids of IMDb by the ids that were asked about, of those whose title is sure."""

    known: dict[str, str]


class NamesClient:
    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def known(self, names: NamesAsked, *, deadline: Deadline) -> NamesKnown:
        return await self._service.call(
            "POST", PATH, identity=SERVICE, deadline=deadline, body=names, into=NamesKnown
        )

    async def called(self, title_id: str, *, deadline: Deadline) -> Called:
        """Of a title of IMDb, by its id."""
        return await self._service.call(
            "GET", f"{PATH}/{quote(title_id, safe='')}", identity=SERVICE, deadline=deadline, into=Called
        )

    async def known_as(self, ids: Sequence[str], *, deadline: Deadline) -> dict[str, str]:
        """By which ids of IMDb titles are known that have ids of other systems; at most MOST_IDS."""
        found = await self._service.call(
            "POST",
            KNOWN_AS,
            identity=SERVICE,
            deadline=deadline,
            body=IdsAsked(tuple(ids)),
            into=IdsKnown,
        )
        return found.known
