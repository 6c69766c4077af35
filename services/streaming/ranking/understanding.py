"""What a source is, from all an addon says of it: the name of the file counts before the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from libs.common.contracts.streaming import StreamFacts
from libs.protocols.stremio.objects import Stream, named, parse_streams
from services.streaming.ranking.names import EMPTY, WORD, Release, Told, find_words, read_name
from services.streaming.ranking.sizes import Size, exactly, read_size
from services.streaming.ranking.words import AUDIO_ORDER, CONTAINERS, LANGUAGE_OF_FLAG, Says, Word

MAX_TEXT_CHARS: Final = 2_000
"""Of what an addon says of one source so much is read."""
REMEMBERED: Final = 4_096
"""Sources whose facts are kept: an answer has up to some hundreds, and each is asked for again and again."""
LINES_REMEMBERED: Final = 1_024
"""Of what addons write beside a name: most is their own, and a quality."""
_LINES_TRIED: Final = 3
_SHORT_URL: Final = 48
"""With a hash in it a link is longer."""

_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_SEEDERS: Final = re.compile(r"(?:[👤👥🌱]|\bseed(?:er)?s?\b)\W{0,3}(\d{1,7})")
_BITRATE: Final = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)\s?(?:mbps|mb/s|mbit/s)")
_READY: Final = re.compile(r"[⚡✅]|\[[a-z]{2,3}\+\]|\b(?:instant|cached)\b")
_TO_FETCH: Final = re.compile(r"[⏳⬇🚫]|\[[a-z]{2,3} download\]|\b(?:uncached|not cached)\b")
_HASH: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
_NOT_BEFORE: Final = " \t\r📄📁🎬🎥📹🍿📦>-"
_FLAG_BASE: Final = 0x1F1E6


class _Raw(msgspec.Struct, frozen=True, gc=False):
    behaviorHints: object = None
    fileIdx: object = None


_DECODER: Final = msgspec.json.Decoder(_Raw)


class Source(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A source, understood. `file` is the name of what is played in its words, empty where nobody says it.

    `ready`: whether it starts at once, None where the addon doesn't say. `info_hash` is of a torrent, also
    where a link names it.
    """

    stream: Stream
    facts: StreamFacts
    release: Release
    file: tuple[str, ...] = ()
    size: Size | None = None
    seeders: int | None = None
    ready: bool | None = None
    info_hash: str = ""
    file_index: int | None = None


def understood(raw: bytes, addon_name: str) -> Source | None:
    """None for what is no stream. A stream without a name of its own is given its addon's."""
    return _understood(raw, addon_name)


@lru_cache(REMEMBERED)
def _understood(raw: bytes, addon_name: str) -> Source | None:
    for stream in parse_streams((raw,)):
        return read_source(stream if stream.name else named(stream, addon_name))
    return None


def read_source(stream: Stream) -> Source:
    members = _DECODER.decode(stream.raw)
    hints = members.behaviorHints if isinstance(members.behaviorHints, dict) else {}
    text = stream.description[:MAX_TEXT_CHARS]
    release, line = _release(hints.get("filename"), text, stream.name)
    note = f"{stream.name}\n{text}".lower()
    if line:
        note = note.replace(line.lower(), "", 1)
    size = exactly(hints.get("videoSize")) or read_size(note)
    index = members.fileIdx
    return Source(
        stream=stream,
        facts=_facts(stream, release, note, size),
        release=release,
        file=_file(release),
        size=size,
        seeders=_seeders(note),
        ready=_is_ready(stream.name.lower()),
        info_hash=_info_hash(stream),
        file_index=index if isinstance(index, int) and stream.kind == "torrent" else None,
    )


def _release(filename: object, text: str, name: str) -> tuple[Release, str]:
    """What the name of the file says, and the line of the text that it was found in, if it stood there."""
    if isinstance(filename, str) and filename:
        # Some write the way to it, too.
        return read_name(filename.rpartition("/")[2] or filename), ""
    best: tuple[Release, str] = (EMPTY, "")
    for line in (*text.split("\n", _LINES_TRIED)[:_LINES_TRIED], *name.split("\n")[:_LINES_TRIED]):
        bare = line.strip(_NOT_BEFORE)
        if len(bare) < 12:
            continue
        release = read_name(bare)
        if release.container or (release.title_words and (release.group or release.episodes or release.year)):
            if release.container or not best[1]:
                best = release, line
            if release.container:
                break
    return best


def _facts(stream: Stream, release: Release, note: str, size: Size | None) -> StreamFacts:
    """What the name of the file leaves open, the text may tell."""
    told, channels = _read_note(note, frozenset(release.title_words))
    bitrate = _BITRATE.search(note) if "bps" in note or "b/s" in note or "bit/s" in note else None
    return StreamFacts(
        resolution=release.resolution or told.resolution(),
        quality=release.quality or told.quality(),
        codec=release.codec or told.first(Says.CODEC),
        hdr=release.hdr or told.hdr(),
        audio=release.audio or told.all_of(Says.AUDIO, AUDIO_ORDER),
        channels=release.channels or channels,
        languages=tuple(dict.fromkeys((*release.languages, *told.languages(), *_flags(note)))),
        size_bytes=None if size is None else size.size_bytes,
        bitrate_bps=int(float(bitrate[1].replace(",", ".")) * 1_000_000) if bitrate else None,
        group=release.group,
        edition=release.edition or told.edition(),
        seasons=release.seasons,
        episodes=release.episodes,
        container=release.container or _container(stream.url),
    )


def _read_note(note: str, title: frozenset[str]) -> tuple[Told, str | None]:
    """Any word counts, but in a line that holds the title only what no title has."""
    words: list[str] = []
    said: list[tuple[int, Word]] = []
    channels = None
    for line in note.split("\n"):
        here, found, counted = _read_line(line)
        if found:
            holds_title = bool(title) and title.issubset(here)
            said += [(at + len(words), word) for at, word in found if word.sure or not holds_title]
        words += here
        channels = channels or counted
    return Told(words, said), channels


@lru_cache(LINES_REMEMBERED)
def _read_line(line: str) -> tuple[Sequence[str], Sequence[tuple[int, Word]], str | None]:
    """Its words, those of them that say something, and channels of sound."""
    words = WORD.findall(line)
    return words, *find_words(words)


def _flags(note: str) -> tuple[str, ...]:
    if note.isascii():
        return ()
    codes = ("".join(chr(ord(sign) - _FLAG_BASE + 65) for sign in flag) for flag in _FLAG.findall(note))
    return tuple(LANGUAGE_OF_FLAG[code] for code in codes if code in LANGUAGE_OF_FLAG)


def _file(release: Release) -> tuple[str, ...]:
    """The words of a file's name. That of a whole season, or of nothing in particular, names no file."""
    is_one = bool(release.container or release.episodes or not release.seasons)
    told = release.container or release.group or release.resolution or release.year
    return release.words if is_one and told and len(release.words) > 2 else ()


def _seeders(note: str) -> int | None:
    found = _SEEDERS.search(note) if not note.isascii() or "seed" in note else None
    return int(found[1]) if found else None


def _is_ready(name: str) -> bool | None:
    """As addons in front of a store mark what is there already."""
    if name.isascii() and "[" not in name and "ached" not in name and "instant" not in name:
        return None
    if _TO_FETCH.search(name):
        return False
    return True if _READY.search(name) else None


def _info_hash(stream: Stream) -> str:
    if stream.kind == "torrent":
        return stream.identity[1]
    url = stream.url or ""
    found = _HASH.search(url.lower()) if len(url) > _SHORT_URL else None
    return found[0] if found else ""


def _container(url: str | None) -> str | None:
    if not url or not url.startswith("http"):
        return None
    ending = url.partition("?")[0].rpartition(".")[2].lower()
    return ending if ending in CONTAINERS else None
