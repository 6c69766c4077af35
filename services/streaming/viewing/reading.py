"""What players send, read once and for all: what can't be true is refused with the field that says it."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Final

from libs.common.contracts.viewing import MAX_DURATION_S, MAX_NUMBER, ProgressReport
from libs.common.errors import InvalidInput
from libs.protocols.stremio.ids import split_video_id
from libs.protocols.text import storable
from services.streaming.errors import VideoNotFound
from services.streaming.viewing_model import MOVIE, SERIES, Owner, Place, Report

MAX_ID_CHARS: Final = 500
MAX_TEXT_CHARS: Final = 2000
MAX_TYPE_CHARS: Final = 40
PAST_END_SHARE: Final = 0.01
PAST_END_S: Final = 5.0
"""Players count frames, files say times: a position this little beyond the end is the end."""
AHEAD_MS: Final = 5 * 60 * 1000
"""By how much a player's clock may be ahead of ours; what it says then counts as now."""
OLDEST_MS: Final = 366 * 24 * 3600 * 1000
"""A report that waited longer for a line tells of another time, or of a clock that was never set."""


def report_of(owner: Owner, video_id: str, sent: ProgressReport, *, now_ms: int) -> Report:
    """Raises InvalidInput, VideoNotFound."""
    duration_ms = duration_of(sent.duration_s)
    return Report(
        owner=owner,
        place=place_of(
            video_id, type_=sent.type, title_id=sent.title_id, season=sent.season, episode=sent.episode
        ),
        position_ms=position_of(sent.position_s, duration_ms),
        duration_ms=duration_ms,
        at=time_of(sent.at, now_ms),
        event=sent.event,
        session_id=text_of("session_id", sent.session_id),
        name=text_of("name", sent.name),
        poster=text_of("poster", sent.poster) or None,
    )


def place_of(
    video_id: str,
    *,
    type_: str | None = None,
    title_id: str | None = None,
    season: int | None = None,
    episode: int | None = None,
) -> Place:
    """What the id says, and of an addon's own ids what the caller says. Raises InvalidInput,
    VideoNotFound."""
    check_id(video_id)
    said = split_video_id(video_id)
    if said.episode is not None:
        if max(said.season or 0, said.episode) > MAX_NUMBER:
            raise VideoNotFound(f"Seasons and episodes are numbered up to {MAX_NUMBER}.")
        # Some systems write one title in two ways: how its own title is written is what counts.
        return Place(video_id, said.title, SERIES, said.season, said.episode)
    if title_id is not None and title_id != video_id and said.title == video_id:
        check_id(title_id)
        _check_number("season", season)
        _check_number("episode", episode)
        return Place(video_id, title_id, type_of(type_, SERIES), season, episode)
    return Place(video_id, video_id, type_of(type_, MOVIE))


def check_id(id_: str) -> None:
    """Any text may be an addon's id, but one that nobody can read is a mistake or worse."""
    if not id_.strip() or len(id_) > MAX_ID_CHARS or _UNSEEN.search(id_):
        raise VideoNotFound(f"An id is 1 to {MAX_ID_CHARS} characters, none of which controls anything.")


def type_of(type_: str | None, otherwise: str) -> str:
    if type_ is None:
        return otherwise
    if not type_.strip() or len(type_) > MAX_TYPE_CHARS or _UNSEEN.search(type_):
        raise _wrong("type", f"must be 1 to {MAX_TYPE_CHARS} characters, none of which controls anything")
    return type_


def text_of(field: str, text: str | None) -> str:
    if text is not None and len(text) > MAX_TEXT_CHARS:
        raise _wrong(field, f"must be at most {MAX_TEXT_CHARS} characters")
    return storable(text or "")


def duration_of(duration_s: float) -> int:
    if not (math.isfinite(duration_s) and 0 < duration_s <= MAX_DURATION_S):
        raise _wrong("duration_s", f"must be above 0 and at most {MAX_DURATION_S}")
    return max(1, round(duration_s * 1000))


def position_of(position_s: float, duration_ms: int) -> int:
    if not math.isfinite(position_s) or position_s < 0:
        raise _wrong("position_s", "must be 0 or more")
    position_ms = round(min(position_s, 2 * MAX_DURATION_S) * 1000)
    if position_ms > duration_ms + max(PAST_END_S * 1000, duration_ms * PAST_END_SHARE):
        raise _wrong("position_s", "must not be beyond duration_s")
    return min(position_ms, duration_ms)


def time_of(at: datetime | None, now_ms: int) -> int:
    if at is None:
        return now_ms
    if at.tzinfo is None:
        raise _wrong("at", "must say its offset from UTC")
    at_ms = round((at - _EPOCH).total_seconds() * 1000)
    if at_ms > now_ms + AHEAD_MS:
        raise _wrong("at", "must not be in the future: the player's clock is ahead")
    if at_ms < now_ms - OLDEST_MS:
        raise _wrong("at", "must not be more than a year ago")
    return min(at_ms, now_ms)


def _check_number(field: str, number: int | None) -> None:
    if number is not None and not 0 <= number <= MAX_NUMBER:
        raise _wrong(field, f"must be 0 to {MAX_NUMBER}")


def _wrong(field: str, what: str) -> InvalidInput:
    return InvalidInput(f"{field}: {what}.", fields={field: what})


_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
