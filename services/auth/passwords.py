"""Password hashing: argon2id off the event loop, a few at a time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from libs.common.errors import Unavailable
from libs.common.resilience import Limiter, LimitExceeded
from libs.common.sojourn import Sojourn

T = TypeVar("T")

AT_ONCE = 2  # each takes 19 MiB and a core; a household's machine has two to spare at best
WAITING = 64
WAIT_S = 10.0
LINE = "passwords"
TARGET_S = 0.25
"""A few hashes: people who sign in at the same moment wait for each other without harm."""


@dataclass(frozen=True, slots=True)
class Cost:
    """OWASP's smallest recommended argon2id is 19 MiB, 2 passes, 1 lane (Password Storage Cheat Sheet)."""

    memory_kib: int = 19_456
    passes: int = 3
    lanes: int = 1


class Passwords:
    """Hashes and verifies. An unknown account costs as much as a known one with a wrong password."""

    def __init__(self, cost: Cost | None = None, *, line: Sojourn) -> None:
        cost = cost or Cost()
        self._hasher = PasswordHasher(
            time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes, type=Type.ID
        )
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self._limit = Limiter(AT_ONCE, WAITING)
        self._line = line
        self._nobodys = ""

    async def start(self) -> None:
        """Make the hash that unknown names are compared with."""
        self._nobodys = await self.hash(secrets.token_urlsafe(16))

    async def hash(self, password: str) -> str:
        return await self._off_the_loop(lambda: self._hasher.hash(password))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the password; always False for None, after the same work."""
        matches = await self._off_the_loop(lambda: self._matches(password, password_hash or self._nobodys))
        return matches and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made at another cost than today's, so that the next login should renew it."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _matches(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _off_the_loop(self, work: Callable[[], T]) -> T:
        await self._wait_in_line()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._limit.release()

    async def _wait_in_line(self) -> None:
        joined_at, served = self._line.join(), False
        try:
            await self._limit.acquire(WAIT_S)
            served = True
        except LimitExceeded as error:
            raise Unavailable("Too many people are signing in right now.", retry_after_s=5) from error
        finally:
            self._line.leave(joined_at, served=served)
