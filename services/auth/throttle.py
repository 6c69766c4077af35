"""The login throttle: a sliding log of attempts per account and address, and a wider one per address.

Not per account alone: anybody could then lock the owner out by guessing wrongly. The one per address ends the
walk through many names, each of which would be hashed for as long as a known one.
"""

from __future__ import annotations

import hashlib

from libs.common.networks import network_of
from services.auth.errors import TooManyLogins
from services.auth.model import Username
from services.auth.store.attempts import AttemptStore

WINDOW_S = 15 * 60
MOST = 5
MOST_BY_ADDRESS = 30
"""A household or an office behind one address has so many wrong passwords, over all names, at once."""
MOST_REGISTRATIONS = 10
"""A household that registers everybody at once, with a few names that were taken."""


class LoginThrottle:
    """Counts an attempt when it begins, so that parallel guesses count; one that succeeds is forgotten."""

    def __init__(self, store: AttemptStore) -> None:
        self._store = store

    async def count(self, username: Username, address: str) -> None:
        """Raises TooManyLogins instead of counting when a window is full."""
        # The name first: one device that repeats a wrong password must not lock its neighbours out.
        await self._count(_key(username, address), MOST)
        await self._count(_key_of_address(address), MOST_BY_ADDRESS)

    async def forget(self, username: Username, address: str) -> None:
        """After a good password. Of the address only this attempt: its others may be somebody's guesses."""
        await self._store.forget_attempts(_key(username, address))
        await self._store.take_back_attempt(_key_of_address(address))

    async def count_registration(self, address: str) -> None:
        """Raises TooManyLogins instead of counting when the window is full; none is taken back."""
        await self._count(_key_of_registrations(address), MOST_REGISTRATIONS)

    async def _count(self, key: str, most: int) -> None:
        wait_ms = await self._store.count_attempt(key, window_ms=WINDOW_S * 1000, most=most)
        if wait_ms is not None:
            raise TooManyLogins(wait_ms / 1000)


def _key(username: Username, address: str) -> str:
    # Hashed, since people type passwords into the name field.
    return hashlib.sha256(f"{username.key}\n{network_of(address)}".encode()).hexdigest()


def _key_of_address(address: str) -> str:
    # A name holds no line break in its normal form, so this is no name's key.
    return hashlib.sha256(f"\n\n{network_of(address)}".encode()).hexdigest()


def _key_of_registrations(address: str) -> str:
    return hashlib.sha256(f"\n\n\n{network_of(address)}".encode()).hexdigest()
