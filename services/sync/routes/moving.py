"""`/api/v1/me/export`: everything that belongs to an account, as one file."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from libs.common.contracts.moving import EXPORT, WantedExport
from libs.common.errors import Unavailable
from libs.common.web import Endpoint, deadline_of, identity_of, read_json, send_pieces
from services.sync.errors import PasswordNeeded
from services.sync.keys import EXPORTS

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
)
