from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.redis import make_redis
from libs.common.redis.client import StateRedis


@pytest.fixture
async def state_redis(redis_url: str) -> AsyncIterator[StateRedis]:
    redis = make_redis(redis_url)
    yield StateRedis(redis, SystemClock(), used_for="limits")
    await redis.aclose()
