"""Signing in by code, and the tokens that come of it: one question, one answer, no memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from libs.common.deadline import Deadline
from libs.common.http import Fetched, Fetcher, FetchError, FetchLimits
from libs.protocols.trakt.answers import raise_for_status, read, unavailable
from libs.protocols.trakt.app import REDIRECT_URI, TraktApp, check_credential
from libs.protocols.trakt.errors import (
    AnswerUnreadable,
    AppRefused,
    CodeDenied,
    CodeEnded,
    CodeExpired,
    CodeUnknown,
    CodeUsed,
    GrantInvalid,
    InvalidCredential,
)
from libs.protocols.trakt.wire import DeviceCode, Tokens

AUTH_URL: Final = "https://auth.trakt.tv"
_OK, _PENDING = 200, 400
_ENDED: Final[Mapping[int, tuple[type[CodeEnded], str]]] = {
    404: (CodeUnknown, "Trakt does not know this code."),
    409: (CodeUsed, "This code was used already."),
    410: (CodeExpired, "This code has expired."),
    418: (CodeDenied, "This code was denied at Trakt."),
}
_REFRESH_REFUSED: Final = (400, 401)


class _Refusal(msgspec.Struct, frozen=True):
    error: str = ""


class TraktAuth:
    """Raises only TraktError. No retry and no pace of its own."""

    def __init__(
        self,
        fetcher: Fetcher,
        base_url: str = AUTH_URL,
        *,
        timeout_s: float = 15.0,
        max_bytes: int = 64 * 1024,
    ) -> None:
        self._fetcher = fetcher
        self._base_url = base_url.rstrip("/")
        self._limits = FetchLimits(max_bytes=max_bytes, total_s=timeout_s, max_redirects=0)

    async def device_code(self, app: TraktApp, *, deadline: Deadline | None = None) -> DeviceCode:
        """A code for the user to type. Raises AppRefused for a client id that Trakt does not take."""
        fetched = await self._post("/oauth/device/code", app, {"client_id": app.client_id}, deadline)
        _raise_for_app(fetched)
        return read(fetched, DeviceCode, writes=True)

    async def poll(
        self, app: TraktApp, device_code: str, *, deadline: Deadline | None = None
    ) -> Tokens | None:
        """The tokens, or None as long as the user has not typed the code.

        Raises a CodeEnded where none will come, TooMany where the pace is to be halved.
        """
        sent = {"code": device_code, **_named(app)}
        fetched = await self._post("/oauth/device/token", app, sent, deadline)
        if fetched.status == _PENDING:
            # Its body may be anything, but a word about the application.
            if _error(fetched) in ("invalid_client", "unauthorized_client"):
                raise AppRefused("Trakt refuses this client id or secret.")
            return None
        if fetched.status in _ENDED:
            kind, sentence = _ENDED[fetched.status]
            raise kind(sentence)
        _raise_for_app(fetched)
        return _tokens(fetched)

    async def refresh(self, app: TraktApp, refresh_token: str, *, deadline: Deadline | None = None) -> Tokens:
        """A new pair; the old one is of no use from now on. Raises GrantInvalid.

        After an error whose `acted` is None the token may be used up.
        """
        sent = {
            "refresh_token": refresh_token,
            "redirect_uri": REDIRECT_URI,
            "grant_type": "refresh_token",
            **_named(app),
        }
        fetched = await self._post("/oauth/token", app, sent, deadline)
        if fetched.status in _REFRESH_REFUSED and _error(fetched) != "invalid_client":
            raise GrantInvalid("Trakt has ended this sign-in.")
        _raise_for_app(fetched)
        return _tokens(fetched)

    async def revoke(self, app: TraktApp, access_token: str, *, deadline: Deadline | None = None) -> None:
        """End the sign-in. A token that Trakt does not know has ended already."""
        fetched = await self._post("/oauth/revoke", app, {"token": access_token, **_named(app)}, deadline)
        if fetched.status not in (_PENDING, 401, 404):
            _raise_for_app(fetched)

    async def _post(
        self, path: str, app: TraktApp, body: Mapping[str, str], deadline: Deadline | None
    ) -> Fetched:
        try:
            return await self._fetcher.send(
                "POST",
                f"{self._base_url}{path}",
                msgspec.json.encode(body),
                limits=self._limits,
                headers=app.headers,
                deadline=deadline,
            )
        except FetchError as error:
            raise unavailable(error, writes=True) from error


def _named(app: TraktApp) -> Mapping[str, str]:
    secret = {"client_secret": app.client_secret} if app.client_secret else {}
    return {"client_id": app.client_id, **secret}


def _raise_for_app(fetched: Fetched) -> None:
    if fetched.status in (400, 401):
        raise AppRefused("Trakt refuses this client id or secret.")
    raise_for_status(fetched, writes=True)


def _error(fetched: Fetched) -> str:
    try:
        return msgspec.json.decode(fetched.body, type=_Refusal).error
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""


def _tokens(fetched: Fetched) -> Tokens:
    tokens = read(fetched, Tokens, writes=True)
    try:
        check_credential(tokens.access_token)
        check_credential(tokens.refresh_token)
    except InvalidCredential:
        raise AnswerUnreadable("Trakt's answer can't be read.", acted=True) from None
    return tokens
