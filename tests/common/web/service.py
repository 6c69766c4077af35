"""A little service for the web tests: the real app maker around the handlers a test brings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from libs.common.clock import Clock
from libs.common.health import Health
from libs.common.identity import HEADER as IDENTITY_HEADER
from libs.common.identity import Identity, IdentitySigner
from libs.common.metrics import Metrics
from libs.common.web import Endpoint, create_service_app
from libs.common.web.endpoints import Access, Handler
from tests.fakes.settings import common_settings


async def no_context(_app: web.Application) -> AsyncIterator[None]:
    yield


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
        settings=common_settings(tmp_path, **(variables or {})),
        clock=clock,
        endpoints=endpoints,
        metrics=more.pop("metrics", None) or Metrics("auth", clock=clock),
        context=more.pop("context", no_context),
        health=more.pop("health", None) or Health(clock=clock),
        **more,
    )


def signed(tmp_path: Path, clock: Clock, identity: Identity) -> dict[str, str]:
    """The header with which another service of this installation calls on behalf of `identity`."""
    signer = IdentitySigner(common_settings(tmp_path).secret_key, clock)
    return {IDENTITY_HEADER: signer.sign(identity)}
