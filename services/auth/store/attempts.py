"""Attempts to sign in, each kind under a key of its own."""

from __future__ import annotations

import msgspec

from services.auth.store.base import Store

_decode_times = msgspec.json.Decoder(list[int]).decode


class AttemptStore(Store):
    """A sliding log per key."""

    async def count_attempt(self, key: str, *, window_ms: int, most: int) -> int | None:
        """Count an attempt, or say how many ms to wait. Attempts at the same moment wait for each other."""
        now = self.now_ms()
        async with self.db.transaction() as tx:
            # The row is locked by writing it first: two attempts can't both be the last one allowed.
            row = await tx.fetch_one(
                "INSERT INTO login_attempts (id, failed_at, updated_at) VALUES (:id, '[]', :now)"
                " ON CONFLICT (id) DO UPDATE SET updated_at = :now RETURNING failed_at",
                id=key,
                now=now,
            )
            times = [at for at in _decode_times(row["failed_at"] if row else "[]") if at > now - window_ms]
            if len(times) >= most:
                return times[-most] + window_ms - now
            await tx.execute(
                "UPDATE login_attempts SET failed_at = :times WHERE id = :id",
                id=key,
                times=msgspec.json.encode([*times, now]).decode(),
            )
        return None

    async def forget_attempts(self, key: str) -> None:
        await self.db.execute("DELETE FROM login_attempts WHERE id = :id", id=key)

    async def take_back_attempt(self, key: str) -> None:
        """Forget the newest attempt alone."""
        async with self.db.transaction() as tx:
            row = await tx.fetch_one(
                "UPDATE login_attempts SET updated_at = :now WHERE id = :id RETURNING failed_at",
                id=key,
                now=self.now_ms(),
            )
            if row is not None:
                await tx.execute(
                    "UPDATE login_attempts SET failed_at = :times WHERE id = :id",
                    id=key,
                    times=msgspec.json.encode(_decode_times(row["failed_at"])[:-1]).decode(),
                )
