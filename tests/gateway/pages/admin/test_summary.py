"""What processes said, drawn together."""

from datetime import timedelta

import msgspec
import pytest

from libs.common.states import (
    BreakerState,
    InstanceState,
    LoadState,
    MissingProcess,
    RedisState,
    RefusalState,
)
from services.gateway.pages.admin.summary import (
    BREAKERS_SHOWN,
    REFUSALS_SHOWN,
    limits_of,
    load_tone,
    refusals_of,
    summary_of,
)
from tests.gateway.pages.admin.state import AT, process, well


def test_counts_of_several_processes_are_added() -> None:
    summary = summary_of(well())
    catalogs = next(one for one in summary.caches if one.name == "catalogs")
    assert (catalogs.hits, catalogs.asked) == (1600, 2000)
    assert [(part.label, part.width) for part in catalogs.bar] == [
        ("From memory", 60.0),
        ("From Redis", 20.0),
    ]
    pool = next(one for one in summary.pools)
    assert (pool.in_use, pool.idle) == (2, 8)
    assert summary.is_well


def test_a_breaker_is_as_open_as_the_worst_process_sees_it() -> None:
    seen = (
        process("gateway", "1", breakers=(BreakerState(name="sync", state="closed"),)),
        process("gateway", "2", breakers=(BreakerState(name="sync", state="open", retry_after_s=3),)),
    )
    summary = summary_of(msgspec.structs.replace(well(), processes=seen))
    breaker = summary.breakers[0]
    assert (breaker.worst.state, breaker.not_closed, breaker.seen_by) == ("open", 1, 2)
    assert not summary.is_well


@pytest.mark.parametrize(
    "changes",
    [
        {"load": LoadState(lag_s=0.4, in_flight=1, limit=10, limit_max=10)},
        {"load": LoadState(lag_s=0, queued_s=1.2, in_flight=1, limit=10, limit_max=10)},
        {"redis": (RedisState(role="state", up=False),)},
        {"redis": (RedisState(role="state", up=True, warnings=("It may push out counts.",)),)},
        {"instances": (InstanceState(service="auth", id="a", address="x", state="ejected"),)},
    ],
)
def test_whatever_needs_a_look_is_not_well(changes: dict[str, object]) -> None:
    state = msgspec.structs.replace(well(), processes=(process("gateway", "1", **changes),))
    assert not summary_of(state).is_well


def test_an_addon_that_is_away_leaves_the_hub_well() -> None:
    away = BreakerState(name="6a" * 32, state="open")
    summary = summary_of(msgspec.structs.replace(well(), processes=(process("streaming", breakers=(away,)),)))
    assert summary.is_well
    assert (summary.breakers_closed, summary.breakers_all) == (0, 1)


def test_a_service_that_another_one_cannot_reach_needs_a_look() -> None:
    away = BreakerState(name="catalog", state="open")
    summary = summary_of(msgspec.structs.replace(well(), processes=(process("streaming", breakers=(away,)),)))
    assert not summary.is_well


def test_of_very_many_breakers_the_open_ones_are_shown() -> None:
    breakers = tuple(
        BreakerState(name=f"{number:064x}", state="open" if number % 100 == 7 else "closed")
        for number in range(1000)
    )
    summary = summary_of(
        msgspec.structs.replace(well(), processes=(process("streaming", breakers=breakers),))
    )
    assert len(summary.breakers) == BREAKERS_SHOWN
    assert sum(one.not_closed for one in summary.breakers) == 10


def test_a_missing_process_is_not_well() -> None:
    missing = (MissingProcess(service="sync", instance="", reason="It did not answer in time."),)
    assert not summary_of(msgspec.structs.replace(well(), partial=True, missing=missing)).is_well


def test_limits_of_all_gateways_are_counted_together() -> None:
    one = well().processes[0]
    account, anonymous = limits_of((one, one))
    assert (account.admitted, account.refused) == (18_000, 2000)
    assert account.bar[0].width == 10.0
    assert anonymous.bar == ()


def test_who_two_gateways_refused_is_one_and_the_latest_of_all_come_first() -> None:
    late = RefusalState(
        at=AT + timedelta(minutes=1), tier="anonymous", limit="address", network="192.0.2.1", times=4
    )
    gateways = (well().processes[0], process("gateway", "2", refusals=(late,)))
    refused = refusals_of(gateways)
    assert [(one.network or one.account_id, one.times) for one in refused] == [("192.0.2.1", 5), ("acc1", 3)]
    assert refused[0].at == late.at


def test_of_very_many_refusals_the_latest_are_shown() -> None:
    refusals = tuple(
        RefusalState(at=AT + timedelta(seconds=n), tier="anonymous", limit="address", network=f"192.0.2.{n}")
        for n in range(REFUSALS_SHOWN + 10)
    )
    shown = refusals_of((process("gateway", refusals=refusals),))
    assert len(shown) == REFUSALS_SHOWN
    assert shown[0].network == f"192.0.2.{REFUSALS_SHOWN + 9}"


@pytest.mark.parametrize(
    ("lag_s", "queued_s", "tone"),
    [
        (0.0, 0.0, "ok"),
        (0.0, 0.1, "ok"),
        (0.06, 0.0, "slow"),
        (0.0, 0.3, "slow"),
        (0.3, 0.3, "failing"),
        (0.0, 1.5, "failing"),
    ],
)
def test_load_has_a_tone(lag_s: float, queued_s: float, tone: str) -> None:
    load = LoadState(lag_s=lag_s, queued_s=queued_s, in_flight=1, limit=10, limit_max=10)
    assert load_tone(load) == tone


def test_nothing_said_is_nothing_shown() -> None:
    summary = summary_of(msgspec.structs.replace(well(), processes=()))
    assert (summary.caches, summary.breakers, summary.pools) == ((), (), ())
