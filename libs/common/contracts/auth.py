"""What auth says and takes: accounts, sessions, access tokens, install tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from libs.common.contracts.client import FOR_ANYBODY, SERVICE, ServiceClient
from libs.common.contracts.removals import Removals, RemovalsDone
from libs.common.deadline import Deadline
from libs.common.identity import Identity, ProofKind

FORGET_HEADER = "X-Headgate-Forget"
"""On auth's answers, also on refusals: the accounts, by commas, of which gateways must remember nothing.
Never passed outward."""

MIN_PASSWORD_CHARS = 10
"""Enough for a short sentence; auth refuses less, and pages say so beforehand."""
PLAYER_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No two of which look alike on a television."""
PLAYER_PASSWORD_CHARS = 12
"""59 bits: nobody guesses so many at a hub that counts, and a remote control types them in a minute."""


class SetupState(msgspec.Struct, frozen=True):
    """`needed` until the owner account exists."""

    needed: bool


class Credentials(msgspec.Struct, frozen=True):
    username: str
    password: str


class LoginRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` web asks for a page session, api for a token pair. The address feeds the login throttle.

    `client` is what the browser or program calls itself, for the list of sessions.
    """

    username: str
    password: str
    kind: Literal["api", "web"]
    client_address: str = ""
    client: str = ""


class Account(msgspec.Struct, frozen=True):
    id: str
    username: str
    tier: str
    roles: tuple[str, ...]
    profile_id: str
    profile_name: str


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """OAuth 2 shaped: `expires_in` in seconds, the refresh token works once."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105  the name of a scheme


class LoginResult(msgspec.Struct, frozen=True):
    """`tokens` for kind api, `session_token` for kind web."""

    account: Account
    tokens: Tokens | None = None
    session_token: str | None = None


class RefreshRequest(msgspec.Struct, frozen=True):
    refresh_token: str


class LogoutRequest(msgspec.Struct, frozen=True):
    """Either one; an unknown token is no error."""

    refresh_token: str | None = None
    session_token: str | None = None


class TokenToResolve(msgspec.Struct, frozen=True):
    token: str


class Resolved(msgspec.Struct, frozen=True):
    """`identity` is null when the token is unknown, revoked or expired. `lives_s` is what is left of a proof
    that ends by itself; relative, since two machines' clocks differ.
    """

    identity: Identity | None
    lives_s: float | None = None


class InstallToken(msgspec.Struct, frozen=True):
    """The secret part of an account's addon address. It never contains the configuration."""

    id: str
    token: str
    created_at: datetime


class PlayerLogin(msgspec.Struct, frozen=True, kw_only=True):
    """What IPTV apps sign in with as a profile. It never contains the configuration."""

    username: str
    password: str
    created_at: datetime

    def __repr__(self) -> str:
        return f"PlayerLogin(username={self.username!r}, password hidden)"


class Jwk(msgspec.Struct, frozen=True, omit_defaults=True):
    """An Ed25519 public key (RFC 8037)."""

    kid: str
    x: str
    kty: str = "OKP"
    crv: str = "Ed25519"
    alg: str = "EdDSA"
    use: str = "sig"


class Jwks(msgspec.Struct, frozen=True):
    keys: tuple[Jwk, ...]


class AuthClient:
    """Typed calls to the auth service."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service

    async def setup_state(self, *, deadline: Deadline) -> SetupState:
        return await self.service.call(
            "GET", "/internal/auth/setup", identity=FOR_ANYBODY, deadline=deadline, into=SetupState
        )

    async def setup(self, username: str, password: str, *, deadline: Deadline) -> Account:
        """Creates the owner. Raises `Conflict` once there is one, `InvalidInput` for a refused name."""
        return await self.service.call(
            "POST",
            "/internal/auth/setup",
            identity=FOR_ANYBODY,
            deadline=deadline,
            body=Credentials(username, password),
            into=Account,
        )

    async def login(self, request: LoginRequest, *, deadline: Deadline) -> LoginResult:
        """Raises `Unauthenticated` for wrong credentials, `RateLimited` after too many."""
        return await self.service.call(
            "POST",
            "/internal/auth/login",
            identity=FOR_ANYBODY,
            deadline=deadline,
            body=request,
            into=LoginResult,
        )

    async def refresh(self, refresh_token: str, *, deadline: Deadline) -> Tokens:
        """Raises `Unauthenticated`; a token used twice ends its whole family."""
        return await self.service.call(
            "POST",
            "/internal/auth/refresh",
            identity=SERVICE,
            deadline=deadline,
            body=RefreshRequest(refresh_token),
            into=Tokens,
        )

    async def logout(self, request: LogoutRequest, *, deadline: Deadline) -> None:
        await self.service.call(
            "POST",
            "/internal/auth/logout",
            identity=SERVICE,
            deadline=deadline,
            body=request,
            into=type(None),
        )

    async def resolve(
        self, kind: ProofKind, token: str, *, deadline: Deadline, is_guess: bool = False
    ) -> Resolved:
        """Whom a proof speaks for now. `is_guess` where nothing makes it look like one that auth has made."""
        return await self.service.call(
            "POST",
            f"/internal/auth/{kind}/resolve",
            identity=FOR_ANYBODY if is_guess else SERVICE,
            deadline=deadline,
            body=TokenToResolve(token),
            into=Resolved,
        )

    async def removals(self, *, limit: int, deadline: Deadline) -> Removals:
        """What was removed and not everybody has followed yet."""
        path = f"/internal/auth/removals?limit={limit}"
        return await self.service.call("GET", path, identity=SERVICE, deadline=deadline, into=Removals)

    async def removals_done(self, ids: tuple[str, ...], *, deadline: Deadline) -> None:
        await self.service.call(
            "POST",
            "/internal/auth/removals/done",
            identity=SERVICE,
            deadline=deadline,
            body=RemovalsDone(ids),
            into=type(None),
        )

    async def account(self, identity: Identity, *, deadline: Deadline) -> Account:
        return await self.service.call(
            "GET",
            "/internal/auth/account",
            identity=identity.as_service(),
            deadline=deadline,
            into=Account,
        )

    async def install_token(self, identity: Identity, *, deadline: Deadline) -> InstallToken:
        """The profile's token, made on the first call."""
        return await self.service.call(
            "GET",
            "/internal/auth/install-token",
            identity=identity.as_service(),
            deadline=deadline,
            into=InstallToken,
        )

    async def rotate_install_token(self, identity: Identity, *, deadline: Deadline) -> InstallToken:
        """A new token; the old one stops working."""
        return await self.service.call(
            "POST",
            "/internal/auth/install-token/rotate",
            identity=identity.as_service(),
            deadline=deadline,
            into=InstallToken,
        )

    async def player_login(self, identity: Identity, *, deadline: Deadline) -> PlayerLogin:
        """The profile's login, made on the first call."""
        return await self.service.call(
            "GET",
            "/internal/auth/player-login",
            identity=identity.as_service(),
            deadline=deadline,
            into=PlayerLogin,
        )

    async def rotate_player_login(self, identity: Identity, *, deadline: Deadline) -> PlayerLogin:
        """A new password; the old one stops working."""
        return await self.service.call(
            "POST",
            "/internal/auth/player-login/rotate",
            identity=identity.as_service(),
            deadline=deadline,
            into=PlayerLogin,
        )

    async def jwks(self, *, deadline: Deadline) -> Jwks:
        return await self.service.call(
            "GET", "/internal/auth/jwks", identity=SERVICE, deadline=deadline, into=Jwks
        )
