"""What a panel tells of one channel's programmes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, tzinfo

from msgspec import Struct

from libs.protocols.xtream.answers import decode, json_of, refusal_of
from libs.protocols.xtream.errors import AnswerUnreadable
from libs.protocols.xtream.values import flag, some, text

_FORM = "%Y-%m-%d %H:%M:%S"
_STANDARD = str.maketrans("-_", "+/")


class Programme(Struct, frozen=True, kw_only=True):
    """Times are seconds since 1970, `end` None is not told; `guide_id` names the channel in the guide."""

    start: int
    end: int | None = None
    title: str = ""
    description: str = ""
    language: str = ""
    guide_id: str = ""
    is_on: bool = False
    has_archive: bool = False


class Listing(Struct, frozen=True, kw_only=True):
    """`skipped` counts entries without a start."""

    programmes: tuple[Programme, ...] = ()
    skipped: int = 0


def parse_listings(body: bytes, zone: tzinfo) -> Listing:
    """`zone` is the panel's, for times that are told in no other way. No programmes are no error."""
    answer = decode(body, object)
    if isinstance(answer, dict):
        if "epg_listings" not in answer:
            raise refusal_of(json_of(body)) or AnswerUnreadable("The panel's answer can't be read.")
        answer = answer["epg_listings"] or []
    if not isinstance(answer, list):
        raise AnswerUnreadable("The panel's answer can't be read.")
    read = [_programme(entry, zone) for entry in answer]
    programmes = tuple(programme for programme in read if programme is not None)
    return Listing(programmes=programmes, skipped=len(read) - len(programmes))


def _programme(entry: object, zone: tzinfo) -> Programme | None:
    if not isinstance(entry, dict):
        return None
    start = _moment(entry, ("start_timestamp", "start"), zone)
    if start is None:
        return None
    end = _moment(entry, ("stop_timestamp", "end_timestamp", "end", "stop"), zone)
    return Programme(
        start=start,
        end=end if end is not None and end > start else None,
        title=_plain(entry.get("title")),
        description=_plain(entry.get("description")),
        language=text(entry.get("lang")),
        guide_id=text(entry.get("channel_id")),
        is_on=flag(entry.get("now_playing")),
        has_archive=flag(entry.get("has_archive")),
    )


def _moment(entry: Mapping[str, object], names: tuple[str, ...], zone: tzinfo) -> int | None:
    """By the first member that tells one: a number wherever it stands, else a text in the panel's zone."""
    for name in names:
        told = entry.get(name)
        moment = some(told)
        if moment is None and isinstance(told, str):
            moment = _in_zone(told, zone)
        if moment is not None:
            return moment
    return None


def _in_zone(told: str, zone: tzinfo) -> int | None:
    try:
        return int(datetime.strptime(told.strip(), _FORM).replace(tzinfo=zone).timestamp())
    except (ValueError, OverflowError):
        return None


def _plain(value: object) -> str:
    """Out of base64 with either alphabet, with or without its padding; a text that is none stays as it is."""
    told = text(value)
    packed = "".join(told.split()).translate(_STANDARD).rstrip("=")
    try:
        unpacked = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
        read = text(unpacked.decode())
    except (binascii.Error, ValueError):
        return told
    # Short words may look like it, but no encoder would have written them.
    return read if base64.b64encode(unpacked).decode().rstrip("=") == packed else told
