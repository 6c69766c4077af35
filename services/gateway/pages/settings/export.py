"""Everything that is one's own, as a file to keep."""

import msgspec
from aiohttp import web

from libs.common.contracts.moving import EXPORT, MAX_PROBLEM_BYTES, WantedExport
from libs.common.contracts.problems import error_from_problem
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import SERVICES
from services.gateway.pages.session import as_shape, read_form
from services.gateway.pages.settings.account import account_page
from services.gateway.proxy import headers_back, stream_back


async def send_export(request: web.Request, identity: Identity) -> web.StreamResponse:
    form = await read_form(request)
    try:
        wanted = as_shape({"passphrase": form.get("passphrase") or None}, WantedExport)
        async with request.app[SERVICES]["sync"].open(
            "POST",
            EXPORT,
            identity=identity,
            deadline=deadline_of(request),
            headers={"Content-Type": "application/json"},
            body=msgspec.json.encode(wanted),
        ) as answer:
            if answer.status >= 400:
                problem = await answer.content.read(MAX_PROBLEM_BYTES)
                raise error_from_problem(answer.status, problem, answer.headers.get("Retry-After"))
            return await stream_back(request, answer, headers_back(answer.headers))
    except HeadgateError as error:
        return await account_page(request, identity, error=error, error_at="export")
