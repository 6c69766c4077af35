"""What catalog says about entries that are the same title, and what owners may say about it."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote, urlencode

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity


class FoundEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as an addon lists it. It is not `shown` where a row further up has its title."""

    type: str
    id: str
    name: str
    addon_id: str
    addon_name: str
    row_id: str
    shown: bool


class FoundTitle(msgspec.Struct, frozen=True, kw_only=True):
    """Entries that are one title. `title_id` is an IMDb id where one is known."""

    title_id: str
    type: str
    entries: tuple[FoundEntry, ...]


class WhyFact(msgspec.Struct, frozen=True, kw_only=True):
    """Two values that were compared, in the form they were compared; `says` is same, near or different."""

    what: str
    one: str
    other: str
    says: str


class WhyLink(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about two entries: a stable `rule`, a sentence for people, a score from 0 to 1."""

    one: str
    other: str
    same: bool
    rule: str
    detail: str
    score: float
    facts: tuple[WhyFact, ...] = ()


class TitleWhy(msgspec.Struct, frozen=True, kw_only=True):
    """`together` ties the entries of the title; `apart` are namesakes that are something else."""

    title_id: str
    type: str
    entries: tuple[FoundEntry, ...]
    together: tuple[WhyLink, ...]
    apart: tuple[WhyLink, ...]


class TitleChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Two entries of one type that the owner of the profile says are the same title, or are not."""

    type: str
    one: str
    other: str
    same: bool
    chosen_at: datetime


class TitleChoices(msgspec.Struct, frozen=True):
    items: tuple[TitleChoice, ...]
    next_cursor: str | None = None


class NewTitleChoice(msgspec.Struct, frozen=True):
    same: bool


class TitlesClient:
    """Typed calls to the catalog service about which entries are one title."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def why(
        self, identity: Identity, query: str, type_: str, title_id: str, *, deadline: Deadline
    ) -> TitleWhy:
        """About the entry as a search for `query` finds it."""
        asked = urlencode({"q": query, "type": type_, "id": title_id})
        return await self._service.call(
            "GET", f"/api/v1/search/why?{asked}", identity=identity, deadline=deadline, into=TitleWhy
        )

    async def choices(self, identity: Identity, *, deadline: Deadline) -> TitleChoices:
        """Everything the owner of the profile said, in the order it was said."""
        return await self._service.call(
            "GET", "/api/v1/titles/choices", identity=identity, deadline=deadline, into=TitleChoices
        )

    async def choose(
        self, identity: Identity, type_: str, one: str, other: str, *, same: bool, deadline: Deadline
    ) -> TitleChoice:
        return await self._service.call(
            "PUT",
            _pair(type_, one, other),
            identity=identity,
            deadline=deadline,
            body=NewTitleChoice(same),
            into=TitleChoice,
        )

    async def take_back(
        self, identity: Identity, type_: str, one: str, other: str, *, deadline: Deadline
    ) -> None:
        await self._service.call(
            "DELETE", _pair(type_, one, other), identity=identity, deadline=deadline, into=type(None)
        )


def _pair(type_: str, one: str, other: str) -> str:
    kind, title, second = (quote(part, safe="") for part in (type_, one, other))
    return f"/api/v1/titles/{kind}/{title}/choices/{second}"
