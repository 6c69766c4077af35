from __future__ import annotations

from libs.common.ratelimit import MemoryEngine, Style, limit_headers, parse_limit, retry_after_s
from tests.fakes.clock import ManualClock

LIMIT = parse_limit("some", "2/s burst 3; 100/d")


def shown(clock: ManualClock, times: int, style: Style = "draft10") -> dict[str, str]:
    engine = MemoryEngine(clock)
    verdicts = [engine.take_now("a", (LIMIT,)) for _ in range(times)]
    return dict(limit_headers(verdicts[-1].standings, style))


def test_the_draft_names_each_policy_and_where_the_caller_stands(clock: ManualClock) -> None:
    headers = shown(clock, 2)
    assert headers["RateLimit-Policy"] == '"some";q=3;w=2, "some-day";q=100;w=86400'
    assert headers["RateLimit"].startswith('"some";r=1;t=1, "some-day";r=98;t=')


def test_the_older_headers_tell_of_the_tightest(clock: ManualClock) -> None:
    assert shown(clock, 1, "legacy") == {
        "X-RateLimit-Limit": "3",
        "X-RateLimit-Remaining": "2",
        "X-RateLimit-Reset": "1",
    }
    assert len(shown(clock, 1, "both")) == 5


def test_retry_after_is_never_earlier_than_t_nor_than_the_wait(clock: ManualClock) -> None:
    engine = MemoryEngine(clock)
    for limit in (LIMIT, parse_limit("slow", "1/m burst 1")):
        for _ in range(4):
            verdict = engine.take_now("a", (limit,))
        seconds = retry_after_s(verdict)
        assert seconds >= verdict.retry_after_s
        assert f"t={seconds}" in dict(limit_headers(verdict.standings, "draft10"))["RateLimit"]
