"""Times as guides write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.protocols.xmltv.times import epoch_s, written


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]  # as many as are known


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20260102153045 +0100", utc(2026, 1, 2, 14, 30, 45)),
        ("20260102153045 -0330", utc(2026, 1, 2, 19, 0, 45)),
        ("20260102003045 +0200", utc(2026, 1, 1, 22, 30, 45)),
        ("20260102153045+0100", utc(2026, 1, 2, 14, 30, 45)),
        ("20260102153045 +01:00", utc(2026, 1, 2, 14, 30, 45)),
        ("20260102153045", utc(2026, 1, 2, 15, 30, 45)),
        ("20260102153045Z", utc(2026, 1, 2, 15, 30, 45)),
        ("20260702153045 BST", utc(2026, 7, 2, 14, 30, 45)),
        ("20260702153045 CEST", utc(2026, 7, 2, 13, 30, 45)),
        ("202601021530 +0100", utc(2026, 1, 2, 14, 30)),
        ("202601021530", utc(2026, 1, 2, 15, 30)),
        ("2026010215", utc(2026, 1, 2, 15)),
        ("20260102", utc(2026, 1, 2)),
        (" 20260102153045 \n", utc(2026, 1, 2, 15, 30, 45)),
        ("20240229120000", utc(2024, 2, 29, 12)),
        ("20260102240000", utc(2026, 1, 3)),
        ("20261231235960", utc(2027, 1, 1)),
        ("20260102000000 +1400", utc(2026, 1, 1, 10)),
    ],
)
def test_every_form_that_is_seen_is_read(text: str, meant: int) -> None:
    assert epoch_s(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026",
        "202601",
        "2026010215304",
        "20261301120000",
        "20260230120000",
        "20250229120000",
        "00000000000000",
        "99991231000000",
        "1767225600",  # a Unix time looks like ten digits from the year on
        "20260102250000",
        "20260102240001",
        "20260102126000",
        "20260102120061",
        "20260102120000 +2500",
        "20260102120000 +0160",
        "20260102120000 0100",
        "20260102120000 IST",
        "-20260102120000",
        "٢٠٢٦٠١٠٢١٢٠٠٠٠",
        "20260102120000 +0100 x",
    ],
)
def test_nonsense_is_no_time(text: str) -> None:
    assert epoch_s(text) is None


@given(st.integers(0, utc(2199, 12, 31)))
def test_what_is_written_is_read_as_the_same(epoch: int) -> None:
    assert epoch_s(written(epoch)) == epoch


@given(st.text(alphabet="0123456789 +-:ZBST", max_size=24))
def test_nothing_is_raised_whatever_stands_there(text: str) -> None:
    epoch_s(text)
