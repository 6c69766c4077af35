"""Errors on pages: what happened, what to try, and the id under which the log has it."""

import math
from functools import wraps
from typing import Final

import structlog
from aiohttp import web

from libs.common.errors import HeadgateError, NotFound, Overloaded
from libs.common.web import Handler, problem_response, request_id_of
from libs.common.web.problems import CODE
from services.gateway.identify import SESSION_COOKIE
from services.gateway.model import API_PREFIX, FACE_PREFIX, STATIC_PREFIX
from services.gateway.pages.render import render_page
from services.gateway.pages.shell import BARE, SHELL
from services.gateway.players.addresses import login_of

log = structlog.get_logger(__name__)

MACHINES: Final = (API_PREFIX, FACE_PREFIX, "/internal/", STATIC_PREFIX)
"""Addresses that programs read: their errors stay problem+json, whoever asks."""

ADVICE: Final = {
    400: "Nothing can be opened under this address.",
    401: "Sign in and open the page again.",
    403: "Open the page again and repeat what you did.",
    404: "The address may be mistyped, or what it named has been removed.",
    413: "Send less at once.",
    429: "Wait a moment, then try again.",
    502: "Try again in a moment. If it stays, look at the source's state.",
    503: "The hub may still be starting. Try again in a few seconds.",
    504: "Try again: what was slow may have arrived by then.",
}
ADVICE_OTHERWISE: Final = "Try again. If it happens once more, the request id helps to find it in the log."


def as_page(handler: Handler) -> Handler:
    """Turn what goes wrong in `handler` into a page instead of problem+json."""

    @wraps(handler)
    async def page(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except HeadgateError as error:
            if isinstance(error, Overloaded) and SESSION_COOKIE not in request.cookies:
                raise  # a page for each of a crowd would be more work than what was refused
            return error_page(request, error)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception:
            # The boundary of a page: whatever broke, people get words and the log gets the cause.
            log.exception("page_failed", route=_route(request), method=request.method)
            return error_page(request, HeadgateError())

    return page


@web.middleware
async def lost_people(request: web.Request, handler: Handler) -> web.StreamResponse:
    """An address that doesn't exist answers a browser with a page. Everything that exists passes by."""
    missing = request.match_info.http_exception
    if missing is None or missing.status != 404 or not _is_browser(request):
        return await handler(request)
    return error_page(request, NotFound("There is no page at this address."))


def show_error(request: web.Request, error: HeadgateError) -> web.Response:
    """What the edge refuses before any handler runs: a page for people, a problem for programs."""
    if _is_browser(request):
        return error_page(request, error)
    return problem_response(error, request_id_of(request))


def error_page(request: web.Request, error: HeadgateError) -> web.Response:
    """The failed state of any page; an error that isn't meant for people shows its request id only."""
    if SHELL not in request and SESSION_COOKIE in request.cookies:
        # Only decides whether the page shows the menu; whoever it names is checked behind each entry.
        request[SHELL] = BARE
    context = {
        "title": error.title,
        "detail": error.detail,
        "advice": ADVICE.get(error.status, ADVICE_OTHERWISE),
        "request_id": request_id_of(request),
        "status": error.status,
        "can_repeat": request.method == "GET" and error.status not in (400, 404),
        "here": request.path_qs,
    }
    response = render_page(request, "error.html", context, status=error.status)
    response[CODE] = error.code
    response.headers["Cache-Control"] = "no-store"
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    return response


def _is_browser(request: web.Request) -> bool:
    if "text/html" not in request.headers.get("Accept", ""):
        return False
    return not request.path.startswith(MACHINES) and login_of(request.raw_path) is None


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"
