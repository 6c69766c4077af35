"""The operator's key and what is made from it: sealed columns, random tokens and their hashes."""

from __future__ import annotations

import hashlib
import os
import secrets as stdlib_secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from libs.common.errors import HeadgateError, SettingsError, StartupRefused

MIN_KEY_CHARS = 32
NONCE_BYTES = 12  # 96 bits, as NIST SP 800-38D wants for AES-GCM
OWNER_ONLY = 0o600


class SecretsError(HeadgateError):
    """A sealed value can't be opened: another key, another row, or damage."""

    code = "secret_unreadable"
    title = "A stored secret can't be read"


class SecretKey:
    """The operator's secret. It never prints and is never used itself: each purpose derives its own key."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def from_text(cls, text: str) -> SecretKey:
        text = text.strip()
        if len(text) < MIN_KEY_CHARS:
            raise SettingsError(
                f"HEADGATE_SECRET_KEY has {len(text)} characters and needs at least {MIN_KEY_CHARS}; "
                "make one with: openssl rand -hex 32"
            )
        return cls(text.encode())

    def derive(self, purpose: str) -> bytes:
        """32 bytes for `purpose`; knowing them tells nothing about the secret or other purposes."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"headgate:{purpose}".encode()).derive(
            self._secret
        )

    def __repr__(self) -> str:
        return "SecretKey(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("a SecretKey is not pickled")


class SecretBox:
    """Seals values for storage: key id byte, nonce, AES-256-GCM ciphertext.

    `context` ("table:column:row_id") is authenticated with the value, so that a sealed value moved to
    another row doesn't open there.
    """

    def __init__(self, key: SecretKey) -> None:
        self._aead = AESGCM(key.derive("secret-box"))
        self._key_id = key.derive("secret-box-id")[:1]

    def seal(self, plaintext: bytes, *, context: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return self._key_id + nonce + self._aead.encrypt(nonce, plaintext, context.encode())

    def open(self, sealed: bytes, *, context: str) -> bytes:
        sealed = bytes(sealed)
        if sealed[:1] != self._key_id:
            raise SecretsError(
                "A stored secret was sealed with another key; start with the former secret key."
            )
        nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._aead.decrypt(nonce, ciphertext, context.encode())
        except (InvalidTag, ValueError) as error:
            raise SecretsError("A stored secret is damaged or belongs to another row.") from error


def load_or_create_key_file(path: Path) -> SecretKey:
    """The key in `path`, made on first use, readable by its owner alone.

    Several processes may start at once: the first to link its file wins and the others read that one.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_new_key(path)
        text = path.read_text(encoding="ascii", errors="replace")
    except (FileExistsError, NotADirectoryError) as error:
        raise StartupRefused(
            f"{path.parent} is no directory; move that file away, or set HEADGATE_DATA_DIR to a directory."
        ) from error
    except OSError as error:
        raise StartupRefused(
            f"The secret key file {path} can't be read or made ({error.strerror}); make its directory "
            "writable, set HEADGATE_DATA_DIR to one that is, or set HEADGATE_SECRET_KEY."
        ) from error
    if len(text.strip()) < MIN_KEY_CHARS:
        raise StartupRefused(
            f"The secret key file {path} is damaged; put the former file back from a backup. "
            "Only if there is none, delete it: stored secrets will have to be entered again."
        )
    return SecretKey.from_text(text)


def _write_new_key(path: Path) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{stdlib_secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(stdlib_secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first: its key is the one
            os.link(draft, path)
    finally:
        draft.unlink()


def new_token(prefix: str = "", bytes_: int = 32) -> str:
    """A random token that is safe in a URL; 32 bytes can't be guessed."""
    return prefix + stdlib_secrets.token_urlsafe(bytes_)


def hash_token(token: str) -> bytes:
    """What is stored of a token. A plain hash suffices, since tokens are random and long."""
    return hashlib.sha256(token.encode()).digest()
