"""Secrets under a passphrase: whoever has the file and not the passphrase reads none of them."""

from __future__ import annotations

import base64
import os
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from libs.common.secrets import NONCE_BYTES

SALT_BYTES: Final = 16
COST: Final = 2**15
"""With blocks of 8: 32 MB and about a tenth of a second for each guess."""
BLOCKS: Final = 8


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest says of it: enough to open the secrets with the passphrase, whatever the program.

    A sealed value is, in base64, 12 bytes of nonce and what AES-256-GCM made; with it goes its `context`,
    `headgate:` and the name of the member it stands in.
    """

    key: str = "scrypt"
    cipher: str = "aes-256-gcm"
    n: int = COST
    r: int = BLOCKS
    p: int = 1
    salt: str


class CannotOpen(Exception):
    """It was sealed in another way, or under another passphrase."""


class Seal:
    def __init__(self, passphrase: str) -> None:
        """Takes its time: not for an event loop."""
        self.means = Means(salt=base64.b64encode(os.urandom(SALT_BYTES)).decode())
        self._aead = _aead(self.means, passphrase)

    def sealed(self, secret: str, *, member: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._aead.encrypt(nonce, secret.encode(), f"headgate:{member}".encode())
        return base64.b64encode(nonce + sealed).decode()


class Opener:
    def __init__(self, means: Means, passphrase: str) -> None:
        """Takes its time: not for an event loop. Raises CannotOpen."""
        if (means.key, means.cipher, means.r, means.p) != ("scrypt", "aes-256-gcm", BLOCKS, 1):
            raise CannotOpen
        if means.n > COST or means.n < 2 or means.n.bit_count() != 1:
            raise CannotOpen
        try:
            self._aead = _aead(means, passphrase)
        except ValueError:
            raise CannotOpen from None

    def opened(self, sealed: str, *, member: str) -> str:
        """Raises CannotOpen."""
        try:
            data = base64.b64decode(sealed, validate=True)
            context = f"headgate:{member}".encode()
            return self._aead.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], context).decode()
        except (InvalidTag, ValueError):
            raise CannotOpen from None


def _aead(means: Means, passphrase: str) -> AESGCM:
    salt = base64.b64decode(means.salt, validate=True)
    return AESGCM(Scrypt(salt=salt, length=32, n=means.n, r=means.r, p=means.p).derive(passphrase.encode()))
