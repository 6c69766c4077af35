"""Secrets under a passphrase: whoever has the file and not the passphrase reads none of them."""

from __future__ import annotations

import base64
import os
from typing import Final

import msgspec
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


class Seal:
    def __init__(self, passphrase: str) -> None:
        """Takes its time: not for an event loop."""
        salt = os.urandom(SALT_BYTES)
        self.means = Means(salt=base64.b64encode(salt).decode())
        key = Scrypt(salt=salt, length=32, n=COST, r=BLOCKS, p=1).derive(passphrase.encode())
        self._aead = AESGCM(key)

    def sealed(self, secret: str, *, member: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._aead.encrypt(nonce, secret.encode(), f"headgate:{member}".encode())
        return base64.b64encode(nonce + sealed).decode()
