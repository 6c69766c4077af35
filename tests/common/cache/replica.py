"""One replica in a process of its own: asks the shared cache once and prints where the answer came from.

Run as `python -m tests.common.cache.replica REDIS_URL KEY LOAD_S`; the load counts itself in Redis.
"""

from __future__ import annotations

import asyncio
import sys

from libs.common.cache import Cache, Lives, Loaded
from libs.common.clock import SystemClock
from libs.common.metrics import Metrics
from libs.common.redis import make_redis
from libs.common.tasks import Tasks


async def ask(url: str, key: str, load_s: float) -> None:
    redis, tasks, clock = make_redis(url), Tasks(), SystemClock()
    cache = Cache("test", clock=clock, tasks=tasks, metrics=Metrics("test"), redis=redis, lock_s=1.0)
    await cache.start()

    async def load() -> Loaded:
        number = await redis.incr("loads")
        print("loading", flush=True)  # noqa: T201
        await clock.sleep(load_s)
        return Loaded(b"answer %d" % number, Lives(60), tags=("t",))

    lookups = await asyncio.gather(*(cache.get_or_load(key, load) for _ in range(25)))
    print(*{f"{lookup.state}:{lookup.entry.value.decode()}" for lookup in lookups}, flush=True)  # noqa: T201
    await cache.aclose()
    await tasks.aclose()
    await redis.aclose()


if __name__ == "__main__":
    asyncio.run(ask(sys.argv[1], sys.argv[2], float(sys.argv[3])))
