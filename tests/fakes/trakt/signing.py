"""Signing in: codes that users type, access tokens that end, refresh tokens that work once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from libs.common.clock import Clock
from tests.fakes.trakt.person import Person

VERIFICATION_URL = "https://trakt.tv/activate"
PENDING, UNKNOWN, USED, EXPIRED, DENIED, TOO_FAST = 400, 404, 409, 410, 418, 429


@dataclass
class Code:
    device_code: str
    user_code: str
    client_id: str
    ends_at: float
    person: Person | None = None
    denied: bool = False
    used: bool = False
    polled_at: float | None = None


@dataclass
class SignedIn:
    """One pair of tokens and whose it is."""

    person: Person
    client_id: str
    access: str
    refresh: str
    created_at: float
    ends_at: float
    refreshed: bool = False
    revoked: bool = False


@dataclass
class Signing:
    """`apps` are client ids with their secrets; `removed` those that Trakt has taken away.

    `ends_old_access` is whether a renewed sign-in ends the access token that was there before.
    """

    clock: Clock
    apps: dict[str, str] = field(default_factory=lambda: {"client-1": "secret-1"})
    removed: set[str] = field(default_factory=set)
    lives_s: int = 604_800
    interval_s: int = 5
    code_lives_s: int = 600
    ends_old_access: bool = False
    codes: dict[str, Code] = field(default_factory=dict)
    sign_ins: list[SignedIn] = field(default_factory=list)
    refreshes: int = 0
    """How many were asked for, whatever came of them."""

    def approve(self, user_code: str, person: Person) -> None:
        self._typed(user_code).person = person

    def deny(self, user_code: str) -> None:
        self._typed(user_code).denied = True

    def sign_in(self, person: Person, client_id: str) -> SignedIn:
        now = self.clock.time()
        pair = SignedIn(
            person, client_id, secrets.token_hex(32), secrets.token_hex(32), now, now + self.lives_s
        )
        self.sign_ins.append(pair)
        return pair

    def whose(self, access: str) -> SignedIn | None:
        """The sign-in of a token that is good now."""
        now = self.clock.time()
        return next(
            (one for one in self.sign_ins if one.access == access and not one.revoked and now < one.ends_at),
            None,
        )

    def revoke(self, person: Person) -> None:
        """As its owner does on Trakt's own pages."""
        for one in self.sign_ins:
            if one.person is person:
                one.revoked = one.refreshed = True

    async def device_code(self, request: web.Request) -> web.Response:
        sent = await _read(request)
        if (refused := self._refused(sent)) is not None:
            return refused
        code = Code(
            device_code=secrets.token_hex(32),
            user_code=secrets.token_hex(4).upper(),
            client_id=sent["client_id"],
            ends_at=self.clock.time() + self.code_lives_s,
        )
        self.codes[code.device_code] = code
        return web.json_response(
            {
                "device_code": code.device_code,
                "user_code": code.user_code,
                "verification_url": VERIFICATION_URL,
                "expires_in": self.code_lives_s,
                "interval": self.interval_s,
            }
        )

    async def device_token(self, request: web.Request) -> web.Response:
        sent = await _read(request)
        if (refused := self._refused(sent)) is not None:
            return refused
        code = self.codes.get(sent.get("code", ""))
        if code is None or code.client_id != sent["client_id"]:
            return web.Response(status=UNKNOWN)
        now, before = self.clock.time(), code.polled_at
        code.polled_at = now
        if before is not None and now - before < self.interval_s:
            return web.Response(status=TOO_FAST, headers={"Retry-After": str(self.interval_s)})
        for status, holds in (
            (USED, code.used),
            (DENIED, code.denied),
            (EXPIRED, now >= code.ends_at),
            (PENDING, code.person is None),
        ):
            if holds:
                return web.Response(status=status)
        assert code.person is not None
        code.used = True
        return _tokens(self.sign_in(code.person, code.client_id))

    async def token(self, request: web.Request) -> web.Response:
        sent = await _read(request)
        if (refused := self._refused(sent)) is not None:
            return refused
        self.refreshes += 1
        old = next((one for one in self.sign_ins if one.refresh == sent.get("refresh_token")), None)
        mine = old is not None and old.client_id == sent["client_id"] and not old.refreshed
        if old is None or not mine or sent.get("grant_type") != "refresh_token":
            told = {"error": "invalid_grant", "error_description": "session not found"}
            return web.json_response(told, status=400)
        old.refreshed, old.revoked = True, old.revoked or self.ends_old_access
        return _tokens(self.sign_in(old.person, old.client_id))

    async def revoked(self, request: web.Request) -> web.Response:
        sent = await _read(request)
        if (refused := self._refused(sent)) is not None:
            return refused
        for one in self.sign_ins:
            if sent.get("token") in (one.access, one.refresh):
                one.revoked = one.refreshed = True
        return web.json_response({})

    def _refused(self, sent: dict[str, Any]) -> web.Response | None:
        client_id, secret = sent.get("client_id"), sent.get("client_secret")
        if client_id in self.removed:
            return web.json_response({"error": "invalid_client"}, status=403)
        if client_id not in self.apps or (secret and secret != self.apps[client_id]):
            return web.json_response({"error": "invalid_client"}, status=401)
        return None

    def _typed(self, user_code: str) -> Code:
        return next(code for code in self.codes.values() if code.user_code == user_code)


async def _read(request: web.Request) -> dict[str, Any]:
    sent = await request.json()
    return sent if isinstance(sent, dict) else {}


def _tokens(pair: SignedIn) -> web.Response:
    return web.json_response(
        {
            "access_token": pair.access,
            "token_type": "bearer",
            "expires_in": int(pair.ends_at - pair.created_at),
            "refresh_token": pair.refresh,
            "scope": "public",
            "created_at": int(pair.created_at),
        }
    )
