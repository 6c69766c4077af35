"""What gateways and other services call: signing in and out, and what belongs to an account."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.accounts import NewPassword, OwnDeletion, Registration
from libs.common.contracts.auth import (
    Account,
    Credentials,
    InstallToken,
    LoginRequest,
    LoginResult,
    LogoutRequest,
    PlayerLogin,
    RefreshRequest,
    SetupState,
    Tokens,
)
from libs.common.contracts.removals import Removals, RemovalsDone
from libs.common.errors import InvalidInput, Unauthenticated
from libs.common.web import Endpoint, identity_of, json_response, read_json, read_query
from services.auth.errors import (
    AccountDisabled,
    AlreadySetUp,
    InvitationRefused,
    KeyRefused,
    NameTaken,
    OwnerProtected,
    RefreshRefused,
    RegistrationClosed,
    TooManyLogins,
    WrongCredentials,
    WrongPassword,
)
from services.auth.model import Asker
from services.auth.routes.domain import DOMAIN, forget
from services.auth.schemas import RemovalsQuery, account_shape


async def setup_state(request: web.Request) -> web.Response:
    return json_response(SetupState(await request.app[DOMAIN].accounts.needs_setup()))


async def set_up(request: web.Request) -> web.Response:
    chosen = await read_json(request, Credentials)
    account = await request.app[DOMAIN].accounts.set_up(chosen.username, chosen.password)
    return json_response(account_shape(account), status=201)


async def login(request: web.Request) -> web.Response:
    asked = await read_json(request, LoginRequest)
    domain, address = request.app[DOMAIN], asked.client_address
    account = await domain.accounts.sign_in(asked.username, asked.password, address=address)
    asker = Asker.of(address, asked.client)
    if asked.kind == "web":
        session = await domain.sessions.begin(account, asker)
        return json_response(LoginResult(account_shape(account), session_token=session))
    tokens = await domain.tokens.begin(account, asker)
    return json_response(LoginResult(account_shape(account), tokens=tokens))


async def refresh(request: web.Request) -> web.Response:
    asked = await read_json(request, RefreshRequest)
    try:
        return json_response(await request.app[DOMAIN].tokens.refresh(asked.refresh_token))
    except RefreshRefused as error:
        forget(request, error.account_id)
        raise


async def logout(request: web.Request) -> web.Response:
    asked = await read_json(request, LogoutRequest)
    if asked.session_token is not None:
        forget(request, await request.app[DOMAIN].sessions.end(asked.session_token))
    if asked.refresh_token is not None:
        forget(request, await request.app[DOMAIN].tokens.end(asked.refresh_token))
    return web.Response(status=204)


async def register(request: web.Request) -> web.Response:
    wanted = await read_json(request, Registration)
    account = await request.app[DOMAIN].registrations.register(wanted)
    return json_response(account_shape(account), status=201)


async def change_password(request: web.Request) -> web.Response:
    wanted, identity = await read_json(request, NewPassword), identity_of(request)
    await request.app[DOMAIN].accounts.change_password(identity, wanted)
    forget(request, identity.account_id)
    return web.Response(status=204)


async def delete_account(request: web.Request) -> web.Response:
    wanted, identity = await read_json(request, OwnDeletion), identity_of(request)
    await request.app[DOMAIN].accounts.delete_own(identity, wanted)
    forget(request, identity.account_id)
    return web.Response(status=204)


async def removals(request: web.Request) -> web.Response:
    query = read_query(request, RemovalsQuery)
    return json_response(Removals(tuple(await request.app[DOMAIN].removals.removals(query.limit))))


async def removals_done(request: web.Request) -> web.Response:
    done = await read_json(request, RemovalsDone)
    await request.app[DOMAIN].removals.done(done.ids)
    return web.Response(status=204)


async def account(request: web.Request) -> web.Response:
    found = await request.app[DOMAIN].accounts.of(identity_of(request))
    return json_response(account_shape(found))


async def install_token(request: web.Request) -> web.Response:
    identity = identity_of(request)
    await request.app[DOMAIN].accounts.of(identity)
    return json_response(await request.app[DOMAIN].install_tokens.show(identity))


async def rotate_install_token(request: web.Request) -> web.Response:
    identity = identity_of(request)
    await request.app[DOMAIN].accounts.of(identity)
    rotated = await request.app[DOMAIN].install_tokens.rotate(identity)
    forget(request, identity.account_id)
    return json_response(rotated)


async def player_login(request: web.Request) -> web.Response:
    domain, identity = request.app[DOMAIN], identity_of(request)
    return json_response(await domain.player_logins.show(await domain.accounts.of(identity), identity))


async def rotate_player_login(request: web.Request) -> web.Response:
    domain, identity = request.app[DOMAIN], identity_of(request)
    rotated = await domain.player_logins.rotate(await domain.accounts.of(identity), identity)
    forget(request, identity.account_id)
    return json_response(rotated)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/internal/auth/setup",
        handler=setup_state,
        summary="Whether the owner account is still to be made",
        access="internal",
        response=SetupState,
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/setup",
        handler=set_up,
        summary="Make the owner account, once",
        access="internal",
        request=Credentials,
        response=Account,
        status=201,
        errors=(AlreadySetUp, InvalidInput),
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/login",
        handler=login,
        summary="Sign in with name and password",
        access="internal",
        request=LoginRequest,
        response=LoginResult,
        errors=(WrongCredentials, TooManyLogins, AccountDisabled),
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/refresh",
        handler=refresh,
        summary="A new token pair for a refresh token",
        access="internal",
        request=RefreshRequest,
        response=Tokens,
        errors=(RefreshRefused,),
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/logout",
        handler=logout,
        summary="End a page session or a family of refresh tokens",
        access="internal",
        request=LogoutRequest,
        status=204,
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/register",
        handler=register,
        summary="Make an account of one's own",
        access="internal",
        request=Registration,
        response=Account,
        status=201,
        errors=(RegistrationClosed, InvitationRefused, NameTaken, TooManyLogins),
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/password",
        handler=change_password,
        summary="Choose another password; every other session ends",
        access="internal",
        request=NewPassword,
        status=204,
        errors=(WrongPassword, TooManyLogins, KeyRefused, Unauthenticated),
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/account/delete",
        handler=delete_account,
        summary="Delete one's own account with all that belongs to it",
        access="internal",
        request=OwnDeletion,
        status=204,
        errors=(WrongPassword, TooManyLogins, KeyRefused, OwnerProtected, Unauthenticated),
    ),
    Endpoint(
        method="GET",
        path="/internal/auth/removals",
        handler=removals,
        summary="What was removed and not everybody has followed",
        access="internal",
        query=RemovalsQuery,
        response=Removals,
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/removals/done",
        handler=removals_done,
        summary="Everybody has followed these removals",
        access="internal",
        request=RemovalsDone,
        status=204,
    ),
    Endpoint(
        method="GET",
        path="/internal/auth/account",
        handler=account,
        summary="The account the call is made for",
        access="internal",
        response=Account,
        errors=(Unauthenticated,),
    ),
    Endpoint(
        method="GET",
        path="/internal/auth/install-token",
        handler=install_token,
        summary="The profile's install token, made on the first call",
        access="internal",
        response=InstallToken,
        errors=(Unauthenticated,),
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/install-token/rotate",
        handler=rotate_install_token,
        summary="Replace the profile's install token",
        access="internal",
        response=InstallToken,
        errors=(Unauthenticated,),
    ),
    Endpoint(
        method="GET",
        path="/internal/auth/player-login",
        handler=player_login,
        summary="The profile's login for IPTV apps, made on the first call",
        access="internal",
        response=PlayerLogin,
        errors=(Unauthenticated,),
    ),
    Endpoint(
        method="POST",
        path="/internal/auth/player-login/rotate",
        handler=rotate_player_login,
        summary="Replace the password of the profile's login for IPTV apps",
        access="internal",
        response=PlayerLogin,
        errors=(Unauthenticated,),
    ),
)
