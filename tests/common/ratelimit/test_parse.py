from __future__ import annotations

import pytest

from libs.common.ratelimit import Limit, Quota, Rate, parse_limit


def test_a_rate_a_quota_and_what_holds_without_redis() -> None:
    assert parse_limit("api", "10/s burst 20; 100000/d; outage deny") == Limit(
        "api", (Rate("api", 10, 1, 20), Quota("api-day", 100_000, 86_400)), "deny"
    )


def test_units_and_spaces_and_case_are_read_kindly() -> None:
    assert parse_limit("x", " 5 / M  BURST 3 ;7/h") == Limit(
        "x", (Rate("x", 5, 60, 3), Quota("x-hour", 7, 3600))
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fast",
        "10/s burst",
        "0/s burst 1",
        "10/s burst 0",
        "10/w",
        "-1/s",
        "10/s burst 20;",
        "10/s burst 20; 5/s burst 10",
        "5/d; 6/d",
        "outage local",
        "5/d; outage maybe",
        "5/d; outage deny; outage allow",
        "10001/s burst 5",
        "999999999999/d",
        "1/d burst 999999999",
        "٣/d",
    ],
)
def test_what_cannot_work_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the reader of settings says which variable
        parse_limit("x", text)
