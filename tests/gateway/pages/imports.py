"""Files that people bring as sync answers about them."""

from __future__ import annotations

import msgspec
from aiohttp import web

from libs.common.contracts.imports import (
    IMPORTS,
    ImportCounts,
    ImportItem,
    ImportList,
    ImportState,
    ImportView,
    Unread,
)
from libs.common.errors import Conflict, InvalidInput, NotFound
from tests.gateway.pages.accounts import send
from tests.gateway.pages.brought import Brought
from tests.gateway.pages.inner import NOW


def an_import(id_: str = "i1", state: ImportState = "preview", **more: object) -> ImportView:
    told = {
        "format": "trakt",
        "counts": ImportCounts(films=1204, episodes=3),
        "titles": 1205,
        "known_titles": 7,
        "items": (
            ImportItem(
                part="watched", title_id="tt1", type="movie", name="<b>Metropolis</b>", at=NOW, known=True
            ),
            ImportItem(part="watchlist", title_id="tt2", type="series"),
        ),
        "unread": {"It has no id of IMDb or TMDB.": 2},
        "unread_first": (Unread("watched-movies.json, entry 3", "It has no id of IMDb or TMDB."),),
        "ignored": 4,
        "result": None,
        "problem": "",
        "created_at": NOW,
        "changed_at": NOW,
        **more,
    }
    return ImportView(id=id_, state=state, **told)  # type: ignore[arg-type]  # the members as a mapping


class ImportsService:
    def __init__(self, brought: Brought) -> None:
        self._brought = brought

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(IMPORTS, self._all),
            web.post(IMPORTS, self._bring),
            web.get(IMPORTS + "/{id}", self._show),
            web.post(IMPORTS + "/{id}/{change}", self._change),
            web.delete(IMPORTS + "/{id}", self._drop),
        ]

    async def _all(self, _request: web.Request) -> web.Response:
        return send(ImportList(tuple(self._brought.views.values())))

    async def _bring(self, request: web.Request) -> web.Response:
        self._brought.files.append(await request.content.read())
        if self._brought.problem:
            raise InvalidInput(self._brought.problem)
        self._brought.views["i1"] = an_import()
        return send(self._brought.views["i1"])

    async def _show(self, request: web.Request) -> web.Response:
        return send(self._found(request))

    async def _change(self, request: web.Request) -> web.Response:
        state: ImportState = "applied" if request.match_info["change"] == "apply" else "undone"
        view = msgspec.structs.replace(self._found(request), state=state)
        self._brought.views[view.id] = view
        return send(view)

    async def _drop(self, request: web.Request) -> web.Response:
        if self._found(request).state == "applied":
            raise Conflict("It is applied. Undo it first.")
        del self._brought.views[request.match_info["id"]]
        return web.Response(status=204)

    def _found(self, request: web.Request) -> ImportView:
        view = self._brought.views.get(request.match_info["id"])
        if view is None:
            raise NotFound("There is no such import.")
        return view
