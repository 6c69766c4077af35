"""Rows of the catalog service as the pages ask for them: shown, changed, searched."""

from __future__ import annotations

import msgspec
from aiohttp import web

from libs.common.contracts.catalog import CatalogPage, SearchGroup, SearchPage, TitlePage
from libs.common.contracts.rows import (
    ManifestReport,
    NewMergedRow,
    RowList,
    RowName,
    RowOrder,
    RowPatch,
    RowState,
)
from libs.common.errors import InvalidInput, NotFound
from tests.gateway.pages.accounts import send
from tests.gateway.pages.inner import Inner, raw, row

PAGE_SIZE = 100


class RowsOfCatalog:
    """Rows, their pages, titles and search."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/catalogs", self._listed),
            web.get("/api/v1/manifest", self._report),
            web.get("/api/v1/catalogs/{id}", self._page),
            web.post("/api/v1/catalogs", self._merge),
            web.put("/api/v1/catalogs/order", self._order),
            web.patch("/api/v1/catalogs/{id}", self._change),
            web.delete("/api/v1/catalogs/{id}", self._take_apart),
            web.get("/api/v1/titles/{type}/{id}", self._title),
            web.get("/api/v1/search", self._search),
        ]

    def _place(self, request: web.Request) -> int:
        wanted = (request.query["type"], request.match_info["id"], request.query.get("kind", "catalog"))
        for n, item in enumerate(self._inner.rows):
            if (item.type, item.id, item.kind) == wanted:
                return n
        raise NotFound("There is no such row.")

    async def _listed(self, _request: web.Request) -> web.Response:
        return send(RowList(tuple(self._inner.rows)))

    async def _report(self, _request: web.Request) -> web.Response:
        size = 640 + sum(item.size_bytes for item in self._inner.rows if item.included)
        return send(
            ManifestReport(
                size_bytes=size,
                budget_bytes=8192,
                rule="Rows are taken in the order of your addons until Stremio's limit is reached.",
                rows=tuple(self._inner.rows),
            )
        )

    async def _page(self, request: web.Request) -> web.Response:
        found = self._inner.rows[self._place(request)]
        start = int(request.query.get("cursor", "0"))
        end = start + PAGE_SIZE
        items = self._inner.items.get(found.id, [])
        return send(
            CatalogPage(
                row=found,
                items=tuple(raw(item) for item in items[start:end]),
                next_cursor=str(end) if len(items) > end else None,
                problems=self._inner.problems,
            )
        )

    async def _change(self, request: web.Request) -> web.Response:
        n = self._place(request)
        patch = msgspec.json.decode(await request.read(), type=RowPatch)
        changes = {
            name: value
            for name in ("included", "name", "searchable", "mode")
            if (value := getattr(patch, name)) is not msgspec.UNSET
        }
        changed = msgspec.structs.replace(self._inner.rows.pop(n), **changes)
        state: RowState = "shown" if changed.included else "hidden"
        place = patch.position if isinstance(patch.position, int) else n
        self._inner.rows.insert(place, msgspec.structs.replace(changed, state=state))
        return await self._report(request)

    async def _order(self, request: web.Request) -> web.Response:
        assert msgspec.json.decode(await request.read(), type=RowOrder).rows == ()
        self._inner.rows.sort(key=lambda item: item.id)
        return await self._report(request)

    async def _merge(self, request: web.Request) -> web.Response:
        new = msgspec.json.decode(await request.read(), type=NewMergedRow)
        members = [item for item in self._inner.rows if RowName(item.type, item.id) in new.rows]
        if len({item.type for item in members}) > 1:
            raise InvalidInput("Only rows of one type can be one row.")
        for item in members:
            n = self._inner.rows.index(item)
            self._inner.rows[n] = msgspec.structs.replace(item, state="merged", part_of="m.new")
        merged = row("m.new", new.name, "", "", mode=new.mode, rows=new.rows)
        self._inner.rows.insert(0, merged)
        return send(merged, 201)

    async def _take_apart(self, request: web.Request) -> web.Response:
        del self._inner.rows[self._place(request)]
        self._inner.rows = [
            msgspec.structs.replace(item, state="shown", part_of=None) for item in self._inner.rows
        ]
        return web.Response(status=204)

    async def _title(self, request: web.Request) -> web.Response:
        found = self._inner.titles.get(request.match_info["id"])
        if found is None:
            raise NotFound("None of the addons knows this title.")
        return send(
            TitlePage(
                meta=raw(found),
                addon_id="demo",
                addon_name="Public domain films",
                problems=self._inner.title_problems,
                attributions=self._inner.attributions,
            )
        )

    async def _search(self, request: web.Request) -> web.Response:
        wanted = request.query["q"].lower()
        groups = [
            SearchGroup(item, tuple(raw(one) for one in found))
            for item in self._inner.rows
            if (found := [one for one in self._inner.items[item.id] if wanted in str(one["name"]).lower()])
        ]
        return send(
            SearchPage(groups=tuple(groups), together=self._inner.together, problems=self._inner.problems)
        )
