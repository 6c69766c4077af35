"""Catalog's answers about TMDB, from what `Inner` holds. It takes one key and refuses every other."""

from __future__ import annotations

import msgspec
from aiohttp import web

from libs.common.contracts.tmdb import (
    CHECK_PATH,
    KEY_PATH,
    SETTINGS_PATH,
    NewTmdbKey,
    TmdbChoice,
    TmdbKeyView,
    TmdbSettings,
)
from libs.common.errors import InvalidInput
from tests.gateway.pages.accounts import send
from tests.gateway.pages.inner import NOW, Inner

KEY = "0123456789abcdef0123456789abcdef"
SAVED = TmdbKeyView(kind="api_key", ending=KEY[-4:], saved_at=NOW, checked_at=NOW)


class TmdbOfCatalog:
    """One account's key and one profile's choice."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(SETTINGS_PATH, self._show),
            web.put(SETTINGS_PATH, self._choose),
            web.put(KEY_PATH, self._save),
            web.delete(KEY_PATH, self._remove),
            web.post(CHECK_PATH, self._show),
        ]

    async def _show(self, _request: web.Request) -> web.Response:
        return send(self._inner.tmdb)

    async def _choose(self, request: web.Request) -> web.Response:
        return self._changed(choice=msgspec.json.decode(await request.read(), type=TmdbChoice))

    async def _save(self, request: web.Request) -> web.Response:
        if msgspec.json.decode(await request.read(), type=NewTmdbKey).key != KEY:
            raise InvalidInput("TMDB refuses this key.", fields={"key": "TMDB refuses this key."})
        return self._changed(state="works", detail="TMDB takes the key.", key=SAVED)

    async def _remove(self, _request: web.Request) -> web.Response:
        self._changed(state="off", detail="There is no key.", key=None)
        return web.Response(status=204)

    def _changed(self, **changes: object) -> web.Response:
        self._inner.tmdb = msgspec.structs.replace(self._inner.tmdb, **changes)
        return send(self._inner.tmdb)


def in_state(state: str, detail: str = "Why.") -> TmdbSettings:
    return msgspec.convert(
        {"state": state, "detail": detail, "key": SAVED, "choice": TmdbChoice()},
        TmdbSettings,
        from_attributes=True,
    )
