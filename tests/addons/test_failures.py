"""Everything an addon may do to us has a code of its own kind."""

from __future__ import annotations

import pytest

from libs.addons.failures import EXPECTED, NOT_YET, RESTING, described, missing
from libs.common.fanout import Failed, Late
from libs.common.http import (
    BadEncoding,
    BlockedAddress,
    BodyTooLarge,
    InvalidUrl,
    TimedOut,
    Unreachable,
    UpstreamStatus,
)
from libs.common.resilience import BreakerOpen, LimitExceeded, UpstreamResting
from libs.protocols.stremio.errors import AnswerError
from tests.addons.conftest import MANIFEST, Listed


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (InvalidUrl("No."), (502, "addon_address_refused")),
        (BlockedAddress("No."), (502, "addon_address_refused")),
        (TimedOut("Late."), (504, "addon_timed_out")),
        (BodyTooLarge("Much."), (502, "addon_too_large")),
        (BadEncoding("Odd."), (502, "addon_broken")),
        (UpstreamStatus(500, host="It"), (502, "addon_answered_status")),
        (Unreachable("Away."), (502, "addon_unreachable")),
        (AnswerError("Odd.", reason="html"), (502, "addon_broken")),
    ],
)
def test_a_failure_is_told_by_its_kind(error: Exception, expected: tuple[int, str]) -> None:
    assert isinstance(error, EXPECTED)
    told = described(error)
    assert (told.status, told.code) == expected
    assert str(told) == str(error)


@pytest.mark.parametrize(
    ("error", "retry_after_s"),
    [(BreakerOpen(7.0), 7.0), (UpstreamResting(7.0), 7.0), (LimitExceeded(), None)],
)
def test_an_addon_not_asked_is_resting(error: Exception, retry_after_s: float | None) -> None:
    assert isinstance(error, RESTING)
    told = described(error)
    assert (told.status, told.code, told.retry_after_s) == (503, "addon_resting", retry_after_s)


def test_who_is_missing_is_named_with_the_reason() -> None:
    addon = Listed("https://a.example/s3cret/manifest.json", MANIFEST)
    problems = [missing(addon, Failed("addon_broken", "It broke.")), missing(addon, Late())]
    assert [(each.addon_id, each.addon_name, each.reason, each.detail) for each in problems] == [
        ("addon-1", "Mine", "addon_broken", "It broke."),
        ("addon-1", "Mine", "addon_timed_out", NOT_YET),
    ]
