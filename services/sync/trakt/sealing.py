"""What is kept secret of a connection: sealed for its owner, so that it opens in no other row."""

from __future__ import annotations

import msgspec

from libs.common.secrets import SecretBox, SecretsError
from libs.protocols.trakt.app import TraktApp
from libs.protocols.trakt.errors import InvalidCredential
from services.sync.model import Owner
from services.sync.store.connections import Connection


class _App(msgspec.Struct, frozen=True, array_like=True):
    client_id: str
    client_secret: str


class TokenPair(msgspec.Struct, frozen=True, array_like=True):
    """An access token and the refresh token that came with it."""

    access: str
    refresh: str

    def __repr__(self) -> str:
        return "TokenPair(hidden)"


class Unsealable(Exception):
    """What is stored does not open: damaged, or sealed with another key."""


class Sealing:
    """Raises Unsealable."""

    def __init__(self, box: SecretBox) -> None:
        self._box = box

    def seal_app(self, owner: Owner, app: TraktApp) -> bytes:
        return self._seal(owner, "app", msgspec.json.encode(_App(app.client_id, app.client_secret)))

    def app(self, held: Connection) -> TraktApp:
        try:
            app = msgspec.json.decode(self._open(held.owner, "app", held.sealed_app), type=_App)
            return TraktApp(app.client_id, app.client_secret)
        except (msgspec.MsgspecError, InvalidCredential):
            raise Unsealable from None

    def seal_code(self, owner: Owner, code: str) -> bytes:
        return self._seal(owner, "code", code.encode())

    def code(self, held: Connection) -> str:
        return self._open(held.owner, "code", held.sealed_code).decode()

    def seal_tokens(self, owner: Owner, pair: TokenPair) -> bytes:
        return self._seal(owner, "tokens", msgspec.json.encode(pair))

    def tokens(self, held: Connection) -> TokenPair:
        try:
            return msgspec.json.decode(self._open(held.owner, "tokens", held.sealed_tokens), type=TokenPair)
        except msgspec.MsgspecError:
            raise Unsealable from None

    def _seal(self, owner: Owner, what: str, plain: bytes) -> bytes:
        return self._box.seal(plain, context=_context(owner, what))

    def _open(self, owner: Owner, what: str, sealed: bytes | None) -> bytes:
        try:
            return self._box.open(sealed or b"", context=_context(owner, what))
        except SecretsError:
            raise Unsealable from None


def _context(owner: Owner, what: str) -> str:
    return f"trakt_connections:sealed_{what}:{owner.account_id}:{owner.profile_id}"
