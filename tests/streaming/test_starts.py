"""How long sources took to begin: what is known of it, and what isn't."""

from __future__ import annotations

import asyncio

from libs.common.errors import Unavailable
from libs.common.identity import Identity
from libs.common.tasks import Tasks
from services.streaming.starts import KNOWN_FOR_S, Starts
from services.streaming.starts_model import HALF_LIFE_S, Start, StartTimes, source_of
from services.streaming.store.starts import StartStore
from tests.fakes.clock import ManualClock

OWNER = Identity(account_id="a1", profile_id="p1", tier="free", roles=("owner",))
SLOW = "https://dl12.slow.example:8443/film.mkv?key=1"


def times(*starts: tuple[float, int], address: str = SLOW) -> StartTimes:
    """As of 10 days, from how many seconds before and how many milliseconds each took."""
    now_ms = 864_000_000
    told = [Start(source_of("one", address), now_ms - round(ago_s * 1000), ms) for ago_s, ms in starts]
    return StartTimes.of(told, now_ms)


def test_what_began_twice_is_known_for_that_addon_and_kind_of_server() -> None:
    known = times((0, 5000), (0, 7000))
    assert known.ms("one", SLOW) == 6000
    assert known.ms("one", "https://dl7.SLOW.example/other.mp4") == 6000
    assert known.ms("two", SLOW) is None
    assert known.ms("one", "https://fast.example/film.mkv") is None
    assert known.ms("one", None) is None


def test_addresses_in_numbers_are_servers_of_their_own() -> None:
    known = times((0, 5000), (0, 7000), address="http://10.0.0.1/film.mkv")
    assert known.ms("one", "http://10.0.0.1/other.mkv") == 6000
    assert known.ms("one", "http://10.0.0.2/film.mkv") is None
    assert times((0, 1), (0, 1), address="http://[::1").ms("one", "http://[::1") == 1


def test_one_start_tells_little_and_old_ones_nothing() -> None:
    assert times((0, 6000)).ms("one", SLOW) is None
    assert times((HALF_LIFE_S, 6000), (HALF_LIFE_S, 6000)).ms("one", SLOW) is None


def test_newer_starts_count_for_more() -> None:
    assert times((HALF_LIFE_S, 9000), (HALF_LIFE_S, 9000), (0, 1000)).ms("one", SLOW) == 5000


class _Store(StartStore):
    """`answer` is what reading waits for; it raises what is not None."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[None] | None = None

    async def since(self, owner: Identity, since_ms: int) -> list[Start]:
        if self.answer is not None:
            await self.answer
        return [Start(source_of("one", SLOW), since_ms + round(KNOWN_FOR_S * 1000), 10)] * 2

    async def add(self, owner: Identity, start: Start) -> None:
        raise Unavailable("no database")


async def test_a_database_that_is_away_or_slow_is_not_waited_for() -> None:
    store, tasks = _Store(), Tasks()
    starts = Starts(store, clock=ManualClock(), tasks=tasks)
    assert (await starts.of(OWNER)).ms("one", SLOW) == 10
    store.answer = asyncio.get_running_loop().create_future()
    assert (await starts.of(OWNER)).ms("one", SLOW) is None
    store.answer = asyncio.get_running_loop().create_future()
    store.answer.set_exception(Unavailable("no database"))
    assert (await starts.of(OWNER)).ms("one", SLOW) is None
    starts.note(OWNER, "one", SLOW, 1.0)
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
