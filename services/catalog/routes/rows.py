"""REST: which rows a profile shows, in which order, under which names, and which are one."""

from __future__ import annotations

import msgspec
from aiohttp import web

from libs.common.contracts.rows import (
    ManifestReport,
    NewMergedRow,
    RowKind,
    RowName,
    RowOrder,
    RowPatch,
    RowView,
)
from libs.common.errors import InvalidInput
from libs.common.web import Endpoint, json_response, read_json, read_query
from services.catalog import keys
from services.catalog.errors import (
    CatalogNotFound,
    ChangedMeanwhile,
    NotOfThisRow,
    NotToMerge,
    OrderMismatch,
    TooManyMergedRows,
)
from services.catalog.routes.asking import held_of, owner_of
from services.catalog.routes.catalogs import ROW, ROWS

ORDER_BYTES = 512 * 1024
"""Five hundred of the longest names."""


class WhichRow(msgspec.Struct, frozen=True):
    """`type` and `kind` are needed where several rows share an id."""

    type: str | None = None
    kind: RowKind | None = None


async def change(request: web.Request) -> web.Response:
    name, patch = await _name(request), await read_json(request, RowPatch)
    merged = await request.app[keys.ROW_SETTINGS].change(owner_of(request), name, patch)
    return json_response(merged.report())


async def order(request: web.Request) -> web.Response:
    wanted = await read_json(request, RowOrder, max_bytes=ORDER_BYTES)
    merged = await request.app[keys.ROW_SETTINGS].order(owner_of(request), wanted.rows)
    return json_response(merged.report())


async def merge(request: web.Request) -> web.Response:
    new = await read_json(request, NewMergedRow)
    row = await request.app[keys.ROW_SETTINGS].merge(owner_of(request), new)
    return json_response(row.view(), status=201)


async def take_apart(request: web.Request) -> web.Response:
    await request.app[keys.ROW_SETTINGS].take_apart(owner_of(request), await _name(request))
    return web.Response(status=204)


async def _name(request: web.Request) -> RowName:
    """The row meant by its id, where only one has it. Raises CatalogNotFound."""
    query, row_id = read_query(request, WhichRow), request.match_info["row_id"]
    merged = (await held_of(request)).merged
    kinds: tuple[RowKind, ...] = (query.kind,) if query.kind else ("catalog", "addon_catalog")
    for kind in kinds:
        row = merged.row(query.type, row_id, kind)
        if row is not None:
            return row.name
    raise CatalogNotFound("There is no such row among yours.")


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=ROWS,
        handler=merge,
        summary="Make one row of several of a type",
        access="account",
        request=NewMergedRow,
        response=RowView,
        status=201,
        errors=(NotToMerge, TooManyMergedRows, ChangedMeanwhile),
    ),
    Endpoint(
        method="PUT",
        path=f"{ROWS}/order",
        handler=order,
        summary="Put your rows in another order",
        access="account",
        request=RowOrder,
        response=ManifestReport,
        errors=(OrderMismatch, ChangedMeanwhile),
    ),
    Endpoint(
        method="PATCH",
        path=ROW,
        handler=change,
        summary="Show, hide, rename or move a row, switch its search, or change what it is merged of",
        access="account",
        query=WhichRow,
        request=RowPatch,
        response=ManifestReport,
        errors=(CatalogNotFound, NotOfThisRow, NotToMerge, InvalidInput, ChangedMeanwhile),
    ),
    Endpoint(
        method="DELETE",
        path=ROW,
        handler=take_apart,
        summary="Take a merged row apart: its rows stand by themselves again",
        access="account",
        query=WhichRow,
        status=204,
        errors=(CatalogNotFound, NotOfThisRow),
    ),
)
