"""The warnings and errors of this process by their constant names: what else a line says stays in the log."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from libs.common.reports import EventReport

KEPT: Final = 100
UNNAMED: Final = "unnamed"
"""Lines of libraries: their texts name addresses."""

IDS: Final = ("request_id", "addon_id", "job_id", "provider_id", "code")
_EVENT = re.compile(r"[a-z][a-z0-9_]{1,63}")
_LOGGER = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class EventRing(logging.Handler):
    """The latest of so many kinds; one that comes again and again pushes no other out."""

    def __init__(self, *, kept: int = KEPT) -> None:
        super().__init__(logging.WARNING)
        self._kept = kept
        self._events: OrderedDict[tuple[str, str, str], EventReport] = OrderedDict()

    def emit(self, record: logging.LogRecord) -> None:
        said: Mapping[str, object] = record.msg if isinstance(record.msg, dict) else {}
        event = _word(said.get("event"), _EVENT) or UNNAMED
        logger = _word(record.name, _LOGGER)
        level = record.levelname.lower()
        at = datetime.fromtimestamp(record.created, UTC)
        ids = {name: word for name in IDS if (word := _word(said.get(name), _ID))}
        key = (event, logger, level)
        known = self._events.pop(key, None)
        if known is None:
            known = EventReport(event=event, level=level, logger=logger, at=at, first_at=at, times=0)
        self._events[key] = msgspec.structs.replace(known, at=at, times=known.times + 1, ids=ids)
        while len(self._events) > self._kept:
            self._events.popitem(last=False)

    def told(self) -> tuple[EventReport, ...]:
        """The latest first."""
        self.acquire()
        try:
            return tuple(reversed(self._events.values()))
        finally:
            self.release()


def recent_events() -> tuple[EventReport, ...]:
    """What this process complained of since logging was set up."""
    rings = (handler for handler in logging.getLogger().handlers if isinstance(handler, EventRing))
    ring = next(rings, None)
    return ring.told() if ring is not None else ()


def _word(value: object, pattern: re.Pattern[str]) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""
