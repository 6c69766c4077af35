"""Addresses of streams in all their forms, and what is sent there: a few bytes that tell what was asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final, Literal

from tests.fakes.panel import details
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.answers import Answer, plain
from tests.fakes.panel.generator import Library

FILM_BYTES: Final = 65_536
LIVE_PACKETS: Final = 50
PACKET: Final = 188
TYPES: Final = {"mp4": "video/mp4", "mkv": "video/x-matroska", "avi": "video/x-msvideo", "ts": "video/mp2t"}
PLAYLIST: Final = "application/vnd.apple.mpegurl"
START_FORMS: Final = (
    "%Y-%m-%d:%H-%M",
    "%Y-%m-%d_%H-%M",
    "%Y-%m-%d:%H:%M:%S",
    "%Y-%m-%d:%H:%M",
    "%Y-%m-%d %H:%M:%S",
)
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")

What = Literal["live", "movie", "series", "timeshift"]


@dataclass(frozen=True, slots=True)
class StreamPath:
    """`start` and `minutes` as they came, of catch-up alone."""

    what: What
    username: str
    password: str
    file: str
    start: str = ""
    minutes: str = ""

    @property
    def stream_id(self) -> int:
        name = self.file.partition(".")[0].partition("_")[0]
        return int(name) if name.isdigit() else -1

    @property
    def extension(self) -> str:
        return self.file.partition(".")[2] or "ts"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A catch-up that was asked for, and understood so."""

    stream_id: int
    starts_at: int
    minutes: int


def parsed(parts: Sequence[str], query: Mapping[str, str]) -> StreamPath | None:
    """`parts` of the path, unquoted; None for what is no stream's address."""
    match parts:
        case ["live" | "movie" | "series" as what, username, password, file]:
            return StreamPath(what, username, password, file)
        case ["timeshift", username, password, minutes, start, file]:
            return StreamPath("timeshift", username, password, file, start, minutes)
        case ["streaming", "timeshift.php"]:
            names = ("username", "password", "stream", "start", "duration")
            username, password, file, start, minutes = (query.get(name, "") for name in names)
            if start.isdigit() and minutes.isdigit():
                minutes = str(
                    int(minutes) // 60
                )  # whoever gives the start in seconds does so with the length
            return StreamPath("timeshift", username, password, file, start, minutes)
        case [username, password, file]:
            return StreamPath("live", username, password, file)
    return None


def starts_at(text: str, zone: tzinfo, forms: Sequence[str]) -> int | None:
    """Text is in the panel's zone, digits are seconds since 1970; None where no form fits."""
    if text.isdigit():
        return int(text)
    for form in forms:
        try:
            return int(datetime.strptime(text, form).replace(tzinfo=zone).astimezone(UTC).timestamp())
        except ValueError:
            continue
    return None


def refusal(library: Library, account: Account, asked: StreamPath) -> Answer | None:
    """404 for what isn't there, 405 for a form of live television the account may not have."""
    id_ = asked.stream_id
    if asked.what == "series":
        known = details.has_episode(library, id_)
    else:
        known = library.index_of("vod" if asked.what == "movie" else "live", id_) is not None
    if not known:
        return plain(b"", 404)
    if asked.what in ("live", "timeshift") and asked.extension not in account.formats:
        return plain(b"", 405)
    return None


def live(asked: StreamPath, pause: asyncio.Event | None) -> Answer:
    """With `pause` it goes on until that is set."""
    if asked.extension == "m3u8":
        name = asked.stream_id
        segments = "".join(f"#EXTINF:10.0,\n{name}_{number}.ts\n" for number in range(3))
        head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:7\n"
        return plain((head + segments).encode(), content_type=PLAYLIST)
    packet = b"\x47\x1f\xff\x10" + asked.file.encode()
    packets = packet.ljust(PACKET, b"\xff") * LIVE_PACKETS
    return Answer(iter([packets, packets]), content_type=TYPES["ts"], pause=pause)


def film_bytes(id_: int) -> bytes:
    """Of the size of every film; 16 digits again and again, so that any part tells whose it is."""
    return b"%016d" % id_ * (FILM_BYTES // 16)


def whole_or_part(body: bytes, extension: str, wanted: str | None) -> Answer:
    """206 with what a Range asks for, 416 where nothing is; a Range that makes no sense is left aside."""
    content_type = TYPES.get(extension, "application/octet-stream")
    headers = {"Accept-Ranges": "bytes"}
    found = _RANGE.fullmatch(wanted or "")
    if found is None or not any(found.groups()):
        return Answer(iter([body]), 200, content_type, headers, length=len(body))
    first, last = found.groups()
    start = int(first) if first else max(0, len(body) - int(last))
    end = min(int(last) if first and last else len(body) - 1, len(body) - 1)
    if start > end:
        return Answer(iter(()), 416, content_type, {"Content-Range": f"bytes */{len(body)}"}, length=0)
    part = body[start : end + 1]
    headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
    return Answer(iter([part]), 206, content_type, headers, length=len(part))
