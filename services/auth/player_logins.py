"""Player logins: the user name and password that IPTV apps sign in with as a profile.

Looked up by a keyed hash of both at once, so that nothing secret is compared and the table alone allows no
guessing; a sealed copy of the password lets pages show it again.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from collections.abc import Callable, Iterator

from libs.common.clock import moment_of
from libs.common.contracts.auth import PLAYER_LETTERS, PLAYER_PASSWORD_CHARS, PlayerLogin
from libs.common.identity import Identity
from libs.common.secrets import SecretBox, SecretKey, SecretsError
from services.auth.model import Account
from services.auth.store.player_logins import PlayerLoginStore, StoredPlayerLogin

MAX_PART_CHARS = 16
"""Of a name that has to be typed with a remote control."""
NOBODY = "player"
NUMBERED = 20
"""So many of one name are numbered; whoever comes after gets digits that nobody has."""


class PlayerLogins:
    """One works per profile."""

    def __init__(
        self,
        store: PlayerLoginStore,
        box: SecretBox,
        key: SecretKey,
        *,
        draw: Callable[[str], str] = secrets.choice,
    ) -> None:
        self._store = store
        self._box = box
        self._key = key.derive("player-logins")
        self._draw = draw

    async def show(self, account: Account, by: Identity) -> PlayerLogin:
        """The login that works, made on the first call."""
        stored = await self._store.login(by)
        if stored is None:
            await self._make(account, by)
            stored = await self._store.login(by)
        return self._opened(stored)

    async def rotate(self, account: Account, by: Identity) -> PlayerLogin:
        """A new password under the same name; apps that have the old one must be given the new one."""
        stored = await self._store.login(by)
        if stored is None:
            return await self.show(account, by)
        password = self._new_password()
        await self._store.replace(
            by,
            stored.id,
            proof_hash=self._proof(stored.username, password),
            sealed=self._box.seal(password.encode(), context=_context(stored.id)),
        )
        return self._opened(await self._store.login(by))

    async def resolve(self, proof: str) -> Identity | None:
        """Whose login it is, or None when it is unknown or was replaced."""
        username, _, password = proof.partition("/")
        account = await self._store.account_of(self._proof(username, password))
        return account.identity if account else None

    async def _make(self, account: Account, by: Identity) -> None:
        password, id_ = self._new_password(), self._store.new_id()
        sealed = self._box.seal(password.encode(), context=_context(id_))
        for username in usernames(account, self._draw):
            if await self._store.add(
                by,
                id_,
                username=username,
                proof_hash=self._proof(username, password),
                sealed=sealed,
            ):
                return

    def _new_password(self) -> str:
        return "".join(self._draw(PLAYER_LETTERS) for _ in range(PLAYER_PASSWORD_CHARS))

    def _proof(self, username: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{username}/{password}".encode(), "sha256")

    def _opened(self, stored: StoredPlayerLogin | None) -> PlayerLogin:
        if stored is None:
            raise SecretsError("The player login could not be made at this moment. Try again.")
        password = self._box.open(stored.sealed, context=_context(stored.id)).decode()
        made_at = moment_of(stored.created_at)
        return PlayerLogin(username=stored.username, password=password, created_at=made_at)


def usernames(account: Account, draw: Callable[[str], str] = secrets.choice) -> Iterator[str]:
    """Names to try, the plainest first: the account's, and of further profiles the profile's after it."""
    base = _plain(account.username) or NOBODY
    if not account.is_default_profile:
        base += "-" + (_plain(account.profile_name) or "2")
    yield base
    for number in range(2, NUMBERED):
        yield f"{base}{number}"
    yield base + "-" + "".join(draw("0123456789") for _ in range(9))


def _plain(name: str) -> str:
    """What of a name every remote control can type."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())[:MAX_PART_CHARS]


def _context(login_id: str) -> str:
    return f"player_logins:sealed_password:{login_id}"
