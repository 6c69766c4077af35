"""Reading Retry-After."""

import pytest

from libs.common.http import parse_retry_after

NOW = 784111777.0  # Sun, 06 Nov 1994 08:49:37 GMT, the date RFC 9110 uses


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 5 ", 5),
        ("999999", 3600),
        ("9" * 400, 3600),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
        ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
        ("Sun Nov  6 08:50:37 1994", 60),
        ("Sun, 06 Nov 1994 07:00:00 GMT", 0),
        ("Sun, 06 Nov 2094 08:49:37 GMT", 3600),
    ],
)
def test_a_number_or_a_date_is_a_bounded_wait(value: str, seconds: float) -> None:
    assert parse_retry_after(value, now=NOW) == seconds


@pytest.mark.parametrize("value", [None, "", "soon", "-5", "1.5", "٣", "Sun, 99 Nov 1994 99:99:99 GMT"])
def test_anything_else_asks_for_nothing(value: str | None) -> None:
    assert parse_retry_after(value, now=NOW) is None
