"""Reading the name of a release or a file: what it says of picture, sound, languages, season and episode.

Only words behind something that no title holds are believed: "The.French.Dispatch" is not in French.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from services.streaming.ranking.episodes import code_at, read_absolute, read_episodes
from services.streaming.ranking.words import (
    AUDIO_ORDER,
    BEGIN_PAIRS,
    CONTAINERS,
    HDR_ORDER,
    PAIRS,
    WORDS,
    Says,
    Word,
    word_set,
)

REMEMBERED: Final = 4_096
"""Names: several addons offer the same file."""
MAX_NAME_CHARS: Final = 400
"""Of a name so many count; file systems take no more than 255 bytes."""

WORD: Final = re.compile(r"[^\W_]+\+?")
_SIZES: Final = re.compile(r"(\d{3,4})\s?[x×]\s?(\d{3,4})")
_SITE: Final = re.compile(r"^[\[{(]?\s?www\.[^\s\])}]+\s?[\])}]?[\s_-]*", re.IGNORECASE)
_TRAIL: Final = re.compile(r"(?:\s*\[[^\[\]]{0,30}\]|\s*\([^()]{0,30}\))+$")
_GROUP: Final = re.compile(r"[^\W_][\w@&!$.' ]{0,28}")
_FRONT: Final = re.compile(r"\[([^\[\]]{2,30})\]")
_SUBTITLES: Final = word_set("sub subs subbed subtitle subtitles esub esubs subtitulado")
_CHANNELS: Final = word_set("71 51 20 61 21 10 50")
_CHANNEL_ENDS: Final = frozenset("01")
_TELLING: Final = BEGIN_PAIRS.union(WORDS)
_YEARS: Final = frozenset(map(str, range(1900, 2040)))
_RULING: Final = ("cam", "telesync", "telecine", "screener", "remux")
_PARTS: Final = word_set("dl ray rip hd ma x es sub subs")
_LINES: Final = (4320, 2160, 1440, 1080, 720, 576, 480, 360, 240)


class Release(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a name says. `words` is all of it, in small letters; `title_words` those that are the title's."""

    words: tuple[str, ...] = ()
    title_words: tuple[str, ...] = ()
    year: int | None = None
    resolution: int | None = None
    quality: str | None = None
    codec: str | None = None
    hdr: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()
    channels: str | None = None
    languages: tuple[str, ...] = ()
    edition: str | None = None
    group: str | None = None
    container: str | None = None
    seasons: tuple[int, ...] = ()
    episodes: tuple[int, ...] = ()
    absolute: int | None = None
    """An episode's number without a season, as anime is counted."""


class Told:
    """What words say, put together."""

    def __init__(self, words: Sequence[str], said: Sequence[tuple[int, Word]]) -> None:
        self._words = words
        self._said = said
        self._by: dict[str, list[Word]] = {}
        for _, word in said:
            self._by.setdefault(word.says, []).append(word)

    def first(self, says: str) -> str | None:
        """The first that is sure, else the first."""
        found = self._by.get(says)
        if found is None:
            return None
        for word in found:
            if word.sure:
                return word.value
        return found[0].value

    def all_of(self, says: str, order: Sequence[str]) -> tuple[str, ...]:
        found = self._by.get(says)
        if found is None:
            return ()
        if len(found) == 1:
            return (found[0].value,)
        values = {word.value for word in found}
        return tuple(value for value in order if value in values)

    def resolution(self) -> int | None:
        said = self.first(Says.RESOLUTION)
        return None if said is None else int(said)

    def quality(self) -> str | None:
        """A copy from a cinema stays one whatever else it calls itself; a remux is one of a disc."""
        found = self._by.get(Says.QUALITY)
        if found is None or len(found) == 1:
            return None if found is None else found[0].value
        sure = {word.value for word in found if word.sure}
        return next((value for value in _RULING if value in sure), None) or self.first(Says.QUALITY)

    def hdr(self) -> tuple[str, ...]:
        found = self.all_of(Says.HDR, HDR_ORDER)
        return found if len(found) < 2 else tuple(value for value in found if value != "hdr")

    def languages(self) -> tuple[str, ...]:
        """Of the sound: what stands beside "subs" is of subtitles."""
        found: dict[str, None] = {}
        for at, word in self._said if Says.LANGUAGE in self._by else ():
            if word.says is Says.LANGUAGE and not self._is_of_subtitles(at):
                found[word.value] = None
        return tuple(found)

    def _is_of_subtitles(self, at: int) -> bool:
        """ "ENG SUB" is, and "SUB ITA"; in "ENG SUB ITA" only the first."""
        words = self._words
        if at + 1 < len(words) and words[at + 1] in _SUBTITLES:
            return True
        if at == 0 or at > len(words) or words[at - 1] not in _SUBTITLES:
            return False
        before = WORDS.get(words[at - 2]) if at > 1 else None
        return before is None or before.says is not Says.LANGUAGE

    def edition(self) -> str | None:
        found = self._by.get(Says.EDITION)
        return None if found is None else ", ".join(dict.fromkeys(word.value for word in found))


def _by_size(text: str) -> int | None:
    """Lines of "1920x800": a film is cut at the top and the bottom, a series from before at the sides."""
    sized = _SIZES.search(text)
    if sized is None:
        return None
    lines = max(int(sized[1]) * 9 // 16, int(sized[2]))
    return next((usual for usual in _LINES if lines >= usual * 0.9), _LINES[-1])


def _front(stem: str, words: Sequence[str]) -> int:
    """How many words stand in brackets before the title."""
    if stem[:1] != "[":
        return 0
    front = _FRONT.match(stem)
    inside = 0 if front is None else len(WORD.findall(front[1]))
    return inside if inside < len(words) else 0


def _group(stem: str) -> str | None:
    """Behind the last dash; before the title, in brackets, where anime has it."""
    last = stem[-1:]
    if last == "]" and (start := stem.rfind("-[")) > 0:
        return stem[start + 2 : -1]
    bare = _TRAIL.sub("", stem) or stem if last in {"]", ")"} else stem
    _, dash, behind = bare.rpartition("-")
    behind = behind.strip()
    if dash and _GROUP.fullmatch(behind) and not _is_technical(behind):
        return behind
    front = _FRONT.match(stem)
    if front is not None and not _is_technical(front[1]) and "." not in front[1]:
        return front[1]
    return None


def _is_technical(text: str) -> bool:
    words = WORD.findall(text.lower())
    return len(words) > 3 or all(word in WORDS or word.isdigit() or word in _PARTS for word in words)


EMPTY: Final = Release()


@lru_cache(REMEMBERED)
def read_name(written: str) -> Release:
    """Of the name of a release or a file. What it doesn't say is absent."""
    stem, container = split_container(_without_site(written[:MAX_NAME_CHARS]))
    text = stem.lower().replace("'", "").replace("’", "")
    words = WORD.findall(text)
    said, channels = find_words(words)
    code = code_at(words)
    numbered = read_absolute(text) if code is None else read_episodes(text)
    title_end, technical, year = _places(words, said, len(words) if code is None else code)
    believed = [
        (at, word) for at, word in said if word.sure or _is_believed(at, words, said, title_end, technical)
    ]
    told = Told(words, believed)
    return Release(
        words=tuple(words),
        title_words=tuple(words[_front(stem, words) : title_end]),
        year=year,
        resolution=told.resolution() or _by_size(text),
        quality=told.quality(),
        codec=told.first(Says.CODEC),
        hdr=told.hdr(),
        audio=told.all_of(Says.AUDIO, AUDIO_ORDER),
        channels=channels,
        languages=told.languages(),
        edition=told.edition(),
        group=_group(stem),
        container=container or told.first(Says.CONTAINER),
        seasons=numbered.seasons,
        episodes=numbered.episodes,
        absolute=numbered.absolute,
    )


def _without_site(name: str) -> str:
    return _SITE.sub("", name, count=1) if name[:8].lower().find("www") >= 0 else name


def split_container(name: str) -> tuple[str, str | None]:
    stem, dot, end = name.rpartition(".")
    ending = end.lower()
    return (stem, ending) if dot and ending in CONTAINERS else (name, None)


def find_words(words: Sequence[str]) -> tuple[list[tuple[int, Word]], str | None]:
    """Those that say something, by their place, and the channels of sound."""
    said: list[tuple[int, Word]] = []
    channels: str | None = None
    last, taken = len(words) - 1, -1
    # Most words are of titles, and there are thousands in an answer: digits stand before letters.
    telling = [at for at, word in enumerate(words) if word in _TELLING or word[-1] <= "9"]
    for at in telling:
        if at <= taken:
            continue
        word = words[at]
        if at < last and word in BEGIN_PAIRS:
            pair = PAIRS.get(f"{word} {words[at + 1]}")
            if pair is not None:
                said.append((at, pair))
                taken = at + 1
                continue
        known = WORDS.get(word)
        if known is not None:
            said.append((at, known))
        elif "0" <= word[-1] <= "9":
            base, count = _with_channels(word, words[at + 1] if at < last else "")
            known = WORDS.get(base) if base else None
            if known is not None:
                said.append((at, known))
            if count and channels is None and (known is not None or said or base):
                channels = count
    return said, channels


def _with_channels(word: str, following: str) -> tuple[str, str | None]:
    """A word such as "ddp5" before "1", or "aac20", apart: what it says, and how many channels."""
    if following in _CHANNEL_ENDS and word[-1] + following in _CHANNELS:
        return word[:-1], f"{word[-1]}.{following}"
    if word[-2:] in _CHANNELS and word[:-2] in WORDS:
        return word[:-2], f"{word[-2]}.{word[-1]}"
    return "", None


def _places(words: Sequence[str], said: Sequence[tuple[int, Word]], code: int) -> tuple[int, int, int | None]:
    """Where the title ends, where technical words begin, and the year between them."""
    technical = next((at for at, word in said if word.sure), len(words))
    before = min(technical, code)
    for at in range(min(before, len(words) - 1), 0, -1):
        if words[at] in _YEARS:
            return min(at, before), technical, int(words[at])
    while before == technical and before > 1 and words[before - 1] in WORDS:
        before -= 1
    return before, technical, None


def _is_believed(
    at: int, words: Sequence[str], said: Sequence[tuple[int, Word]], title_end: int, technical: int
) -> bool:
    """Of a word that a title may have: behind technical ones, or beside one that is known."""
    if at > technical:
        return True
    if at < title_end or title_end == len(words):
        return False
    known = {place for place, _ in said}
    return at - 1 in known or at + 1 in known or at - 1 <= title_end
