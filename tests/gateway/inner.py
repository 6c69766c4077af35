"""The services behind the gateway as small servers: they verify who asks and remember their calls."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from libs.common.access_token import sign_access_token
from libs.common.clock import Clock
from libs.common.contracts import auth
from libs.common.identity import HEADER, Identity, IdentitySigner
from libs.common.secrets import SecretKey

SECRET = "a secret for tests, long enough to count"
OWNER = Identity("acc1", "pro1", "premium", ("owner",))
STRANGER = Identity("acc2", "pro2", "free", ())
INSTALL_TOKEN = "install-token-of-acc1"
SESSION_TOKEN = "session-token-of-acc1"
PLAYER_NAME = "ada"
PLAYER_PASSWORD = "abcdefgh2345"
PASSWORD = "correct horse battery"
NAMES = ("auth", "catalog", "streaming", "sync")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Call:
    service: str
    method: str
    raw_path: str
    headers: Mapping[str, str]
    identity: Identity
    body: bytes


@dataclass
class Canned:
    """An answer to give; `gate` holds it back until set."""

    body: bytes = b'{"metas":[]}'
    status: int = 200
    headers: dict[str, str] = field(
        default_factory=lambda: {"Cache-Control": "max-age=60, stale-while-revalidate=30, stale-if-error=600"}
    )
    gate: asyncio.Event | None = None


class Inner:
    """State shared by the four servers."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.signer = IdentitySigner(SecretKey.from_text(SECRET), clock)
        self.calls: list[Call] = []
        self.canned: dict[str, Canned] = {}
        self.handlers: dict[str, Handler] = {}
        self.owner_exists = True
        self.installs = {INSTALL_TOKEN: OWNER}
        self.sessions = {SESSION_TOKEN: OWNER}
        self.players = {f"{PLAYER_NAME}/{PLAYER_PASSWORD}": OWNER}
        self.families = {
            "fam1": replace(OWNER, session_id="fam1"),
            "fam2": replace(STRANGER, session_id="fam2"),
        }
        self.keys: dict[str, Identity] = {}
        self.refresh_tokens: set[str] = set()
        self.key = Ed25519PrivateKey.generate()
        self.kid = "k1"
        self.rotations = 0
        self.servers = {name: TestServer(self._app(name)) for name in NAMES}
        self._ports: dict[str, int | None] = {}

    async def __aenter__(self) -> Self:
        for server in self.servers.values():
            await server.start_server()
        self._ports = {name: server.port for name, server in self.servers.items()}
        return self

    async def __aexit__(self, *_error: object) -> None:
        for server in self.servers.values():
            await server.close()

    async def restart(self, name: str) -> None:
        """At the same address, after it was closed."""
        self.servers[name] = TestServer(self._app(name), port=self._ports[name])
        await self.servers[name].start_server()

    def environment(self) -> dict[str, str]:
        urls = {
            f"HEADGATE_{name.upper()}_URL": f"http://127.0.0.1:{server.port}"
            for name, server in self.servers.items()
        }
        return {"HEADGATE_SECRET_KEY": SECRET, "HEADGATE_HOST": "127.0.0.1", "HEADGATE_PORT": "0", **urls}

    def access_token(self, identity: Identity = OWNER, *, ttl_s: int = 900) -> str:
        family_id = next(id_ for id_, of in self.families.items() if of.account_id == identity.account_id)
        return sign_access_token(
            replace(identity, session_id=family_id),
            key=self.key,
            kid=self.kid,
            now=self.clock.now(),
            ttl_s=ttl_s,
            token_id="t1",
        )

    def calls_to(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.raw_path.partition("?")[0] == path]

    def _app(self, name: str) -> web.Application:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await self._answer(name, request)

        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", r"/{tail:[\s\S]*}", answer)
        return app

    async def _answer(self, name: str, request: web.Request) -> web.StreamResponse:
        path = request.raw_path
        handler = self.handlers.get(path.partition("?")[0])
        if handler is not None:
            return await handler(request)
        header = request.headers.get(HEADER)
        identity = self.signer.verify(header) if header else Identity()
        # Where the test's client sits says nothing about who asks.
        identity = replace(identity, network="", session_id="")
        body = await request.read()
        self.calls.append(Call(name, request.method, path, dict(request.headers), identity, body))
        if path.startswith("/internal/auth/"):
            return self._auth(path.removeprefix("/internal/auth/"), body, identity)
        if path.partition("?")[0] == "/readyz":
            return web.json_response({"status": "pass"})
        return await self._given(path)

    async def _given(self, path: str) -> web.Response:
        canned = self.canned.get(path)
        if canned is None:
            return problem(404, "not_found", "Nobody knows it.")
        if canned.gate is not None:
            await canned.gate.wait()
        headers = {"Content-Type": "application/json", **canned.headers}
        return web.Response(body=canned.body, status=canned.status, headers=headers)

    def _auth(self, what: str, body: bytes, identity: Identity) -> web.Response:
        if "service" not in identity.roles:
            return problem(403, "forbidden", "Only services may ask.")
        readers: dict[str, Callable[[], web.Response]] = {
            "setup": lambda: self._setup(body),
            "login": lambda: self._login(msgspec.json.decode(body, type=auth.LoginRequest)),
            "refresh": lambda: self._refresh(msgspec.json.decode(body, type=auth.RefreshRequest)),
            "logout": lambda: self._logout(msgspec.json.decode(body, type=auth.LogoutRequest)),
            "sessions/resolve": lambda: resolved(self.sessions, body),
            "families/resolve": lambda: resolved(self.families, body),
            "api-keys/resolve": lambda: resolved(self.keys, body),
            "install-tokens/resolve": lambda: resolved(self.installs, body),
            "player-logins/resolve": lambda: resolved(self.players, body),
            "player-login": lambda: self._player_login(rotate=False),
            "player-login/rotate": lambda: self._player_login(rotate=True),
            "account": lambda: encoded(account_of(identity)),
            "install-token": lambda: self._install_token(identity, rotate=False),
            "install-token/rotate": lambda: self._install_token(identity, rotate=True),
            "jwks": lambda: encoded(self._jwks()),
        }
        return readers[what]()

    def _setup(self, body: bytes) -> web.Response:
        if not body:
            return encoded(auth.SetupState(needed=not self.owner_exists))
        wanted = msgspec.json.decode(body, type=auth.Credentials)
        if self.owner_exists:
            return problem(409, "owner_exists", "The owner account exists.")
        self.owner_exists = True
        return encoded(auth.Account("acc1", wanted.username, "premium", ("owner",), "pro1", wanted.username))

    def _login(self, wanted: auth.LoginRequest) -> web.Response:
        if wanted.password != PASSWORD:
            return problem(401, "wrong_credentials", "Wrong name or password.")
        return encoded(auth.LoginResult(account_of(OWNER), tokens=self._tokens()))

    def _refresh(self, wanted: auth.RefreshRequest) -> web.Response:
        if wanted.refresh_token not in self.refresh_tokens:
            return problem(401, "refresh_token_invalid", "Sign in again.")
        self.refresh_tokens.remove(wanted.refresh_token)
        return encoded(self._tokens())

    def _logout(self, wanted: auth.LogoutRequest) -> web.Response:
        self.sessions.pop(wanted.session_token or "", None)
        self.refresh_tokens.discard(wanted.refresh_token or "")
        return forgotten(encoded(None))

    def _tokens(self) -> auth.Tokens:
        token = f"refresh-{len(self.calls)}"
        self.refresh_tokens.add(token)
        return auth.Tokens(access_token=self.access_token(), refresh_token=token, expires_in=900)

    def _install_token(self, identity: Identity, *, rotate: bool) -> web.Response:
        if rotate:
            self.rotations += 1
            self.installs = {f"{INSTALL_TOKEN}-{self.rotations}": OWNER}
        token = next(
            token for token, owner in self.installs.items() if owner.account_id == identity.account_id
        )
        answer = encoded(auth.InstallToken("i1", token, datetime(2027, 1, 1, tzinfo=UTC)))
        return forgotten(answer) if rotate else answer

    def _player_login(self, *, rotate: bool) -> web.Response:
        if rotate:
            self.rotations += 1
            self.players = {f"{PLAYER_NAME}/{PLAYER_PASSWORD[:-1]}{self.rotations + 5}": OWNER}
        name, password = next(iter(self.players)).split("/")
        made_at = datetime(2027, 1, 1, tzinfo=UTC)
        answer = encoded(auth.PlayerLogin(username=name, password=password, created_at=made_at))
        return forgotten(answer) if rotate else answer

    def _jwks(self) -> auth.Jwks:
        x = base64.urlsafe_b64encode(self.key.public_key().public_bytes_raw()).rstrip(b"=").decode()
        return auth.Jwks((auth.Jwk(self.kid, x),))


def account_of(identity: Identity) -> auth.Account:
    return auth.Account(identity.account_id, "ada", identity.tier, ("owner",), identity.profile_id, "Ada")


def forgotten(answer: web.Response, account_id: str = "acc1") -> web.Response:
    answer.headers[auth.FORGET_HEADER] = account_id
    return answer


def resolved(known: Mapping[str, Identity], body: bytes) -> web.Response:
    return encoded(auth.Resolved(known.get(msgspec.json.decode(body, type=auth.TokenToResolve).token)))


def encoded(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")


def problem(status: int, code: str, detail: str) -> web.Response:
    body = {"type": f"urn:headgate:problem:{code}", "status": status, "code": code, "detail": detail}
    return web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/problem+json"
    )
