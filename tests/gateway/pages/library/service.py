"""The library's part of catalog and of sync, from what a `Shelves` holds: small, and without a database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from aiohttp import web

from libs.common.contracts.library import (
    CategoryList,
    Confirmation,
    Found,
    ItemPage,
    ItemTotals,
    M3uAccountPatch,
    MatchChoice,
    MatchPage,
    MatchView,
    NewM3uAccount,
    NewXtreamAccount,
    ProviderList,
    XtreamAccountPatch,
)
from libs.common.contracts.sync import JobPage, SyncSettings, SyncSettingsView
from libs.common.errors import InvalidInput, NotFound
from tests.gateway.pages.accounts import send
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.library.shelves import Shelves, now, provider

PREFIX = "/api/v1/library"


class LibraryService:
    """Answers for catalog and, about jobs of accounts, for sync."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    @property
    def _held(self) -> Shelves:
        return self._inner.library

    def routes(self) -> list[web.RouteDef]:
        one = "{kind:xtream|m3u}-accounts/{id}"
        return [
            web.get("/api/v1/{kind:xtream|m3u}-accounts", self._listed),
            web.post("/api/v1/{kind:xtream|m3u}-accounts", self._add),
            web.patch(f"/api/v1/{one}", self._patch),
            web.delete(f"/api/v1/{one}", self._remove),
            web.post(f"/api/v1/{one}/check", self._check),
            web.post(f"{PREFIX}/accounts/{{id}}/clear", self._clear),
            web.get(f"{PREFIX}/accounts/{{id}}/changes", self._changes),
            web.get(f"{PREFIX}/stats", self._stats),
            web.post(f"{PREFIX}/upkeep", self._vacuum),
            web.get(f"{PREFIX}/categories", self._categories),
            web.get(f"{PREFIX}/facets", self._facets),
            web.put(f"{PREFIX}/categories/{{id}}/hidden", self._hide),
            web.delete(f"{PREFIX}/categories/{{id}}/hidden", self._hide),
            web.put(f"{PREFIX}/favourites/{{id}}", self._favour),
            web.delete(f"{PREFIX}/favourites/{{id}}", self._favour),
            web.get(f"{PREFIX}/search", self._search),
            web.get(f"{PREFIX}/matches", self._matches),
            web.put(f"{PREFIX}/matches/{{id}}", self._choose),
            web.delete(f"{PREFIX}/matches/{{id}}", self._take_back),
            web.get(f"{PREFIX}/{{kind:channels|movies|series}}", self._page),
            web.get(f"{PREFIX}/{{kind:channels|movies|series}}/{{id}}", self._one),
            web.get("/api/v1/sync/jobs", self._jobs),
            web.get("/api/v1/sync/settings/{id}", self._settings),
            web.put("/api/v1/sync/settings/{id}", self._settle),
            web.delete("/api/v1/sync/settings/{id}", self._unsettle),
        ]

    def _place(self, request: web.Request) -> int:
        held = self._held.providers
        found = [n for n, each in enumerate(held) if each.id == request.match_info["id"]]
        if not found:
            raise NotFound("You have no such account.")
        return found[0]

    async def _listed(self, request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        return send(ProviderList(tuple(each for each in self._held.providers if each.kind == kind)))

    async def _add(self, request: web.Request) -> web.Response:
        kind: Any = request.match_info["kind"]
        body = await request.read()
        new: NewXtreamAccount | NewM3uAccount
        if kind == "xtream":
            new = msgspec.json.decode(body, type=NewXtreamAccount)
        else:
            new = msgspec.json.decode(body, type=NewM3uAccount)
        if not new.url.startswith("http"):
            raise InvalidInput("This is no address.", fields={"url": "This is no address of a panel."})
        self._held.added.append(new)
        made = provider(f"p{len(self._held.providers) + 1}", new.name or "panel.example.org", kind=kind)
        self._held.providers.append(msgspec.structs.replace(made, synced_at=None, totals=ItemTotals()))
        return send(self._held.providers[-1], 201)

    async def _patch(self, request: web.Request) -> web.Response:
        body = await request.read()
        patch: XtreamAccountPatch | M3uAccountPatch
        if request.match_info["kind"] == "xtream":
            patch = msgspec.json.decode(body, type=XtreamAccountPatch)
        else:
            patch = msgspec.json.decode(body, type=M3uAccountPatch)
        if isinstance(patch, XtreamAccountPatch) and patch.password == "wrong":
            raise InvalidInput("The provider refuses it.", fields={"password": "The provider refuses it."})
        self._held.patched.append(patch)
        place = self._place(request)
        if patch.name is not msgspec.UNSET:
            self._held.providers[place] = msgspec.structs.replace(
                self._held.providers[place], name=patch.name
            )
        return send(self._held.providers[place])

    async def _remove(self, request: web.Request) -> web.Response:
        del self._held.providers[self._place(request)]
        return web.Response(status=204)

    async def _check(self, request: web.Request) -> web.Response:
        return send(self._held.providers[self._place(request)])

    async def _clear(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=Confirmation).confirm
        if asked != self._held.providers[self._place(request)].name:
            raise InvalidInput("Write its name.", fields={"confirm": "This is not its name."})
        self._held.cleared.append(request.match_info["id"])
        return web.Response(status=204)

    async def _changes(self, _request: web.Request) -> web.Response:
        return send(self._held.changes)

    async def _stats(self, _request: web.Request) -> web.Response:
        return send(self._held.stats)

    async def _vacuum(self, _request: web.Request) -> web.Response:
        self._held.tidied += 1
        return web.Response(status=204)

    async def _categories(self, request: web.Request) -> web.Response:
        kind = request.query["kind"]
        return send(CategoryList(tuple(each for each in self._held.categories if each.kind == kind)))

    async def _facets(self, _request: web.Request) -> web.Response:
        return send(self._held.facets)

    async def _hide(self, request: web.Request) -> web.Response:
        held = self._held.categories
        for n, each in enumerate(held):
            if each.id == request.match_info["id"]:
                held[n] = msgspec.structs.replace(each, is_hidden=request.method == "PUT")
        return web.Response(status=204)

    async def _favour(self, request: web.Request) -> web.Response:
        held = self._held.items
        for n, each in enumerate(held):
            if each.id == request.match_info["id"]:
                held[n] = msgspec.structs.replace(each, is_favourite=request.method == "PUT")
        return web.Response(status=204)

    async def _page(self, request: web.Request) -> web.Response:
        self._held.asked = dict(request.query)
        found = tuple(each for each in self._held.items if each.kind == request.match_info["kind"])
        return send(ItemPage(items=found, next_cursor=self._held.next_cursor, total=len(found)))

    async def _one(self, request: web.Request) -> web.Response:
        held: Any = getattr(self._held, request.match_info["kind"])
        if request.match_info["id"] not in held:
            raise NotFound("Nothing of your library has this id.")
        return send(held[request.match_info["id"]])

    async def _search(self, request: web.Request) -> web.Response:
        text = request.query["q"].casefold()
        found = tuple(each for each in self._held.items if text in each.title.casefold())
        return send(Found(items=found, programmes=self._held.programmes if found else ()))

    async def _matches(self, request: web.Request) -> web.Response:
        state, kind = request.query.get("state", "doubtful"), request.query.get("kind", "movies")
        found = (each for each in self._held.matches if (each.state, each.item.kind) == (state, kind))
        return send(MatchPage(items=tuple(found), next_cursor=self._held.next_cursor))

    async def _choose(self, request: web.Request) -> web.Response:
        choice = msgspec.json.decode(await request.read(), type=MatchChoice)
        self._held.chosen[request.match_info["id"]] = choice
        return send(self._matched(request, "chosen"))

    async def _take_back(self, request: web.Request) -> web.Response:
        self._held.chosen.pop(request.match_info["id"], None)
        return send(self._matched(request, "doubtful"))

    def _matched(self, request: web.Request, state: Any) -> MatchView:
        held = self._held.matches
        for n, each in enumerate(held):
            if each.item.id == request.match_info["id"]:
                held[n] = msgspec.structs.replace(each, state=state)
                return held[n]
        raise NotFound("Nothing of your library has this id.")

    async def _jobs(self, request: web.Request) -> web.Response:
        account = request.query.get("account")
        kind = request.query["kind"]
        found = (each for each in self._held.jobs if (each.account_id, each.kind) == (account, kind))
        return send(JobPage(tuple(found)))

    async def _settings(self, request: web.Request) -> web.Response:
        account_id = request.match_info["id"]
        chosen = self._held.settings.get(account_id, SyncSettings())
        return send(
            SyncSettingsView(
                account_id=account_id,
                automatic=chosen.automatic,
                every_h=chosen.every_h,
                quiet=chosen.quiet,
                only_unmetered=chosen.only_unmetered,
                notify=chosen.notify,
                webhook_host="hooks.example" if chosen.webhook else None,
                next_at=now() + timedelta(hours=8) if chosen.automatic else None,
            )
        )

    async def _settle(self, request: web.Request) -> web.Response:
        wanted = msgspec.json.decode(await request.read(), type=SyncSettings)
        if wanted.webhook and not wanted.webhook.startswith("https://"):
            raise InvalidInput("This is no address to post to.", fields={"webhook": "No address."})
        self._held.settings[request.match_info["id"]] = wanted
        return await self._settings(request)

    async def _unsettle(self, request: web.Request) -> web.Response:
        self._held.settings.pop(request.match_info["id"], None)
        return web.Response(status=204)
