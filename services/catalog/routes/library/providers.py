"""REST: accounts at IPTV providers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import msgspec
from aiohttp import web

from libs.common.clock import moment_of, moment_or_none
from libs.common.contracts.library import (
    ItemTotals,
    M3uAccountPatch,
    NewM3uAccount,
    NewXtreamAccount,
    ProviderKind,
    ProviderList,
    ProviderView,
    XtreamAccountPatch,
)
from libs.common.web import Endpoint, Handler, deadline_of, json_response, read_json
from services.catalog import keys
from services.catalog.errors import (
    NotAProvider,
    ProviderExists,
    ProviderNotFound,
    ProviderRefused,
    TooManyProviders,
)
from services.catalog.library_model import Provider
from services.catalog.routes.asking import owner_of

XTREAM = "/api/v1/xtream-accounts"
M3U = "/api/v1/m3u-accounts"
BAD_ACCOUNT = (NotAProvider, ProviderRefused, ProviderExists)
AWAY = frozenset({"unreachable", "unreadable", "refused", "expired", "banned", "disabled"})


async def add_xtream(request: web.Request) -> web.Response:
    new = await read_json(request, NewXtreamAccount)
    provider = await request.app[keys.PROVIDERS].add_xtream(
        owner_of(request), new, deadline=deadline_of(request)
    )
    await request.app[keys.STANDING].settle(provider.owner)
    return json_response(await _view(request, provider), status=201)


async def add_m3u(request: web.Request) -> web.Response:
    new = await read_json(request, NewM3uAccount)
    provider = await request.app[keys.PROVIDERS].add_m3u(
        owner_of(request), new, deadline=deadline_of(request)
    )
    await request.app[keys.STANDING].settle(provider.owner)
    return json_response(await _view(request, provider), status=201)


def _show_all(kind: ProviderKind) -> Handler:
    async def show_all(request: web.Request) -> web.Response:
        listed = await request.app[keys.PROVIDERS].listed(owner_of(request))
        wanted = [provider for provider in listed if provider.kind == kind]
        return json_response(ProviderList(await _views(request, wanted)))

    return show_all


def _show(kind: ProviderKind) -> Handler:
    async def show(request: web.Request) -> web.Response:
        return json_response(await _view(request, await _named(request, kind)))

    return show


def _change(kind: ProviderKind, into: type[XtreamAccountPatch | M3uAccountPatch]) -> Handler:
    async def change(request: web.Request) -> web.Response:
        patch = await read_json(request, into)
        named = await _named(request, kind)
        provider = await request.app[keys.PROVIDERS].change(
            owner_of(request), named.id, patch, deadline=deadline_of(request)
        )
        return json_response(await _view(request, provider))

    return change


def _remove(kind: ProviderKind) -> Handler:
    async def remove(request: web.Request) -> web.Response:
        named = await _named(request, kind)
        await request.app[keys.PROVIDERS].remove(owner_of(request), named.id)
        await request.app[keys.STANDING].settle(named.owner)
        return web.Response(status=204)

    return remove


def _check(kind: ProviderKind) -> Handler:
    async def check(request: web.Request) -> web.Response:
        named = await _named(request, kind)
        provider = await request.app[keys.PROVIDERS].check(
            owner_of(request), named.id, deadline=deadline_of(request)
        )
        return json_response(await _view(request, provider))

    return check


async def _named(request: web.Request, kind: ProviderKind) -> Provider:
    """Raises ProviderNotFound also for an account of the other kind."""
    provider = await request.app[keys.PROVIDERS].get(owner_of(request), request.match_info["account_id"])
    if provider.kind != kind:
        raise ProviderNotFound("You have no such account.")
    return provider


async def _view(request: web.Request, provider: Provider) -> ProviderView:
    return (await _views(request, [provider]))[0]


async def _views(request: web.Request, providers: Sequence[Provider]) -> tuple[ProviderView, ...]:
    totals = await request.app[keys.PROVIDERS].totals(providers)
    return tuple(_rendered(provider, totals[provider.number]) for provider in providers)


def _rendered(provider: Provider, totals: ItemTotals) -> ProviderView:
    expires_at = provider.expires_at
    return ProviderView(
        id=provider.id,
        kind=provider.kind,
        name=provider.name,
        host=provider.host,
        status=provider.status,
        problem=provider.problem,
        is_outdated=provider.synced_at is not None and provider.status in AWAY,
        checked_at=moment_or_none(provider.checked_at),
        expires_at=None if expires_at is None else moment_or_none(expires_at * 1000),
        max_connections=provider.max_connections,
        play=provider.play,
        created_at=moment_of(provider.created_at),
        synced_at=moment_or_none(provider.synced_at),
        guide_synced_at=moment_or_none(provider.guide_synced_at),
        totals=totals,
    )


def _of_kind(
    kind: ProviderKind,
    path: str,
    words: str,
    *,
    add: Handler,
    new: type[msgspec.Struct],
    patch: type[XtreamAccountPatch | M3uAccountPatch],
) -> Iterator[Endpoint]:
    yield Endpoint(
        method="GET",
        path=path,
        handler=_show_all(kind),
        summary=f"Your {words}s, in the order you added them",
        access="account",
        response=ProviderList,
    )
    yield Endpoint(
        method="POST",
        path=path,
        handler=add,
        summary=f"Add an {words}; it is asked first",
        access="account",
        request=new,
        response=ProviderView,
        status=201,
        errors=(*BAD_ACCOUNT, TooManyProviders),
    )
    yield from _of_one(kind, f"{path}/{{account_id}}", patch)


def _of_one(
    kind: ProviderKind, path: str, patch: type[XtreamAccountPatch | M3uAccountPatch]
) -> Iterator[Endpoint]:
    one = partial(Endpoint, path=path, access="account")
    yield one(
        method="GET",
        handler=_show(kind),
        summary="One of them, with its state and what it has",
        response=ProviderView,
        errors=(ProviderNotFound,),
    )
    yield one(
        method="PATCH",
        handler=_change(kind, patch),
        summary="Rename it, give it another address or password, or choose how it plays",
        request=patch,
        response=ProviderView,
        errors=(ProviderNotFound, *BAD_ACCOUNT),
    )
    yield one(
        method="DELETE",
        handler=_remove(kind),
        summary="Remove it with all it has",
        status=204,
        errors=(ProviderNotFound,),
    )
    yield one(
        method="POST",
        path=f"{path}/check",
        handler=_check(kind),
        summary="Ask the provider now; what it says is the account's state",
        response=ProviderView,
        errors=(ProviderNotFound,),
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    *_of_kind(
        "xtream", XTREAM, "Xtream account", add=add_xtream, new=NewXtreamAccount, patch=XtreamAccountPatch
    ),
    *_of_kind("m3u", M3U, "M3U list", add=add_m3u, new=NewM3uAccount, patch=M3uAccountPatch),
)
