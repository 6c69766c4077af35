"""Metrics are made once per app and rendered at most once a second."""

from __future__ import annotations

import pytest

from libs.common.metrics import Metrics
from tests.fakes.clock import ManualClock


def test_asking_twice_gives_the_same_metric() -> None:
    metrics = Metrics("auth")
    assert metrics.counter("calls_total", "Calls", ("name",)) is metrics.counter("calls_total", "Calls")


def test_one_name_is_one_kind() -> None:
    metrics = Metrics("auth")
    metrics.counter("calls_total", "Calls")
    with pytest.raises(TypeError, match="headgate_calls_total is a Counter"):
        metrics.gauge("calls_total", "Calls")


def test_two_apps_in_one_process_do_not_share_a_registry() -> None:
    first, second = Metrics("auth"), Metrics("catalog")
    first.gauge("size", "Size").set(1)
    second.gauge("size", "Size").set(2)
    assert b"headgate_size 1.0" in first.render()
    assert b"headgate_size 2.0" in second.render()


def test_a_rendering_is_kept_for_a_second(clock: ManualClock) -> None:
    metrics = Metrics("auth", clock=clock)
    gauge = metrics.gauge("size", "Size")
    before = metrics.render()
    gauge.set(5)
    assert metrics.render() is before
    clock.advance(1.1)
    assert b"headgate_size 5.0" in metrics.render()


def test_a_histogram_takes_its_own_buckets() -> None:
    metrics = Metrics("auth")
    metrics.histogram("wait_seconds", "Wait", buckets=(1, 2)).observe(1.5)
    assert b'headgate_wait_seconds_bucket{le="2.0"} 1.0' in metrics.render()


def test_the_process_itself_is_measured() -> None:
    assert b"process_resident_memory_bytes" in Metrics("auth").render()


def test_a_counter_kept_elsewhere_is_read_when_scraped(clock: ManualClock) -> None:
    metrics = Metrics("auth", clock=clock)
    counts: dict[tuple[str, ...], float] = {("a",): 1.0}
    metrics.counted_elsewhere("seen_total", "Seen", ("what",), lambda: counts)
    assert b'headgate_seen_total{what="a"} 1.0' in metrics.render()
    counts["a",] = 4
    clock.advance(1.1)
    assert b'headgate_seen_total{what="a"} 4.0' in metrics.render()


def test_a_counter_kept_in_two_places_is_one_metric() -> None:
    metrics = Metrics("auth")
    metrics.counted_elsewhere("seen_total", "Seen", ("what",), lambda: {("a",): 1.0})
    metrics.counted_elsewhere("seen_total", "Seen", ("what",), lambda: {("b",): 2.0})
    text = metrics.render()
    assert text.count(b"# TYPE headgate_seen_total counter") == 1
    assert b'{what="a"} 1.0' in text
    assert b'{what="b"} 2.0' in text
