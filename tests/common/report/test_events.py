"""What a process complained of, by name: never a text, and never more than so many kinds."""

from __future__ import annotations

import logging
from pathlib import Path

import structlog

from libs.common import log as logs
from libs.common.report.events import UNNAMED, EventRing, recent_events
from libs.common.trace import Trace, current_trace
from tests.fakes.settings import common_settings

SECRET = "hunter2-of-an-addon"


def record(event: object, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("services.catalog.x", level, "", 0, event, (), None)


def test_warnings_are_told_by_name_with_the_ids_that_lead_to_their_lines(tmp_path: Path) -> None:
    logs.configure(common_settings(tmp_path))
    token = current_trace.set(Trace("req-1"))
    try:
        structlog.get_logger("services.catalog").info("quiet")
        structlog.get_logger("services.catalog").warning(
            "addon_failed", addon_id="ad_1", error=SECRET, account_id="acc_1"
        )
    finally:
        current_trace.reset(token)
    (event,) = recent_events()
    assert (event.event, event.level, event.logger) == ("addon_failed", "warning", "services.catalog")
    assert event.ids == {"request_id": "req-1", "addon_id": "ad_1"}


def test_what_is_no_constant_name_is_not_repeated() -> None:
    ring = EventRing()
    ring.emit(record({"event": f"failed at https://x.example/{SECRET}", "addon_id": f"a/{SECRET} x"}))
    ring.emit(record(f"a library says {SECRET}"))
    (event,) = ring.told()
    assert (event.event, event.times, event.ids) == (UNNAMED, 2, {})


def test_what_comes_again_and_again_pushes_no_other_out() -> None:
    ring = EventRing(kept=2)
    ring.emit(record({"event": "once"}, logging.ERROR))
    for _ in range(50):
        ring.emit(record({"event": "often"}))
    assert [(event.event, event.times) for event in ring.told()] == [("often", 50), ("once", 1)]
    ring.emit(record({"event": "later"}))
    assert [event.event for event in ring.told()] == ["later", "often"]


def test_nothing_is_told_before_logging_is_set_up() -> None:
    assert recent_events() == ()
