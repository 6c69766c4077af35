"""A list for players, written piece by piece.

Readers differ: one takes the name behind the last quote, one looks for `tvg-id=` anywhere in the line, one
matches `tvg-id="" tvg-name="" tvg-logo="" group-title="",Name` as get.php of a panel writes it. So these four
stand last and in this order, whatever else there is stands in front, and no text holds a quote, a line break
or the name of an attribute with its sign.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Sequence

from libs.protocols.m3u.kinds import kind_of
from libs.protocols.m3u.rows import Entry, Kind, Pairs

PIECE_BYTES = 64 * 1024
CONTENT_TYPE = "audio/x-mpegurl"

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")
_ATTRIBUTE = re.compile(
    r"(tvg-[a-z]{1,12}|url-tvg|group-title|radio|timeshift|catchup[a-z-]{0,12}|provider[a-z-]{0,12}"
    r"|media[a-z-]{0,8}|realtime|http-[a-z-]{1,12}|user-agent)\s?=",
    re.IGNORECASE,
)
_ADDRESS_SAFE = "!#$%&'()*+,-./:;=?@[]_{}~"
_VLC = {"User-Agent": "http-user-agent", "Referer": "http-referrer"}


def opening(guides: Sequence[str] = ()) -> bytes:
    """The first line. `guides` are addresses of XMLTV files; some players take one only."""
    if not guides:
        return b"#EXTM3U\n"
    told = ",".join(_address(guide) for guide in guides)
    return f'#EXTM3U x-tvg-url="{told}" url-tvg="{told}"\n'.encode()


def lines(entry: Entry) -> str:
    """All lines of an entry."""
    before = "".join(f' {name}="{value}"' for name, value in _optional(entry))
    groups = ";".join(filter(None, (_text(group).replace(";", "/") for group in entry.groups)))
    duration = "-1" if entry.duration_s is None else f"{entry.duration_s:.15g}"
    written = [
        f'#EXTINF:{duration}{before} tvg-id="{_text(entry.tvg_id)}" tvg-name="{_text(entry.tvg_name)}"'
        f' tvg-logo="{_address(entry.logo)}" group-title="{groups}",{_name(entry)}'
    ]
    if entry.kind != "live" and _kind_as_read(entry) != entry.kind:
        written.append("#EXT-X-PLAYLIST-TYPE:VOD")
    written += [f"#EXTVLCOPT:{_VLC[name]}={_line(value)}" for name, value in entry.headers if name in _VLC]
    written += [f"#KODIPROP:{_line(name)}={_line(value)}" for name, value in entry.properties]
    written.append(_address(entry.address) + _behind(entry.headers))
    return "\n".join(written) + "\n"


def plain_lines(entry: Entry) -> str:
    """Name and address alone, as `type=m3u` of a panel's get.php has it."""
    return f"#EXTINF:-1,{_name(entry)}\n{_address(entry.address)}\n"


def pieces(
    entries: Iterable[Entry], guides: Sequence[str] = (), *, write: Callable[[Entry], str] = lines
) -> Iterator[bytes]:
    """The whole list, in pieces of about PIECE_BYTES."""
    held, size = [opening(guides)], 0
    for entry in entries:
        written = write(entry).encode()
        held.append(written)
        size += len(written)
        if size >= PIECE_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _optional(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.number is not None:
        sub = "" if entry.sub_number is None else f".{entry.sub_number}"
        yield "tvg-chno", f"{entry.number}{sub}"
    if entry.shift_h is not None:
        yield "tvg-shift", f"{entry.shift_h:.15g}"
    if entry.radio:
        yield "radio", "true"
    if entry.countries:
        yield "tvg-country", _several(entry.countries)
    if entry.languages:
        yield "tvg-language", _several(entry.languages)
    if entry.media:
        yield "media", "true"
    if entry.media_dir:
        yield "media-dir", _text(entry.media_dir)
    if entry.media_size_bytes is not None:
        yield "media-size", str(entry.media_size_bytes)
    if entry.realtime is not None:
        yield "realtime", str(entry.realtime).lower()
    elif entry.kind == "live" and _kind_as_read(entry) != "live":
        yield "realtime", "true"
    yield from _catchup(entry)


def _catchup(entry: Entry) -> Iterator[tuple[str, str]]:
    catchup = entry.catchup
    if catchup is None:
        return
    yield "catchup", catchup.mode
    if catchup.source:
        yield "catchup-source", _address(catchup.source)
    if catchup.days is not None:
        yield "catchup-days", str(catchup.days)
    if catchup.correction_h:
        yield "catchup-correction", f"{catchup.correction_h:.15g}"


def _several(texts: Iterable[str]) -> str:
    return ";".join(_text(text) for text in texts)


def _name(entry: Entry) -> str:
    """Never nothing: some readers give up at a line without a name."""
    return next(filter(None, map(_unquoted, (entry.name, entry.tvg_name, entry.tvg_id))), "-")


def _kind_as_read(entry: Entry) -> Kind:
    live = entry.radio or bool(entry.realtime) or entry.catchup is not None
    return kind_of(entry.address, _name(entry), vod=entry.media, live=live)[0]


def _text(text: str) -> str:
    text = _unquoted(text)
    return _ATTRIBUTE.sub(r"\1:", text) if "=" in text else text


def _unquoted(text: str) -> str:
    return _line(text).replace('"', "'")


def _line(text: str) -> str:
    return text if text.isalnum() else _UNPRINTABLE.sub(" ", text).strip()


def _address(text: str) -> str:
    """Every byte that could end the line, the attribute or the address is written as %XX."""
    quoted = urllib.parse.quote(text.strip(), safe=_ADDRESS_SAFE, errors="replace")
    return quoted if not quoted.startswith("#") else f"%23{quoted[1:]}"


def _behind(headers: Pairs) -> str:
    rest = "&".join(
        f"{urllib.parse.quote(name)}={urllib.parse.quote(value, safe='')}"
        for name, value in headers
        if name not in _VLC
    )
    return f"|{rest}" if rest else ""
