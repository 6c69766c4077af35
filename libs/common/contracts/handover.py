"""How what a provider has gets from sync to catalog.

Catalog tells which entries it holds by the hashes that sync made of them; only others travel, as lines of
JSON that each are an array of rows, and are written as they come. What was not met again goes at the end,
unless that were too much at once. Every call of a run names it: a later run ends it.
"""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.contracts.handover_rows import (
    CATEGORY_CHARS,
    CategoryKind,
    CategoryRow,
    EpisodeRow,
    ItemRow,
    ProgrammeRow,
    RowKind,
    packed,
    unpacked,
)
from libs.common.contracts.library import ProviderKind, ProviderStatus
from libs.common.contracts.problems import error_from_problem
from libs.common.deadline import Deadline

__all__ = [
    "CATEGORY_CHARS",
    "CategoryKind",
    "CategoryRow",
    "CategoryRows",
    "EpisodeRow",
    "GoneCounts",
    "HandoverClient",
    "HandoverCounts",
    "ItemRow",
    "ProgrammeRow",
    "ProviderAccess",
    "ProviderRef",
    "ProviderRefs",
    "ProviderState",
    "RowKind",
    "RunFinished",
    "StepDone",
    "packed",
    "unpacked",
]

T = TypeVar("T")

PREFIX = "/internal/catalog/library/providers"
LINE_BYTES = 4 * 1024 * 1024
"""Longest line taken."""


class ProviderRef(msgspec.Struct, frozen=True, kw_only=True):
    """An account at a provider, for who plans work. Times are epoch milliseconds."""

    number: int
    id: str
    account_id: str
    profile_id: str
    kind: ProviderKind
    first_sync: bool
    synced_at: int | None


class ProviderRefs(msgspec.Struct, frozen=True):
    items: tuple[ProviderRef, ...]


class ProviderAccess(msgspec.Struct, frozen=True, kw_only=True):
    """How to ask a provider. `url` is a panel's base or a list's whole address."""

    id: str
    kind: ProviderKind
    name: str
    url: str
    username: str = ""
    password: str = ""
    guide_url: str = ""
    user_agent: str = ""
    zone: str = ""

    def __repr__(self) -> str:
        return f"ProviderAccess(id={self.id!r}, kind={self.kind!r}, credentials hidden)"


class ProviderState(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says about the account. `expires_at` is in epoch seconds."""

    status: ProviderStatus
    problem: str = ""
    expires_at: int | None = None
    max_connections: int | None = None
    formats: tuple[str, ...] = ()
    zone: str = ""


class CategoryRows(msgspec.Struct, frozen=True):
    """A page in the provider's order, `first` what comes before it. An id comes once in all pages."""

    items: tuple[CategoryRow, ...]
    first: int = 0
    is_last: bool = True


class HandoverCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Of rows that were taken; `unchanged` are those whose content was the same after all."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


class GoneCounts(msgspec.Struct, frozen=True, kw_only=True):
    """`moved` rows came back under another number of the panel's: they are neither gone nor new."""

    removed: int = 0
    moved: int = 0


class StepDone(msgspec.Struct, frozen=True, kw_only=True):
    """One of many steps. `wait_s` is how long to leave the provider alone before the next."""

    done: int
    left: int
    failed: int = 0
    wait_s: float = 0.0
    problem: str = ""


class RunFinished(msgspec.Struct, frozen=True, kw_only=True):
    """`is_whole` says that everything was read; `has_guide` that the guide was too."""

    is_whole: bool
    has_guide: bool = False
    problem: str = ""


class HandoverClient:
    """Typed calls to the library's taking side. Only services may hand over.

    Raises NotFound where the account is gone, and Conflict where another run has begun.
    """

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def providers(self, *, after: int, deadline: Deadline, limit: int = 500) -> ProviderRefs:
        """Everybody's."""
        return await self._call("GET", f"?after={after}&limit={limit}", deadline, into=ProviderRefs)

    async def own_providers(self, account_id: str, profile_id: str, *, deadline: Deadline) -> ProviderRefs:
        """Those of one profile, which are few."""
        query = urlencode({"account_id": account_id, "profile_id": profile_id})
        return await self._call("GET", f"?{query}", deadline, into=ProviderRefs)

    async def access(self, provider: str, *, deadline: Deadline) -> ProviderAccess:
        return await self._call("GET", f"/{_part(provider)}/access", deadline, into=ProviderAccess)

    async def begin(self, provider: str, run: str, *, deadline: Deadline) -> None:
        await self._call("POST", _run(provider, "begin", run), deadline, into=type(None))

    async def put_state(self, provider: str, state: ProviderState, *, deadline: Deadline) -> None:
        await self._call("PUT", f"/{_part(provider)}/state", deadline, into=type(None), body=state)

    async def put_categories(
        self, provider: str, kind: CategoryKind, run: str, rows: CategoryRows, *, deadline: Deadline
    ) -> GoneCounts:
        """All pages of a kind, the first first. What none names any more stays while something is in it."""
        path = _run(provider, f"categories/{kind}", run)
        return await self._call("PUT", path, deadline, body=rows, into=GoneCounts)

    async def hashes(self, provider: str, kind: RowKind, *, deadline: Deadline) -> bytes:
        """Of everything that is held, as `packed` makes them."""
        answer = await self._service.raw(
            "GET", f"{PREFIX}/{_part(provider)}/hashes/{kind}", identity=SERVICE, deadline=deadline
        )
        if answer.status >= 400:
            raise error_from_problem(answer.status, answer.body, answer.headers.get("Retry-After"))
        return answer.body

    async def put_rows(
        self, provider: str, kind: RowKind, run: str, lines: AsyncIterable[bytes], *, deadline: Deadline
    ) -> HandoverCounts:
        """Each line is taken in a transaction of its own: what came before a cut stays."""
        return await self._stream(_run(provider, f"rows/{kind}", run), lines, deadline, HandoverCounts)

    async def remove_gone(
        self, provider: str, kind: RowKind, run: str, gone: bytes, *, deadline: Deadline
    ) -> GoneCounts:
        """`gone` are the hashes that were held and not met again. Raises Conflict for too many at once."""
        return await self._stream(_run(provider, f"gone/{kind}", run), gone, deadline, GoneCounts)

    async def match(self, provider: str, run: str, *, deadline: Deadline) -> StepDone:
        """Look for the titles of some rows that have none yet."""
        return await self._call("POST", _run(provider, "match", run), deadline, into=StepDone)

    async def fill_details(self, provider: str, *, limit: int, deadline: Deadline) -> StepDone:
        """Ask the provider for the details of some series and films that lack them."""
        return await self._call("POST", f"/{_part(provider)}/details?limit={limit}", deadline, into=StepDone)

    async def finish(self, provider: str, run: str, finished: RunFinished, *, deadline: Deadline) -> None:
        path = _run(provider, "finish", run)
        await self._call("POST", path, deadline, into=type(None), body=finished)

    async def _call(
        self, method: str, path: str, deadline: Deadline, *, into: type[T], body: msgspec.Struct | None = None
    ) -> T:
        return await self._service.call(
            method, PREFIX + path, identity=SERVICE, deadline=deadline, into=into, body=body
        )

    async def _stream(
        self, path: str, body: AsyncIterable[bytes] | bytes, deadline: Deadline, into: type[T]
    ) -> T:
        return await self._service.hand_over(
            PREFIX + path, body, "application/octet-stream", identity=SERVICE, deadline=deadline, into=into
        )


def _part(provider: str) -> str:
    return quote(provider, safe="")


def _run(provider: str, what: str, run: str) -> str:
    return f"/{_part(provider)}/{what}?run={quote(run, safe='')}"
