"""Which accounts are synced by themselves, and when: on both engines, by a clock that is turned."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from libs.common.contracts.handover import ProviderRef
from libs.common.contracts.sync import QuietHours, SyncSettings
from services.sync.account_schedule import AccountSchedule
from services.sync.account_settings import is_quiet
from services.sync.jobs import Bells, Jobs
from services.sync.kinds import Kinds
from services.sync.model import JobRun
from services.sync.providers import Providers
from services.sync.store.account_settings import AccountSettingsStore, Settled
from services.sync.store.jobs import Filter, Store
from tests.fakes.clock import ManualClock
from tests.sync.conftest import nobody

HOUR_S = 3600
QUIET = QuietHours(start="22:00", end="06:00")


class Known(Providers):
    refs: list[ProviderRef]

    async def everybodys(self) -> list[ProviderRef]:
        return self.refs


class Planned:
    """One account `a`, whose runs end when they are told to."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        self.store, self.clock = store, clock
        self.settings = AccountSettingsStore(store._db)
        self.providers = Known(nobody(clock)._handover, clock)
        self.providers.refs = [a_ref()]
        jobs = Jobs(store, Kinds([]), Bells(), clock, providers=self.providers)
        self.schedule = AccountSchedule(jobs, store, self.settings, self.providers, clock)

    async def look(self) -> list[str]:
        """The kinds of runs that wait by then."""
        await self.schedule.look()
        return [run.kind for run in await self._waiting()]

    async def end(self) -> None:
        for _ in await self._waiting():
            run = await self.store.claim("w", ["xtream", "details"], lease_s=10)
            assert run is not None
            await self.store.finish(run.id, "w", "succeeded")
            if run.kind == "xtream":
                self.providers.refs = [a_ref(synced_at=int(self.clock.time() * 1000))]

    async def settle(self, choices: SyncSettings) -> None:
        await self.settings.put(
            Settled(subject="a", account_id="account", profile_id="profile", choices=choices)
        )

    async def _waiting(self) -> list[JobRun]:
        return await self.store.listed(Filter(accounts=None, state="queued"))


def a_ref(*, first_sync: bool = True, synced_at: int | None = None) -> ProviderRef:
    return ProviderRef(
        number=1,
        id="a",
        account_id="account",
        profile_id="profile",
        kind="xtream",
        first_sync=first_sync,
        synced_at=synced_at,
    )


@pytest.fixture
def planned(store: Store, clock: ManualClock) -> Planned:
    return Planned(store, clock)


async def test_a_new_account_is_synced_once_then_filled_then_left_until_it_is_time(
    planned: Planned, clock: ManualClock
) -> None:
    assert await planned.look() == ["xtream"]
    assert await planned.look() == ["xtream"]
    await planned.end()
    assert await planned.look() == ["details"]
    await planned.end()
    assert await planned.look() == []
    clock.advance(23 * HOUR_S)
    assert await planned.look() == []
    clock.advance(4 * HOUR_S)  # a day, and up to a tenth of it, by which accounts keep apart
    assert await planned.look() == ["xtream"]


async def test_an_account_whose_first_sync_is_left_to_its_owner_waits_for_that(planned: Planned) -> None:
    planned.providers.refs = [a_ref(first_sync=False)]
    assert await planned.look() == []


async def test_nothing_begins_by_itself_where_that_is_off(planned: Planned, clock: ManualClock) -> None:
    await planned.settle(SyncSettings(automatic=False))
    assert await planned.look() == ["xtream"]  # the first one was asked for with the account
    await planned.end()
    await planned.look()
    await planned.end()
    clock.advance(100 * HOUR_S)
    assert await planned.look() == []


async def test_nothing_begins_while_it_is_quiet_or_the_network_is_metered(
    planned: Planned, clock: ManualClock
) -> None:
    await planned.look()
    await planned.end()
    await planned.look()
    await planned.end()
    clock.advance(28 * HOUR_S)
    hour = clock.now().hour
    quiet = QuietHours(start=f"{hour:02}:00", end=f"{(hour + 1) % 24:02}:00")
    await planned.settle(SyncSettings(quiet=quiet))
    assert await planned.look() == []
    await planned.settle(SyncSettings(only_unmetered=True))
    told_at = int(clock.time() * 1000)
    await planned.settings.tell_network("account", "profile", metered=True, at=told_at)
    assert await planned.look() == []
    await planned.settings.tell_network("account", "profile", metered=True, at=told_at - 2 * HOUR_S * 1000)
    assert await planned.look() == ["xtream"]


async def test_what_is_known_of_an_account_goes_with_it(planned: Planned) -> None:
    await planned.settle(SyncSettings(every_h=6))
    await planned.look()
    planned.providers.refs = []
    assert await planned.look() == []
    assert await planned.settings.get("a") is None


@pytest.mark.parametrize(
    ("at", "quiet", "is_so"),
    [
        ("23:00", QUIET, True),
        ("05:59", QUIET, True),
        ("06:00", QUIET, False),
        ("12:00", QUIET, False),
        ("21:30", QuietHours(start="22:00", end="06:00", zone="Europe/Paris"), True),
        ("12:00", QuietHours(start="11:00", end="13:00"), True),
        ("13:00", QuietHours(start="11:00", end="13:00"), False),
        ("13:00", None, False),
    ],
)
def test_quiet_hours_are_by_the_clock_of_their_zone(at: str, quiet: QuietHours | None, is_so: bool) -> None:
    now = datetime.fromisoformat(f"2026-01-05T{at}:00").replace(tzinfo=UTC)
    assert is_quiet(quiet, now) is is_so
