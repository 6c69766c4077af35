"""The REST endpoints the gateway answers itself: set-up, sign-in, and what to paste into players."""

from aiohttp import web

from libs.common.contracts.accounts import NewPassword, OwnDeletion, Registration
from libs.common.contracts.auth import (
    Account,
    Credentials,
    LoginRequest,
    LogoutRequest,
    RefreshRequest,
    Tokens,
)
from libs.common.errors import Conflict, Forbidden, InvalidInput, RateLimited, Unauthenticated, Unavailable
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_json
from services.gateway.abuse.watch import SIGN_IN_NAME
from services.gateway.address import check_setup_host, client_address, client_of, is_own_origin
from services.gateway.identify import may_write
from services.gateway.install import (
    player_addresses,
    rotate_player_login,
    rotate_stremio_url,
    stremio_url,
)
from services.gateway.keys import ACCOUNTS, AUTH
from services.gateway.model import NO_STORE
from services.gateway.schemas import (
    AccountShown,
    InstallAddress,
    Me,
    PasswordChange,
    PasswordTyped,
    PlayerAddresses,
    ProfileShown,
    RefreshToken,
    RegistrationWanted,
)


async def setup(request: web.Request) -> web.Response:
    check_setup_host(request)
    origin = request.headers.get("Origin")
    if origin is not None and not is_own_origin(request, origin):
        raise Forbidden("Another site's page may not set up this hub.")
    wanted = await read_json(request, Credentials)
    account = await request.app[AUTH].setup(wanted.username, wanted.password, deadline=deadline_of(request))
    return json_response(account, status=201, headers=NO_STORE)


async def login(request: web.Request) -> web.Response:
    wanted = await read_json(request, Credentials)
    request[SIGN_IN_NAME] = wanted.username
    result = await request.app[AUTH].login(
        LoginRequest(
            username=wanted.username,
            password=wanted.password,
            kind="api",
            client_address=client_address(request),
            client=client_of(request),
        ),
        deadline=deadline_of(request),
    )
    if result.tokens is None:
        raise Unavailable("Signing in gave no tokens.")
    return json_response(result.tokens, headers=NO_STORE)


async def register(request: web.Request) -> web.Response:
    wanted = await read_json(request, RegistrationWanted)
    account = await request.app[ACCOUNTS].register(
        Registration(
            username=wanted.username,
            password=wanted.password,
            invitation=wanted.invitation,
            client_address=client_address(request),
        ),
        deadline=deadline_of(request),
    )
    return json_response(account, status=201, headers=NO_STORE)


async def refresh(request: web.Request) -> web.Response:
    wanted = await read_json(request, RefreshRequest)
    tokens = await request.app[AUTH].refresh(wanted.refresh_token, deadline=deadline_of(request))
    return json_response(tokens, headers=NO_STORE)


async def logout(request: web.Request) -> web.Response:
    wanted = await read_json(request, RefreshToken)
    await request.app[AUTH].logout(
        LogoutRequest(refresh_token=wanted.refresh_token), deadline=deadline_of(request)
    )
    return web.Response(status=204, headers=NO_STORE)


async def me(request: web.Request) -> web.Response:
    identity = identity_of(request)
    account = await request.app[AUTH].account(identity, deadline=deadline_of(request))
    # An address of players outlives a key: who may only look is given none.
    may_play = may_write(identity)
    players = await player_addresses(request, identity) if may_play else None
    shown = Me(
        account=AccountShown(account.id, account.username, account.roles),
        profile=ProfileShown(account.profile_id, account.profile_name),
        tier=account.tier,
        stremio_url=await stremio_url(request, identity) if may_play else None,
        xtream=players.xtream if players else None,
        m3u_url=players.m3u_url if players else None,
        xmltv_url=players.xmltv_url if players else None,
    )
    return json_response(shown, headers=NO_STORE)


async def change_password(request: web.Request) -> web.Response:
    wanted = await read_json(request, PasswordChange)
    changed = NewPassword(
        current_password=wanted.current_password,
        new_password=wanted.new_password,
        client_address=client_address(request),
    )
    await request.app[ACCOUNTS].change_password(identity_of(request), changed, deadline=deadline_of(request))
    return web.Response(status=204, headers=NO_STORE)


async def delete_me(request: web.Request) -> web.Response:
    wanted = await read_json(request, PasswordTyped)
    deletion = OwnDeletion(password=wanted.password, client_address=client_address(request))
    await request.app[ACCOUNTS].delete_own(identity_of(request), deletion, deadline=deadline_of(request))
    return web.Response(status=204, headers=NO_STORE)


async def rotate_install_token(request: web.Request) -> web.Response:
    address = await rotate_stremio_url(request, identity_of(request))
    return json_response(InstallAddress(address), headers=NO_STORE)


async def rotate_login(request: web.Request) -> web.Response:
    addresses = await rotate_player_login(request, identity_of(request))
    return json_response(addresses, headers=NO_STORE)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/api/v1/setup",
        handler=setup,
        summary="Create the owner account, once",
        access="public",
        request=Credentials,
        response=Account,
        status=201,
        errors=(Conflict, Forbidden),
    ),
    Endpoint(
        method="POST",
        path="/api/v1/auth/login",
        handler=login,
        summary="Sign in for an access token and a refresh token",
        access="public",
        request=Credentials,
        response=Tokens,
        errors=(Unauthenticated, RateLimited),
    ),
    Endpoint(
        method="POST",
        path="/api/v1/auth/register",
        handler=register,
        summary="Make an account of one's own, where the operator allows it",
        access="public",
        request=RegistrationWanted,
        response=Account,
        status=201,
        errors=(Forbidden, Conflict, RateLimited),
    ),
    Endpoint(
        method="POST",
        path="/api/v1/auth/refresh",
        handler=refresh,
        summary="Exchange a refresh token, which works once, for new tokens",
        access="public",
        request=RefreshRequest,
        response=Tokens,
        errors=(Unauthenticated,),
    ),
    Endpoint(
        method="POST",
        path="/api/v1/auth/logout",
        handler=logout,
        summary="End the session a refresh token belongs to",
        access="public",
        request=RefreshToken,
        status=204,
        errors=(InvalidInput,),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/me",
        handler=me,
        summary="Who is signed in, and what to paste into players",
        access="account",
        response=Me,
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/me",
        handler=delete_me,
        summary="Delete your account with everything that belongs to it, for good",
        access="account",
        request=PasswordTyped,
        status=204,
        errors=(Forbidden, RateLimited),
    ),
    Endpoint(
        method="POST",
        path="/api/v1/me/password",
        handler=change_password,
        summary="Choose another password; every other session ends",
        access="account",
        request=PasswordChange,
        status=204,
        errors=(Forbidden, RateLimited),
    ),
    Endpoint(
        method="POST",
        path="/api/v1/install-token/rotate",
        handler=rotate_install_token,
        summary="Replace the addon address; the old one stops working",
        access="account",
        response=InstallAddress,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/player-login/rotate",
        handler=rotate_login,
        summary="Replace the password that IPTV apps sign in with; the old one stops working",
        access="account",
        response=PlayerAddresses,
    ),
)
