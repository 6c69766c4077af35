"""Times are read to the millisecond, and what is none costs nobody anything."""

from __future__ import annotations

import pytest

from libs.protocols.times import moment_ms, moment_text


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00.001Z", 1),
        ("2026-01-01T10:00:00.000Z", 1_767_261_600_000),
        ("2026-01-01T11:00:00+01:00", 1_767_261_600_000),
        ("2026-01-01T10:00:00.123456789Z", 1_767_261_600_123),
        ("2026-01-01T10:00:00", 1_767_261_600_000),
        ("-0001-11-30T00:00:00.000Z", None),
        ("0001-01-01T00:00:00.000Z", -62_135_596_800_000),
        ("soon", None),
        ("", None),
        ("2026-01-01T10:00:00." + "0" * 100, None),
        (None, None),
        (1_767_261_600_000, None),
    ],
)
def test_a_time_that_is_none_is_none(text: object, ms: int | None) -> None:
    assert moment_ms(text) == ms


@pytest.mark.parametrize("ms", [0, 1, 1_767_261_600_123, -62_135_596_800_000])
def test_a_time_is_read_as_it_was_written(ms: int) -> None:
    assert moment_ms(moment_text(ms)) == ms
