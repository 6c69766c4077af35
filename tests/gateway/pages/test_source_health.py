"""How an addon has been answering: on its card and on a page of its own."""

from datetime import UTC, datetime, timedelta

import msgspec

from libs.common.contracts.addon_health import AddonHealth, HealthPoint, OperationHealth, SourceHealth
from libs.common.contracts.catalog import AddonState
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner, addon


def out() -> SourceHealth:
    now = datetime.now(UTC)
    return SourceHealth(
        score=12,
        badge="poor",
        state="out",
        latency_ms=420,
        reason="It is not asked for anything: it failed again and again. It answered 500.",
        resting=("stream",),
        out_since=now - timedelta(minutes=5),
        asked_again_at=now + timedelta(minutes=2, seconds=20),
    )


def put_dead(inner: Inner) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    points = (
        HealthPoint(start=hour - timedelta(hours=3), calls=10, failures=0, empty=1, latency_ms=120.0),
        HealthPoint(start=hour, calls=8, failures=6, empty=0, latency_ms=900.0),
    )
    streams = OperationHealth(
        operation="stream",
        score=12,
        success=0.24,
        latency_ms=420,
        calls=18,
        failures=6,
        empty=1,
        failing_in_a_row=5,
        resting=True,
        error="It answered 500.",
        error_at=hour,
    )
    today = HealthPoint(start=hour.replace(hour=0), calls=8, failures=6, empty=0, latency_ms=900.0)
    state = AddonState(status="failing", error="It answered 500.", calls=18, failures=6)
    inner.addons.append(addon("dead", "House media", state=state, health=out(), trend=points))
    inner.health["dead"] = AddonHealth(
        addon_id="dead", health=out(), operations=(streams,), hours=points, days=(today,)
    )


async def test_a_card_says_score_state_reason_and_when_it_is_looked_at_again(
    owner: Browser, inner: Inner
) -> None:
    put_dead(inner)
    page = await owner.open("/sources")
    for words in (
        "Resting",
        "Poor 12 of 100",
        "it failed again and again",
        "Since 5 minutes ago",
        "in 2 minutes",
    ):
        assert words in page.words
    assert 'aria-label="18 calls in 2 days, 6 failed"' in page.html


async def test_its_own_page_tells_each_thing_it_is_asked_and_the_history_in_figures(
    owner: Browser, inner: Inner
) -> None:
    put_dead(inner)
    page = await owner.open("/sources/dead")
    for words in (
        "House media",
        "Sources Resting 12 18 6 1 420 ms",
        "The last failure",
        "8 calls in 30 days",
    ):
        assert words in page.words
    assert page.html.count("<caption") == 3


async def test_one_that_was_never_asked_says_so(owner: Browser, inner: Inner) -> None:
    page = await owner.open("/sources/demo")
    assert "Nothing is known yet" in page.words


async def test_an_addon_that_is_not_there_has_no_page(owner: Browser) -> None:
    assert (await owner.open("/sources/nobody")).status == 404


async def test_an_addon_is_pinned_and_unpinned(owner: Browser, inner: Inner) -> None:
    put_dead(inner)
    await owner.open("/sources")
    page = await owner.submit("/sources/dead/pin")
    assert "Pinned. It goes on being asked" in page.words
    assert inner.addons[-1].health.pinned
    page = await owner.submit("/sources/dead/unpin")
    assert "No longer pinned" in page.words
    assert not inner.addons[-1].health.pinned


async def test_one_that_only_sinks_says_why(owner: Browser, inner: Inner) -> None:
    health = msgspec.structs.replace(
        out(),
        state="poor",
        badge="fair",
        score=45,
        resting=(),
        asked_again_at=None,
        out_since=None,
        reason="Of its last answers about 48 % failed.",
    )
    inner.addons.append(addon("half", "Half", health=health))
    page = await owner.open("/sources")
    for words in ("Unreliable", "Fair 45", "about 48 % failed"):
        assert words in page.words
