"""Templates turned into answers, with the headers every page carries."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import aiohttp_jinja2
from aiohttp import web

from libs.common.web import deadline_of
from services.gateway.identify import csrf_token
from services.gateway.pages.shell import SHELL
from services.gateway.pages.static import ASSETS
from services.gateway.pages.words import message

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' https: http: data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
    "Vary": "Cookie",
}
COMPRESS_FROM_BYTES: Final = 1024


def render_page(
    request: web.Request,
    template: str,
    context: Mapping[str, object],
    *,
    status: int = 200,
    shows_secret: bool = False,
    policy: str = POLICY,
) -> web.Response:
    """A whole page, or a fragment of one; all text in `context` is escaped.

    `policy` is for a page that may do more than others. One that `shows_secret` is kept by nobody, not even
    by the browser for its way back.
    """
    known: dict[str, object] = {
        "asset": request.app[ASSETS].href,
        "csrf": csrf_token(request),
        "shell": request.get(SHELL),
        "said": message(request.query.get("said")),
        "path": request.path,
        "now": deadline_of(request).clock.now(),
        "query": "",
    }
    response = aiohttp_jinja2.render_template(template, request, {**known, **context}, status=status)
    response.headers.update(HEADERS)
    response.headers["Content-Security-Policy"] = policy
    if shows_secret:
        response.headers["Cache-Control"] = "no-store"
    if response.body is not None and len(response.text or "") >= COMPRESS_FROM_BYTES:
        response.enable_compression()
    return response


def go(path: str, *, said: str = "") -> web.Response:
    """Answer a form: look at `path`, where the message `said` is shown."""
    address = f"{path}{'&' if '?' in path else '?'}{urlencode({'said': said})}" if said else path
    return web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})
