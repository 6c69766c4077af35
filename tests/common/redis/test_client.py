"""The client of Redis: loaded where there is one, refused in a sentence where its address can't be used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from libs.common.clock import SystemClock
from libs.common.errors import SettingsError
from libs.common.redis import make_redis
from libs.common.redis.client import StateRedis
from tests import servers

ADD = "return {KEYS[1], redis.call('INCRBY', KEYS[1], ARGV[1])}"


@pytest.mark.parametrize("option", ["nonsense=1", "socket_timeout=soon", "health_check_interval=x"])
def test_an_option_that_is_none_is_refused_at_start(option: str) -> None:
    """It was a traceback, or a TypeError at each call to Redis."""
    with pytest.raises(SettingsError, match=r"HEADGATE_REDIS_URL.*an option.*can't be used") as caught:
        make_redis(f"redis://:hunter2@127.0.0.1/0?{option}")
    assert "hunter2" not in str(caught.value)


def test_a_hub_without_servers_does_not_load_their_clients() -> None:
    """Together they cost a household 40 MB and half a second at start."""
    script = (
        "import sys, services.hub; "
        "print([name for name in ('redis', 'asyncpg', 'sqlalchemy', 'alembic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_hub_with_redis_loads_its_client_after_the_start() -> None:
    """The breaker hides the client from a library that would load it for nothing: only for that moment."""
    script = "import libs.common.resilience, redis.asyncio; print(redis.asyncio.Redis.__name__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "Redis\n"


async def test_a_script_is_run_for_each_call_in_order_also_by_a_redis_that_forgot_it(
    redis_url: str, redis_server: servers.RedisServer
) -> None:
    redis = make_redis(redis_url)
    state = StateRedis(redis, SystemClock(), used_for="limits")
    calls = [(["one"], ["1"]), (["two"], ["5"]), (["one"], ["2"])]
    try:
        assert await state.run(ADD, calls) == [[b"one", 1], [b"two", 5], [b"one", 3]]
        redis_server.command("SCRIPT", "FLUSH")
        assert await state.run(ADD, calls) == [[b"one", 4], [b"two", 10], [b"one", 6]]
        assert not state.out
    finally:
        await redis.aclose()
