"""Names of films and series, and which titles of IMDb they mean: what streaming asks catalog about files."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.deadline import Deadline

PATH: Final = "/internal/catalog/names"
MOST_NAMES: Final = 250
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


class NamesClient:
    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def known(self, names: NamesAsked, *, deadline: Deadline) -> NamesKnown:
        return await self._service.call(
            "POST", PATH, identity=SERVICE, deadline=deadline, body=names, into=NamesKnown
        )
