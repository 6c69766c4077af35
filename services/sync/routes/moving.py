"""`/api/v1/me/export` and `/api/v1/me/import`: everything that belongs to an account, as one file."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from aiohttp import web

from libs.common.contracts.moving import EXPORT, IMPORT, PASSPHRASE_HEADER, MoveList, MoveView, WantedExport
from libs.common.errors import Conflict, RequestTimedOut, Unavailable
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_json, send_pieces
from services.sync.errors import PasswordNeeded
from services.sync.imports.errors import FileUnusable, ImportBusy, TooManyImports
from services.sync.keys import EXPORTS, MOVES
from services.sync.moving.errors import MoveNotFound, PassphraseNeeded, WrongPassphrase
from services.sync.routes.imports import pieces_of

HEADERS: Final = {
    "Content-Type": "application/zip",
    "Content-Disposition": 'attachment; filename="headgate-export.zip"',
    "Cache-Control": "no-store",
}


async def export(request: web.Request) -> web.StreamResponse:
    wanted, identity = await read_json(request, WantedExport), identity_of(request)
    if identity.key_id and wanted.passphrase is not None:
        raise PasswordNeeded("An API key takes no passwords and addresses out. Sign in with a password.")
    deadline = deadline_of(request)
    file = request.app[EXPORTS].file(identity, wanted.passphrase, deadline=deadline)
    return await send_pieces(request, file, headers=HEADERS, deadline=deadline)


async def bring(request: web.Request) -> web.Response:
    passphrase = unquote(request.headers.get(PASSPHRASE_HEADER, ""), errors="replace")
    view = await request.app[MOVES].bring(identity_of(request), pieces_of(request), passphrase)
    return json_response(view, status=201, headers={"Location": f"{IMPORT}/{view.id}"})


async def list_moves(request: web.Request) -> web.Response:
    return json_response(await request.app[MOVES].listed(identity_of(request)))


async def show(request: web.Request) -> web.Response:
    return json_response(await request.app[MOVES].get(identity_of(request), request.match_info["id"]))


async def apply(request: web.Request) -> web.Response:
    view = await request.app[MOVES].apply(identity_of(request), request.match_info["id"])
    return json_response(view, status=202)


async def drop(request: web.Request) -> web.Response:
    await request.app[MOVES].drop(identity_of(request), request.match_info["id"])
    return web.Response(status=204)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path=EXPORT,
        handler=export,
        summary="Take everything that is yours along as one zip; its secrets only under a passphrase",
        access="account",
        request=WantedExport,
        errors=(PasswordNeeded, Unavailable),
    ),
    Endpoint(
        method="POST",
        path=IMPORT,
        handler=bring,
        summary="Bring what was exported elsewhere and see what would come of it; nothing is applied yet",
        access="account",
        request=bytes,
        headers={PASSPHRASE_HEADER: "What the file's secrets are sealed with, percent-encoded."},
        response=MoveView,
        status=201,
        errors=(
            FileUnusable,
            PassphraseNeeded,
            WrongPassphrase,
            TooManyImports,
            ImportBusy,
            RequestTimedOut,
            Unavailable,
        ),
    ),
    Endpoint(
        method="GET",
        path=IMPORT,
        handler=list_moves,
        summary="The files of other hubs that the account brought, newest first",
        access="account",
        response=MoveList,
    ),
    Endpoint(
        method="GET",
        path=f"{IMPORT}/{{id}}",
        handler=show,
        summary="Show what would come of a file of another hub, and what did",
        access="account",
        response=MoveView,
        errors=(MoveNotFound,),
    ),
    Endpoint(
        method="POST",
        path=f"{IMPORT}/{{id}}/apply",
        handler=apply,
        summary="Apply what was looked at; twice is once",
        access="account",
        response=MoveView,
        status=202,
        errors=(MoveNotFound, ImportBusy, Conflict, Unavailable),
    ),
    Endpoint(
        method="DELETE",
        path=f"{IMPORT}/{{id}}",
        handler=drop,
        summary="Forget a file of another hub; what was applied of it stays",
        access="account",
        status=204,
        errors=(MoveNotFound, ImportBusy),
    ),
)
