"""Catalog's list of addons and auth's install token over real HTTP, as far as they are needed here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from libs.common.contracts.auth import InstallToken
from libs.common.contracts.catalog import (
    AddonList,
    AddonOrder,
    AddonSource,
    AddonSources,
    AddonState,
    AddonView,
    NewAddon,
)
from libs.common.identity import HEADER, IdentitySigner
from libs.common.web import json_response
from tests.fakes.clock import ManualClock

MANIFEST = {
    "id": "community.headgate",
    "version": "1.0.0",
    "name": "Headgate",
    "description": "",
    "resources": ["stream"],
    "types": ["movie"],
    "catalogs": [],
}


@dataclass
class FakeShelf:
    """Of every profile, by its name. `dead` are addresses that do not answer, `off` such as are switched off;
    `away` makes every answer a 503, `added` is called with each address before it is added."""

    signer: IdentitySigner
    clock: ManualClock
    at_most: int = 100
    dead: set[str] = field(default_factory=set)
    off: set[str] = field(default_factory=set)
    away: bool = False
    added: Callable[[str], None] | None = None
    lists: dict[str, dict[str, str]] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=lambda: dict(MANIFEST))
    _count: int = 0

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/internal/auth/install-token", self._token)
        app.router.add_get("/internal/catalog/addons", self._sources)
        app.router.add_get("/internal/stremio/manifest.json", self._manifest)
        app.router.add_get("/api/v1/addons", self._list)
        app.router.add_post("/api/v1/addons", self._add)
        app.router.add_put("/api/v1/addons/order", self._order)
        app.router.add_delete("/api/v1/addons/{id}", self._remove)

    def of(self, profile_id: str) -> dict[str, str]:
        """Addresses by addon id, in order."""
        return self.lists.setdefault(profile_id, {})

    def put(self, profile_id: str, url: str) -> str:
        self._count += 1
        self.of(profile_id)[f"a{self._count}"] = url
        return f"a{self._count}"

    def _held(self, request: web.Request) -> dict[str, str]:
        if self.away:
            raise web.HTTPServiceUnavailable(text='{"code":"unavailable","detail":"Not now."}')
        return self.of(self.signer.verify(request.headers[HEADER]).profile_id)

    async def _token(self, request: web.Request) -> web.Response:
        identity = self.signer.verify(request.headers[HEADER])
        return json_response(InstallToken("t", f"token-{identity.profile_id}", self.clock.now()))

    async def _manifest(self, request: web.Request) -> web.Response:
        told = {**self.manifest, "description": f"{len(self._held(request))} addons"}
        return web.Response(body=msgspec.json.encode(told), content_type="application/json")

    async def _sources(self, request: web.Request) -> web.Response:
        items = [
            AddonSource(id=id_, key=id_, name=url, transport_url=url, manifest=msgspec.Raw(b"{}"))
            for id_, url in self._held(request).items()
            if url not in self.off
        ]
        return json_response(AddonSources(tuple(items)))

    async def _list(self, request: web.Request) -> web.Response:
        return json_response(AddonList(tuple(_view(*each) for each in self._held(request).items())))

    async def _add(self, request: web.Request) -> web.Response:
        held = self._held(request)
        url = msgspec.json.decode(await request.read(), type=NewAddon).url
        if url in held.values():
            return _problem(409, "addon_exists", "This addon is in your list already.")
        if len(held) >= self.at_most:
            return _problem(409, "too_many_addons", "A list has at most so many addons.")
        if self.added is not None:
            self.added(url)
        if url in self.dead:
            return _problem(502, "addon_unreachable", "The addon could not be reached.")
        profile = self.signer.verify(request.headers[HEADER]).profile_id
        return json_response(_view(self.put(profile, url), url), status=201)

    async def _order(self, request: web.Request) -> web.Response:
        held = self._held(request)
        ids = msgspec.json.decode(await request.read(), type=AddonOrder).ids
        if sorted(ids) != sorted(held):
            return _problem(409, "order_mismatch", "The order does not name exactly what is there.")
        ordered = {id_: held[id_] for id_ in ids}
        held.clear()
        held.update(ordered)
        return await self._list(request)

    async def _remove(self, request: web.Request) -> web.Response:
        if self._held(request).pop(request.match_info["id"], None) is None:
            return _problem(404, "addon_not_found", "There is no such addon in your list.")
        return web.Response(status=204)


def _view(id_: str, url: str) -> AddonView:
    return AddonView(
        id=id_,
        name=f"Addon {id_}",
        manifest_name="",
        version="",
        description="",
        logo=None,
        address=url,
        configure_url=None,
        enabled=True,
        builtin=False,
        position=0,
        resources=(),
        types=(),
        catalogs=0,
        manifest_fetched_at=None,
        manifest_error=None,
        state=AddonState(),
    )


def _problem(status: int, code: str, detail: str) -> web.Response:
    return json_response({"code": code, "detail": detail}, status=status)
