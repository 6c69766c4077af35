"""Redis, where there is one. Its client is loaded on first use: 20 MB that a household's hub saves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from libs.common.redis.gate import Gate, RedisOut

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["Gate", "RedisOut", "make_redis"]


def make_redis(url: str) -> Redis:
    """A client for the hot path, loaded only here. Close it with `aclose()`; raises SettingsError."""
    from libs.common.redis.client import make_redis as make  # noqa: PLC0415

    return make(url)
