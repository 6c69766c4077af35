"""The account as its panel tells of it."""

from __future__ import annotations

from calendar import timegm
from datetime import UTC, timedelta, timezone, tzinfo
from time import strptime
from zoneinfo import ZoneInfo

from msgspec import Struct

from libs.protocols.xtream.answers import WireUser, decode, json_of, refusal_of, refusal_of_user
from libs.protocols.xtream.errors import EmptyAnswer, NotAPanel
from libs.protocols.xtream.values import flag, some, text, whole

_QUARTER_S = 15 * 60
"""Zones differ by quarters of an hour; what is left is the time between two readings of one clock."""
_FARTHEST_S = 14 * 3600
_LAST_SECOND = 253_402_300_799
"""Of the year 9999: what lies beyond is no date to anybody, and "never" to panels."""
_MOST_CONNECTIONS = 65_535
"""One address has no more ports: who allows more doesn't count."""


class PanelClock(Struct, frozen=True, kw_only=True):
    """`zone` is a name that is known here, or nothing; `offset_s` is what the panel's own clock shows.

    `now` is its clock at the time of the answer, in seconds since the epoch.
    """

    zone: str = ""
    offset_s: int | None = None
    now: int | None = None

    @property
    def tzinfo(self) -> tzinfo:
        """By the zone, else by the offset, else UTC."""
        if self.zone:
            return ZoneInfo(self.zone)
        return UTC if self.offset_s is None else timezone(timedelta(seconds=self.offset_s))


class Account(Struct, frozen=True, kw_only=True):
    """`status` is the panel's word in lower case. Times are seconds since the epoch, `expires_at` None is
    never; connections are None where the panel doesn't say."""

    status: str
    is_trial: bool = False
    message: str = ""
    expires_at: int | None = None
    created_at: int | None = None
    active_connections: int | None = None
    max_connections: int | None = None
    formats: tuple[str, ...] = ()
    clock: PanelClock = PanelClock()


def parse_account(body: bytes) -> Account:
    """Raises an XtreamError for every way of refusing, whatever the status it came with."""
    answer = decode(body, object)
    if answer == []:
        raise EmptyAnswer
    user = WireUser.of(answer.get("user_info")) if isinstance(answer, dict) else None
    if user is None or not isinstance(answer, dict):
        raise refusal_of(json_of(body)) or NotAPanel("The server's answer is not that of an Xtream panel.")
    refused = refusal_of_user(user)
    if refused is not None:
        raise refused
    formats = user.allowed_output_formats
    return Account(
        status=text(user.status).lower(),
        is_trial=flag(user.is_trial),
        message=text(user.message),
        expires_at=_within(some(user.exp_date), _LAST_SECOND),
        created_at=some(user.created_at),
        active_connections=whole(user.active_cons),
        max_connections=_within(whole(user.max_connections), _MOST_CONNECTIONS),
        formats=tuple(filter(None, map(text, formats))) if isinstance(formats, list) else (),
        clock=_clock(answer.get("server_info")),
    )


def _within(number: int | None, most: int) -> int | None:
    return None if number is None or number > most else number


def _clock(server: object) -> PanelClock:
    if not isinstance(server, dict):
        return PanelClock()
    now = some(server.get("timestamp_now"))
    return PanelClock(
        zone=_known_zone(text(server.get("timezone"))),
        offset_s=_offset(text(server.get("time_now")), now),
        now=now,
    )


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key if name else ""
    except (ValueError, KeyError, OSError):  # no name of a zone, or one that leads to a folder
        return ""


def _offset(shown: str, now: int | None) -> int | None:
    if now is None:
        return None
    try:
        local = timegm(strptime(shown, "%Y-%m-%d %H:%M:%S"))
    except ValueError:
        return None
    offset = round((local - now) / _QUARTER_S) * _QUARTER_S
    return offset if abs(offset) <= _FARTHEST_S else None
