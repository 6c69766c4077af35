"""What is kept secret of a Stremio account: sealed for its owner, so that it opens in no other row.

Lists of addons are secrets, too: their addresses carry keys of debrid services and providers.
"""

from __future__ import annotations

import zlib
from typing import Final, Literal, TypeVar

import msgspec

from libs.common.secrets import SecretBox, SecretsError
from libs.protocols.stremio_api.errors import AnswerUnreadable
from libs.protocols.stremio_api.key import AuthKey
from services.sync.model import Owner
from services.sync.stremio.errors import StremioUnreadable
from services.sync.stremio.reasons import TEXTS, UNREADABLE

What = Literal["key", "code", "plan", "progress", "backup"]
MAX_LIST_BYTES: Final = 64 * 1024 * 1024

T = TypeVar("T")


class Sealing:
    """Raises StremioUnreadable for what does not open: damaged, or sealed with another key."""

    def __init__(self, box: SecretBox) -> None:
        self._box = box

    def seal_key(self, owner: Owner, key: AuthKey) -> bytes:
        return self._box.seal(key.reveal().encode(), context=_context(owner, "key"))

    def key(self, owner: Owner, sealed: bytes) -> AuthKey:
        try:
            return AuthKey(self._open(owner, "key", sealed).decode())
        except (AnswerUnreadable, UnicodeError):
            raise StremioUnreadable(TEXTS[UNREADABLE]) from None

    def seal(self, owner: Owner, what: What, value: msgspec.Struct) -> bytes:
        packed = zlib.compress(msgspec.json.encode(value))
        return self._box.seal(packed, context=_context(owner, what))

    def open(self, owner: Owner, what: What, sealed: bytes, into: type[T]) -> T:
        unpacking = zlib.decompressobj()
        try:
            plain = unpacking.decompress(self._open(owner, what, sealed), MAX_LIST_BYTES)
            return msgspec.json.decode(plain, type=into)
        except (zlib.error, msgspec.MsgspecError, RecursionError):
            raise StremioUnreadable(TEXTS[UNREADABLE]) from None

    def _open(self, owner: Owner, what: What, sealed: bytes) -> bytes:
        try:
            return self._box.open(sealed, context=_context(owner, what))
        except SecretsError:
            raise StremioUnreadable(TEXTS[UNREADABLE]) from None


def _context(owner: Owner, what: What) -> str:
    return f"stremio:{what}:{owner.account_id}:{owner.profile_id}"
