"""The taking side of the library over real HTTP: it keeps rows in memory, and refuses as catalog does."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson
from aiohttp import web

from libs.common.contracts.handover import (
    CategoryRows,
    GoneCounts,
    HandoverCounts,
    ProviderAccess,
    ProviderRef,
    ProviderRefs,
    ProviderState,
    RunFinished,
    StepDone,
    packed,
    unpacked,
)
from libs.common.web import json_response

ROOT = "/internal/catalog/library/providers"
HASH_AT = {"episodes": 1, "programmes": 3}


@dataclass
class Shelf:
    """What is held of one account: rows by kind and key, and what was said of it."""

    ref: ProviderRef
    access: ProviderAccess
    run: str = ""
    rows: dict[str, dict[Any, list[Any]]] = field(default_factory=dict)
    categories: dict[str, dict[str, str]] = field(default_factory=dict)
    states: list[ProviderState] = field(default_factory=list)
    finished: list[RunFinished] = field(default_factory=list)
    lacking: int = 0

    def of(self, kind: str) -> dict[Any, list[Any]]:
        return self.rows.setdefault(kind, {})

    def names(self, kind: str) -> set[str]:
        return {row[2] for row in self.of(kind).values()}

    def hashes(self, kind: str) -> set[int]:
        return {row[_hash_at(kind)] for row in self.of(kind).values()}


@dataclass
class FakeLibrary:
    """`most_gone` is the share that may go at once. While `gate` is closed, taking rows waits."""

    shelves: dict[str, Shelf] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    most_gone: float = 0.5
    unwritable: set[str] = field(default_factory=set)
    filling: list[StepDone] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def put(
        self,
        provider: str,
        *,
        url: str,
        kind: Any = "xtream",
        account_id: str = "owner-1",
        profile_id: str = "p1",
        first_sync: bool = False,
        **access: str,
    ) -> Shelf:
        ref = ProviderRef(
            number=len(self.shelves) + 1,
            id=provider,
            account_id=account_id,
            profile_id=profile_id,
            kind=kind,
            first_sync=first_sync,
            synced_at=None,
        )
        named = {"username": "u1", "password": "p1"} if kind == "xtream" else {}
        found = ProviderAccess(id=provider, kind=kind, name=provider, url=url, **{**named, **access})
        self.shelves[provider] = Shelf(ref, found)
        return self.shelves[provider]

    def add_to(self, app: web.Application) -> None:
        one = ROOT + "/{id}"
        app.router.add_get(ROOT, self._list)
        app.router.add_get(f"{one}/access", self._access)
        app.router.add_post(f"{one}/begin", self._begin)
        app.router.add_put(f"{one}/state", self._state)
        app.router.add_put(f"{one}/categories/{{kind}}", self._categories)
        app.router.add_get(f"{one}/hashes/{{kind}}", self._hashes)
        app.router.add_post(f"{one}/rows/{{kind}}", self._rows)
        app.router.add_post(f"{one}/gone/{{kind}}", self._gone)
        app.router.add_post(f"{one}/match", self._match)
        app.router.add_post(f"{one}/details", self._details)
        app.router.add_post(f"{one}/finish", self._finish)

    def _shelf(self, request: web.Request, *, in_run: bool = False) -> Shelf:
        shelf = self.shelves.get(request.match_info["id"])
        if shelf is None:
            raise _Refused(404, "provider_not_found")
        if in_run and shelf.run != request.query["run"]:
            raise _Refused(409, "run_ended")
        self.calls[request.path.split("/")[6]] += 1
        return shelf

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        refs = [shelf.ref for shelf in self.shelves.values()]
        if "account_id" in query:
            owner = (query["account_id"], query["profile_id"])
            return json_response(
                ProviderRefs(tuple(ref for ref in refs if (ref.account_id, ref.profile_id) == owner))
            )
        later = [ref for ref in refs if ref.number > int(query["after"])]
        return json_response(ProviderRefs(tuple(later[: int(query["limit"])])))

    async def _access(self, request: web.Request) -> web.Response:
        return json_response(self._shelf(request).access)

    async def _begin(self, request: web.Request) -> web.Response:
        shelf = self._shelf(request)
        shelf.run = request.query["run"]
        return web.Response(status=204)

    async def _state(self, request: web.Request) -> web.Response:
        shelf = self._shelf(request)
        shelf.states.append(msgspec.json.decode(await request.read(), type=ProviderState))
        return json_response(None)

    async def _categories(self, request: web.Request) -> web.Response:
        shelf = self._shelf(request, in_run=True)
        rows = msgspec.json.decode(await request.read(), type=CategoryRows)
        named = shelf.categories.setdefault(request.match_info["kind"], {})
        if not rows.first:
            named.clear()
        assert len(named) == rows.first
        named |= {row.panel_id: row.name for row in rows.items}
        return json_response(GoneCounts())

    async def _hashes(self, request: web.Request) -> web.Response:
        shelf = self._shelf(request)
        return web.Response(body=packed(shelf.hashes(request.match_info["kind"])))

    async def _rows(self, request: web.Request) -> web.Response:
        kind, counts = request.match_info["kind"], Counter[str]()
        if kind in self.unwritable:
            await request.read()
            raise _Refused(500, "internal")
        async for line in request.content:
            self.reached.set()
            await self.gate.wait()
            held = self._shelf(request, in_run=True).of(kind)
            for row in orjson.loads(line):
                assert kind != "episodes" or row[2] in self._shelf(request).of("series")
                key = (row[0], row[1]) if kind == "programmes" else row[0]
                counts["added" if key not in held else "changed" if held[key] != row else "unchanged"] += 1
                held[key] = row
        return json_response(HandoverCounts(**counts))

    async def _gone(self, request: web.Request) -> web.Response:
        shelf, kind = self._shelf(request, in_run=True), request.match_info["kind"]
        gone, held = set(unpacked(await request.read())), shelf.of(kind)
        leaving = [key for key, row in held.items() if row[_hash_at(kind)] in gone]
        if len(leaving) > self.most_gone * len(held) and kind != "programmes":
            raise _Refused(409, "would_remove_too_much")
        for key in leaving:
            del held[key]
        return json_response(GoneCounts(removed=len(leaving)))

    async def _match(self, request: web.Request) -> web.Response:
        self._shelf(request, in_run=True)
        return json_response(StepDone(done=1, left=0))

    async def _details(self, request: web.Request) -> web.Response:
        self._shelf(request)
        return json_response(self.filling.pop(0) if self.filling else StepDone(done=0, left=0))

    async def _finish(self, request: web.Request) -> web.Response:
        shelf = self._shelf(request, in_run=True)
        shelf.finished.append(msgspec.json.decode(await request.read(), type=RunFinished))
        return json_response(None)


class _Refused(web.HTTPException):
    def __init__(self, status: int, code: str) -> None:
        self.status_code = status
        body = orjson.dumps({"status": status, "code": code, "detail": f"Refused: {code}."})
        super().__init__(text=body.decode(), content_type="application/problem+json")


def _hash_at(kind: str) -> int:
    return HASH_AT.get(kind, 1)
