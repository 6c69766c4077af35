"""What stands between an address and its page: errors as pages, who is signed in, who may."""

from libs.common.web import Endpoint, Handler
from services.gateway.pages.failures import as_page
from services.gateway.pages.parts import counted
from services.gateway.pages.session import PageHandler, admins_only, signed_in, whole


def opened(method: str, path: str, handler: Handler, summary: str) -> Endpoint:
    """For everybody."""
    return Endpoint(
        method=method,
        path=path,
        handler=counted(as_page(handler)),
        summary=summary,
        access="public",
        documented=False,
    )


def closed(method: str, path: str, handler: PageHandler, summary: str) -> Endpoint:
    """A whole page for whoever is signed in."""
    return opened(method, path, signed_in(whole(handler)), summary)


def part(method: str, path: str, handler: PageHandler, summary: str) -> Endpoint:
    """A fragment, a file or a redirect: nothing stands around it."""
    return opened(method, path, signed_in(handler), summary)


def admin(method: str, path: str, handler: PageHandler, summary: str) -> Endpoint:
    return opened(method, path, signed_in(whole(admins_only(handler))), summary)


def admin_part(method: str, path: str, handler: PageHandler, summary: str) -> Endpoint:
    return opened(method, path, signed_in(admins_only(handler)), summary)
