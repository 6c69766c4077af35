"""Programmes of channels, as `epg_listings` and as XMLTV, and the whole library as an M3U."""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from html.entities import codepoint2name
from xml.sax.saxutils import escape, quoteattr

from tests.fakes.panel import details, words
from tests.fakes.panel.draws import Draws
from tests.fakes.panel.generator import Library
from tests.fakes.panel.rows import Kind, Row

DAY_S = 86_400
SHORT_LIMIT = 4
_LENGTHS_S = (1800, 3600, 3600, 5400, 7200)
_ENTITIES = {point: f"&{name};" for point, name in codepoint2name.items() if point > 127}


@dataclass(frozen=True, slots=True)
class Programme:
    number: int
    start: int
    stop: int
    title: str
    text: str


def programmes(guide_id: str, start: int, end: int) -> Iterator[Programme]:
    """Those of a channel that run between two times; all of a channel are of one length."""
    channel = zlib.crc32(guide_id.encode())
    length_s = _LENGTHS_S[channel % len(_LENGTHS_S)]
    for number in range(start // length_s, -(-end // length_s)):
        draws = Draws(channel, number)
        title = f"{draws.pick(words.ADJECTIVES)} {draws.pick(words.NOUNS)}"
        text = f"{draws.pick(words.NAMES)} é convidado: {draws.pick(words.PLACES)} & more."
        yield Programme(number, number * length_s, (number + 1) * length_s, title, text)


def listing(channel: Row, of: Programme, zone: tzinfo) -> Row:
    """One row of `epg_listings`: texts in base64, times also as text in the panel's zone."""
    return {
        "id": str(of.number),
        "epg_id": "1",
        "title": b64encode(of.title.encode()).decode(),
        "lang": "en",
        "start": local(of.start, zone),
        "end": local(of.stop, zone),
        "description": b64encode(of.text.encode()).decode(),
        "channel_id": channel["epg_channel_id"],
        "start_timestamp": str(of.start),
        "stop_timestamp": str(of.stop),
    }


def short(channel: Row, now: int, zone: tzinfo, limit: int) -> list[Row]:
    """The running programme first."""
    if not channel["epg_channel_id"]:
        return []
    found = programmes(channel["epg_channel_id"], now, now + limit * max(_LENGTHS_S))
    return [listing(channel, of, zone) for of, _ in zip(found, range(limit), strict=False)]


def table(channel: Row, now: int, zone: tzinfo, days_after: int = 2) -> list[Row]:
    """Past and future, with what runs now and what can be watched later."""
    if not channel["epg_channel_id"]:
        return []
    kept_s = int(channel["tv_archive_duration"]) * DAY_S
    return [
        listing(channel, of, zone)
        | {
            "now_playing": int(of.start <= now < of.stop),
            "has_archive": int(bool(channel["tv_archive"]) and now - kept_s <= of.start and of.stop <= now),
        }
        for of in programmes(channel["epg_channel_id"], now - max(kept_s, DAY_S), now + days_after * DAY_S)
    ]


def local(at: float, zone: tzinfo, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return datetime.fromtimestamp(at, zone).strftime(form)


def xmltv(
    library: Library, now: int, zone: tzinfo, *, days: int, html_entities: bool = False
) -> Iterator[bytes]:
    """On one line, as panels send it. `html_entities`: named ones for accents, which XML knows nothing of."""
    yield b'<?xml version="1.0" encoding="utf-8" ?><!DOCTYPE tv SYSTEM "xmltv.dtd">'
    yield b'<tv generator-info-name="panel">'
    seen: dict[str, str] = {}
    for row in library.rows("live"):
        if row["epg_channel_id"]:
            seen.setdefault(row["epg_channel_id"], row["name"])
    for guide_id, name in seen.items():
        yield _encoded(
            f"<channel id={quoteattr(guide_id)}><display-name>{escape(name)}</display-name></channel>",
            html_entities,
        )
    for guide_id in seen:
        found = programmes(guide_id, now - DAY_S, now + days * DAY_S)
        yield _encoded("".join(_programme(guide_id, of, zone) for of in found), html_entities)
    yield b"</tv>"


def _programme(guide_id: str, of: Programme, zone: tzinfo) -> str:
    start, stop = (local(at, zone, "%Y%m%d%H%M%S %z") for at in (of.start, of.stop))
    return (
        f'<programme start="{start}" stop="{stop}" channel={quoteattr(guide_id)}>'
        f"<title>{escape(of.title)}</title><desc>{escape(of.text)}</desc></programme>"
    )


def _encoded(text: str, html_entities: bool) -> bytes:
    return (text.translate(_ENTITIES) if html_entities else text).encode()


def m3u(
    library: Library, base: str, login: str, *, plus: bool, live_extension: str, kinds: frozenset[str]
) -> Iterator[bytes]:
    """`login` is the account's part of each address: name and password, quoted."""
    yield b'#EXTM3U\n#EXT-X-SESSION-DATA:DATA-ID="com.xui.1_5_12"\n' if plus else b"#EXTM3U\n"
    if "live" in kinds:
        groups = _groups(library, "live")
        for row in library.rows("live"):
            url = f"{base}/live/{login}/{row['stream_id']}.{live_extension}"
            yield _entry(row, row["name"], groups.get(row["category_id"], ""), url, plus=plus)
    if "movie" in kinds:
        groups = _groups(library, "vod")
        for row in library.rows("vod"):
            url = f"{base}/movie/{login}/{row['stream_id']}.{row['container_extension']}"
            yield _entry(row, row["name"], groups.get(row["category_id"], ""), url, plus=plus)
    if "series" in kinds:
        yield from _series_entries(library, f"{base}/series/{login}", plus)


def _series_entries(library: Library, base: str, plus: bool) -> Iterator[bytes]:
    groups = _groups(library, "series")
    for row in library.rows("series"):
        index = library.index_of("series", row["series_id"])
        assert index is not None
        for season, count in details.season_counts(library, index).items():
            for number in range(1, count + 1):
                id_ = details.episode_id(index, season, number)
                url = f"{base}/{id_}.{details.episode_extension(library, id_)}"
                name = f"{row['name']} S{season:02} E{number:02}"
                yield _entry(row, name, groups.get(row["category_id"], ""), url, plus=plus)


def _groups(library: Library, kind: Kind) -> dict[str | None, str]:
    return {row["category_id"]: row["category_name"] for row in library.category_rows(kind)}


def _entry(row: Row, name: str, group: str, url: str, *, plus: bool) -> bytes:
    # Quotes in a name end the attribute too early: no panel escapes them.
    logo = row["cover"] if "cover" in row else row["stream_icon"]
    told = (
        f' tvg-id="{row.get("epg_channel_id") or ""}" tvg-name="{name}" tvg-logo="{logo}"'
        f' group-title="{group}"'
    )
    return f"#EXTINF:-1{told if plus else ''},{name}\n{url}\n".encode()
