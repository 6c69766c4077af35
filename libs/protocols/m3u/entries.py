"""Attributes as they are written become the fields of an entry."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from libs.protocols.m3u.attributes import Line
from libs.protocols.m3u.kinds import kind_of
from libs.protocols.m3u.requests import HEADER_OF, headers_of, split_address
from libs.protocols.m3u.rows import Catchup, CatchupMode, Entry, Header, Pairs

_MODES: Final[Mapping[str, CatchupMode]] = MappingProxyType(
    {
        "default": "default",
        "append": "append",
        "shift": "shift",
        "timeshift": "shift",
        "siptv": "shift",
        "flussonic": "flussonic",
        "flussonic-hls": "flussonic",
        "flussonic-ts": "fs",
        "fs": "fs",
        "xc": "xc",
        "vod": "vod",
    }
)
_PAST: Final = frozenset({"catchup", "catchup-type", "timeshift", "tvg-rec"})
"""Without one of these there is no catch-up, whatever else is said of it."""
_NO: Final = frozenset({"0", "false", "no", "none", "off", "disabled"})
_MOST_SHIFT_H = 48.0
_MOST_NUMBER = 2**31 - 1
_LONGEST_SHARED = 200

_CHANNEL_NUMBER = re.compile(r"\s*([0-9]{1,9})(?:[.-]([0-9]{1,9}))?\s*", re.ASCII)
_GUIDES = re.compile(r"\s*[,;\s]\s*(?=[a-z]+://)", re.IGNORECASE)
_SEMICOLON = re.compile(";")
_SEVERAL = re.compile(r"[;,|]")


def header_of(attributes: Mapping[str, str], before: Header) -> Header:
    """A list put together of several has a header for each: guides add up, the rest is the last one's."""
    told = (attributes.get(name, "") for name in ("x-tvg-url", "url-tvg", "tvg-url"))
    guides = [one.strip() for text in told for one in _GUIDES.split(text) if one.strip()]
    return Header(
        guides=tuple(dict.fromkeys((*before.guides, *guides))),
        shift_h=hours(attributes.get("tvg-shift", "")),
        catchup=_catchup(attributes, Header()),
        correction_h=hours(attributes.get("catchup-correction", "")) or 0.0,
    )


@dataclass(slots=True)
class Said:
    """What directives say of one address: EXTVLCOPT, KODIPROP and EXT-X-PLAYLIST-TYPE."""

    options: list[tuple[str, str]] = field(default_factory=list)
    properties: list[tuple[str, str]] = field(default_factory=list)
    vod: bool = False


def entry_of(
    line: Line, address: str, said: Said, *, grouped: tuple[str, ...], header: Header
) -> Entry | None:
    """`grouped` is what EXTGRP says. None without a name."""
    get = line.attributes.get
    tvg_id, tvg_name = get("tvg-id", "").strip(), get("tvg-name", "").strip()
    name = line.name or tvg_name or tvg_id
    if not name:
        return None
    address, headers = split_address(address)
    catchup = _catchup(line.attributes, header)
    radio, media, realtime = _flag(get("radio", "")), _flag(get("media", "")), get("realtime", "")
    kind, place = kind_of(
        address, name, vod=said.vod or media, live=radio or _flag(realtime) or bool(get("catchup"))
    )
    number, sub_number = _channel_number(get("tvg-chno") or get("channel-number") or get("tvg-ch") or "")
    return Entry(
        kind=kind,
        name=name,
        address=address,
        duration_s=_duration(line.duration),
        tvg_id=tvg_id,
        tvg_name=tvg_name,
        logo=(get("tvg-logo") or get("logo") or "").strip(),
        number=number,
        sub_number=sub_number,
        shift_h=header.shift_h if (shift_h := hours(get("tvg-shift", ""))) is None else shift_h,
        groups=groups_of(get("group-title", "")) or grouped,
        radio=radio,
        catchup=catchup if kind == "live" else None,
        countries=_several(get("tvg-country") or get("provider-countries") or "", _SEVERAL),
        languages=_several(get("tvg-language") or get("provider-languages") or "", _SEVERAL),
        media=media,
        media_dir=get("media-dir", "").strip(),
        media_size_bytes=_whole(get("media-size", "")),
        realtime=_flag(realtime) if realtime.strip() else None,
        headers=_headers(headers, line.attributes, said.options),
        properties=tuple(said.properties),
        place=place,
    )


def groups_of(text: str) -> tuple[str, ...]:
    return _several(text, _SEMICOLON)


def hours(text: str) -> float | None:
    """A signed number of hours; None for what is none."""
    if not text:
        return None
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) <= _MOST_SHIFT_H else None  # NaN is not


def _catchup(attributes: Mapping[str, str], header: Header) -> Catchup | None:
    get, default = attributes.get, header.catchup
    if default is None and _PAST.isdisjoint(attributes):
        return None
    told = (get("catchup") or get("catchup-type") or "").strip().lower()
    days = _first_days(get("catchup-days", ""), get("tvg-rec", ""), get("timeshift", ""))
    source = split_address(get("catchup-source", "").strip())[0]
    if told in _NO or days == 0:
        return None
    if told:
        mode = _MODES.get(told, "default" if source else None)
    elif default is not None:
        mode = default.mode
    else:
        mode = "shift" if days is not None and "catchup-days" not in attributes else None
    if mode is None:
        return None
    correction_h = hours(get("catchup-correction", ""))
    return Catchup(
        mode=mode,
        source=source or (default.source if default is not None and default.mode == mode else ""),
        days=default.days if days is None and default is not None else None if days == -1 else days,
        correction_h=header.correction_h if correction_h is None else correction_h,
    )


def _first_days(*texts: str) -> int | None:
    """Old lists tell the days by `timeshift` or `tvg-rec` alone; any number below nought is without end."""
    for text in texts:
        value = _number(text)
        if value is not None:
            return -1 if value < 0 else math.ceil(value)
    return None


def _headers(there: Pairs, attributes: Mapping[str, str], options: Iterable[tuple[str, str]]) -> Pairs:
    if not options and HEADER_OF.keys().isdisjoint(attributes):
        return there
    told = [(name, value) for name, value in options if name.lower() in HEADER_OF]
    told += [(name, attributes[name]) for name in HEADER_OF if name in attributes]
    return headers_of((*there, *told))


def _channel_number(text: str) -> tuple[int | None, int | None]:
    found = _CHANNEL_NUMBER.fullmatch(text) if text else None
    if found is None:
        return None, None
    return int(found[1]), None if found[2] is None else int(found[2])


def _duration(text: str) -> float | None:
    if text in {"-1", "0", ""}:
        return None
    value = _number(text)
    return value if value is not None and value > 0 else None


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _number(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) <= _MOST_NUMBER else None


def _flag(text: str) -> bool:
    return text.strip().lower() in {"true", "1", "yes"} if text else False


def _several(text: str, between: re.Pattern[str]) -> tuple[str, ...]:
    if not text:
        return ()
    # Most entries share theirs with others; what is too long to be a name isn't worth remembering.
    return _split_again(text, between) if len(text) <= _LONGEST_SHARED else _split(text, between)


def _split(text: str, between: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(str.strip, between.split(text)))))


_split_again = functools.lru_cache(maxsize=4096)(_split)
