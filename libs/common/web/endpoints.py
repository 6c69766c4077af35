"""One row of a service's route table: routing, access checks and OpenAPI are made from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from aiohttp import web

from libs.common.errors import Forbidden, HeadgateError, Unauthenticated
from libs.common.identity import SERVICE_ROLE, Identity

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
Access: TypeAlias = Literal["public", "account", "admin", "internal"]
ADMIN_ROLES = frozenset({"owner", "admin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`access` is enforced before `handler` runs; the types describe the request and the answer.

    `GET` answers `HEAD` too. `documented=False` keeps pages and player protocols out of the OpenAPI document.
    A request of `bytes` is a file, sent as it is. `headers` may go along: what each says.
    One that `lasts` is an answer somebody listens to for hours: that is neither load nor slowness.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    access: Access
    request: type | None = None
    response: type | None = None
    query: type | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    errors: tuple[type[HeadgateError], ...] = ()
    documented: bool = True
    lasts: bool = False


def check_access(access: Access, identity: Identity) -> None:
    """Raise Unauthenticated when nobody asks, Forbidden when somebody asks who may not."""
    if access == "public":
        return
    if access == "internal":
        if SERVICE_ROLE not in identity.roles:
            raise Forbidden("Only services of this installation may call this address.")
        return
    if not identity.account_id:
        raise Unauthenticated("Sign in, or send an access token.")
    if access == "admin" and ADMIN_ROLES.isdisjoint(identity.roles):
        raise Forbidden("Only the owner or an administrator may do this.")
