"""Libraries are read a few times an hour, whichever replica looks."""

from __future__ import annotations

import asyncio

from libs.common.contracts.stremio_account import StremioPatch
from services.sync.jobs import Bells, Jobs
from services.sync.kinds import Kinds
from services.sync.kinds.stremio import NAME
from services.sync.store.jobs import Filter, Store
from services.sync.stremio_schedule import EVERY_S, SPREAD, StremioSchedule
from tests.sync.conftest import nobody
from tests.sync.stremio.parts import ANNA, Parts, owner_of

HERS = Filter(accounts=("anna",), profile="anna-p", kind=NAME)
OTHERS = Filter(accounts=("anna",), profile="eva-p", kind=NAME)


def _replica(parts: Parts, runs: Store) -> StremioSchedule:
    jobs = Jobs(runs, Kinds([parts.library]), Bells(), parts.clock, providers=nobody(parts.clock))
    return StremioSchedule(jobs, parts.store, parts.clock)


async def test_two_replicas_read_a_library_once_in_ten_minutes(parts: Parts) -> None:
    runs = Store(parts.database, parts.clock)
    replicas = [_replica(parts, runs) for _ in range(2)]
    await replicas[0].look()
    assert await runs.listed(HERS) == []
    await parts.connect()
    for count in (1, 2):
        await asyncio.gather(*(replica.look() for replica in replicas for _ in range(2)))
        found = await runs.listed(HERS)
        assert len(found) == count
        await runs.cancel(found[0].id)
        parts.clock.advance(EVERY_S - 1)
        await replicas[0].look()
        assert len(await runs.listed(HERS)) == count
        parts.clock.advance(EVERY_S * SPREAD + 1)
    assert await runs.listed(OTHERS) == []


async def test_nothing_is_read_of_whom_that_is_not_wanted(parts: Parts) -> None:
    runs = Store(parts.database, parts.clock)
    await parts.connect()
    await parts.connections.settle(owner_of(ANNA), StremioPatch(poll=False))
    await _replica(parts, runs).look()
    assert await runs.listed(HERS) == []
