"""Whom a proof speaks for, as gateways ask it."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.auth import Jwks, Resolved, TokenToResolve
from libs.common.web import Endpoint, json_response, read_json
from services.auth.routes.domain import DOMAIN


async def resolve_session(request: web.Request) -> web.Response:
    asked = await read_json(request, TokenToResolve)
    return json_response(Resolved(await request.app[DOMAIN].sessions.resolve(asked.token)))


async def resolve_family(request: web.Request) -> web.Response:
    asked = await read_json(request, TokenToResolve)
    return json_response(Resolved(await request.app[DOMAIN].tokens.resolve(asked.token)))


async def resolve_install_token(request: web.Request) -> web.Response:
    asked = await read_json(request, TokenToResolve)
    return json_response(Resolved(await request.app[DOMAIN].install_tokens.resolve(asked.token)))


async def resolve_api_key(request: web.Request) -> web.Response:
    asked = await read_json(request, TokenToResolve)
    return json_response(await request.app[DOMAIN].api_keys.resolve(asked.token))


async def resolve_player_login(request: web.Request) -> web.Response:
    asked = await read_json(request, TokenToResolve)
    return json_response(Resolved(await request.app[DOMAIN].player_logins.resolve(asked.token)))


async def jwks(request: web.Request) -> web.Response:
    return json_response(await request.app[DOMAIN].keys.jwks())


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/internal/auth/sessions/resolve",
        handler=resolve_session,
        summary="Whose page session a token is",
        access="internal",
        request=TokenToResolve,
        response=Resolved,
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/families/resolve",
        handler=resolve_family,
        summary="Whom a family of refresh tokens speaks for, by its id",
        access="internal",
        request=TokenToResolve,
        response=Resolved,
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/api-keys/resolve",
        handler=resolve_api_key,
        summary="Whose API key it is",
        access="internal",
        request=TokenToResolve,
        response=Resolved,
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/install-tokens/resolve",
        handler=resolve_install_token,
        summary="Whose install token it is",
        access="internal",
        request=TokenToResolve,
        response=Resolved,
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/player-logins/resolve",
        handler=resolve_player_login,
        summary="Whose login for IPTV apps it is",
        access="internal",
        request=TokenToResolve,
        response=Resolved,
    ),
    Endpoint(
        method="GET",
        path="/internal/auth/jwks",
        handler=jwks,
        summary="The keys that access tokens are signed with",
        access="internal",
        response=Jwks,
    ),
)
