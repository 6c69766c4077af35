"""A little service for the web tests: the real app maker around the handlers a test brings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from libs.common.clock import Clock
from libs.common.ground import Ground
from libs.common.identity import HEADER as IDENTITY_HEADER
from libs.common.identity import Identity, IdentitySigner
from libs.common.web import Endpoint, create_service_app
from libs.common.web.endpoints import Access, Handler
from tests.fakes.settings import common_settings


async def nothing(_app: web.Application, _ground: Ground) -> None:
    """A graph of no collaborators."""


async def ok(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


def endpoint(
    handler: Handler = ok, method: str = "GET", path: str = "/thing", access: Access = "public", **more: Any
) -> Endpoint:
    return Endpoint(method=method, path=path, handler=handler, summary="Thing", access=access, **more)


def service(
    tmp_path: Path,
    clock: Clock,
    endpoints: Sequence[Endpoint],
    *,
    variables: dict[str, str] | None = None,
    **more: Any,
) -> web.Application:
    return create_service_app(
        common_settings(tmp_path, **(variables or {})),
        endpoints,
        more.pop("build", nothing),
        clock=clock,
        **more,
    )


def signed(tmp_path: Path, clock: Clock, identity: Identity) -> dict[str, str]:
    """The header with which another service of this installation calls on behalf of `identity`."""
    signer = IdentitySigner(common_settings(tmp_path).secret_key, clock)
    return {IDENTITY_HEADER: signer.sign(identity)}
