"""`/api/v1/imports`: files of what somebody watched elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from libs.common.contracts.imports import BODY_WITHIN_S, IMPORTS, MAX_FILE_BYTES, ImportList, ImportView
from libs.common.errors import PayloadTooLarge, RequestTimedOut, UnsupportedMediaType
from libs.common.web import Endpoint, identity_of, json_response
from services.sync.imports.errors import FileUnusable, ImportBusy, ImportNotFound, TooManyImports
from services.sync.keys import IMPORTS as HELD
from services.sync.routes.asking import owner_of

ONE: Final = f"{IMPORTS}/{{id}}"
_TOO_LARGE: Final = f"A file may have {MAX_FILE_BYTES // 1024**2} MB at most. Bring it in parts."


async def bring(request: web.Request) -> web.Response:
    view = await request.app[HELD].bring(identity_of(request), pieces_of(request))
    return json_response(view, status=201, headers={"Location": f"{IMPORTS}/{view.id}"})


def pieces_of(request: web.Request) -> AsyncIterator[bytes]:
    """A file that is the whole body. Raises UnsupportedMediaType, PayloadTooLarge, and RequestTimedOut."""
    if request.content_type in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        raise UnsupportedMediaType(
            "Send the file itself as the body, with the type application/octet-stream."
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the file as it is, without Content-Encoding.")
    if request.content_length is not None and request.content_length > MAX_FILE_BYTES:
        raise PayloadTooLarge(_TOO_LARGE)
    return _pieces(request)


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    size = 0
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            async for piece in request.content.iter_any():
                size += len(piece)
                if size > MAX_FILE_BYTES:
                    raise PayloadTooLarge(_TOO_LARGE)
                yield piece
    except TimeoutError as error:
        raise RequestTimedOut(f"The file did not arrive within {BODY_WITHIN_S:.0f} s.") from error


async def list_imports(request: web.Request) -> web.Response:
    return json_response(await request.app[HELD].listed(owner_of(request)))


async def show_import(request: web.Request) -> web.Response:
    return json_response(await request.app[HELD].get(owner_of(request), request.match_info["id"]))


async def apply_import(request: web.Request) -> web.Response:
    view = await request.app[HELD].apply(owner_of(request), request.match_info["id"])
    return json_response(view, status=202)


async def undo_import(request: web.Request) -> web.Response:
    view = await request.app[HELD].undo(owner_of(request), request.match_info["id"])
    return json_response(view, status=202)


async def drop_import(request: web.Request) -> web.Response:
    await request.app[HELD].drop(owner_of(request), request.match_info["id"])
    return web.Response(status=204)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path=IMPORTS,
        handler=bring,
        summary="Bring a file of what was watched elsewhere and see what it says; nothing is applied yet",
        access="account",
        request=bytes,
        response=ImportView,
        status=201,
        errors=(FileUnusable, TooManyImports, ImportBusy, RequestTimedOut),
    ),
    Endpoint(
        method="GET",
        path=IMPORTS,
        handler=list_imports,
        summary="The files that the profile brought, newest first",
        access="account",
        response=ImportList,
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=show_import,
        summary="Show an import: what the file says, and what became of it",
        access="account",
        response=ImportView,
        errors=(ImportNotFound,),
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/apply",
        handler=apply_import,
        summary="Apply what was looked at; twice is once",
        access="account",
        response=ImportView,
        status=202,
        errors=(ImportNotFound, ImportBusy),
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/undo",
        handler=undo_import,
        summary="Take back what this import alone brought",
        access="account",
        response=ImportView,
        status=202,
        errors=(ImportNotFound, ImportBusy),
    ),
    Endpoint(
        method="DELETE",
        path=ONE,
        handler=drop_import,
        summary="Forget an import that is not applied",
        access="account",
        status=204,
        errors=(ImportNotFound, ImportBusy),
    ),
)
