"""Seasons and episodes in the name of a release: one, several, a range, or a whole season."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from services.streaming.ranking.words import word_set

MOST_IN_RANGE: Final = 400
"""A longer one is a year, a resolution or a mistake."""

_CODE: Final = re.compile(
    r"s(?<![^\W_]s)(\d{1,4})(?:[ ._-]{0,3}x?(?:ep?|episode)[ .]?(\d{1,4})(?:v\d)?(?![\dp])"
    r"((?:[ ._]?[-~&+]?[ ._]?(?:ep?)?(?<![\d ._])\d{1,4}(?![\dpix])){0,40}))?"
)
_MORE: Final = re.compile(r"([-~])?[ ._]?(?:ep?|x)?(\d{1,4})")
_TIMES: Final = re.compile(
    r"(?<![^\W_])(\d{1,2})x(\d{1,3})(?!\d)((?:[ ._]?[-~x][ ._]?(?:\d{1,2}x)?\d{1,3}(?![\dp])){0,20})"
)
_SPAN: Final = re.compile(r"s(?<![^\W_]s)(\d{1,2})[ ._]?[-~][ ._]?s?(\d{1,2})(?![^\W_])")
_SEASON: Final = re.compile(
    r"(?<![^\W_])(?:seasons?|saisons?|temporadas?|staffel|stagion[ei]|series|сезон[ы]?)[ ._:(-]{0,2}"
    r"(\d{1,2})(?!\d)(?:[ ._]?([-~&]|to|a)[ ._]?(\d{1,2})(?![^\W_]))?"
    r"|(?<![^\W_])(\d{1,2})(?:st|nd|rd|th|[ªº°])?[ ._-]{1,3}"
    r"(?:season|saison|temporada|staffel|stagione|сезон)"
)
_EPISODE: Final = re.compile(
    r"(?<![^\W_])(?:episodes?|epis[oó]dios?|ep|e|cap(?:[ií]tulo)?|folge|серии|серия)[ ._:#-]{0,3}(\d{1,4})"
    r"(?:[ ._]?[-~][ ._]?(?:ep?)?(\d{1,4})(?![^\W_]))?(?:v\d)?(?![^\W_])"
)
_OF: Final = re.compile(r"(?<![^\W_])(\d{1,3})[ ._]?of[ ._]?\d{1,3}(?![^\W_])")
_ABSOLUTE: Final = re.compile(
    r"(?:[ _.][-~][ _.]#?|\]\[|_| #|(?<=[^\d.]) (?=\d{2,4}(?:v\d)? ?[\[(]))"
    r"(\d{2,4})(?:v\d|end)?(?=$|[ _]*[\[(~]|\]|\.(?!\d)| - | \d{3,4}p|_)"
)
_SEASON_WORDS: Final = word_set(
    "season seasons saison saisons temporada temporadas staffel stagione stagioni series сезон сезоны"
)
_EPISODE_WORDS: Final = word_set(
    "episode episodes episodio episódio ep e cap capitulo capítulo folge серии серия of"
)
_BEGINNINGS: Final = frozenset("0123456789").union(word[0] for word in _SEASON_WORDS | _EPISODE_WORDS)


class Episodes(NamedTuple):
    """`absolute`: a number that counts through all seasons, as anime does."""

    seasons: tuple[int, ...] = ()
    episodes: tuple[int, ...] = ()
    absolute: int | None = None


NONE: Final = Episodes()


def code_at(words: Sequence[str]) -> int | None:
    """The place of the first word that counts seasons or episodes, if any does."""
    for at, word in enumerate(words):
        first = word[0]
        if first not in _BEGINNINGS:
            continue
        if first in {"s", "e"}:
            if word[1:2].isdigit() or (word[:2] == "ep" and word[2:3].isdigit()):
                return at
            if word in _SEASON_WORDS or (word in _EPISODE_WORDS and _is_number(words, at + 1)):
                return at
        elif "0" <= first <= "9":
            if "x" in word and word.find("x") < 3 and word.replace("x", "").isdigit():
                return at
            if _SEASON_WORDS.intersection(words[at + 1 : at + 2]) or words[at + 1 : at + 2] == ["of"]:
                return at
        elif (word in _SEASON_WORDS or word in _EPISODE_WORDS) and _is_number(words, at + 1):
            return at
    return None


def _is_number(words: Sequence[str], at: int) -> bool:
    return at < len(words) and words[at][0].isdigit()


def read_episodes(text: str) -> Episodes:
    """Of a name in small letters in which `code_at` has found something."""
    span = _SPAN.search(text)
    if span is not None and int(span[1]) < int(span[2]) < int(span[1]) + 60:
        return Episodes(_range(int(span[1]), int(span[2])))
    found = _CODE.search(text) or _TIMES.search(text)
    if found is not None and found[2]:
        return _of_codes(found, text)
    worded = _SEASON.search(text) if found is None else None
    seasons = (int(found[1]),) if found is not None else _of_words(worded)
    alone = _EPISODE.search(text) or _OF.search(text)
    if alone is None:
        counted = _ABSOLUTE.search(text)
        if counted is not None and not _is_year(counted[1]):
            return Episodes(seasons, (int(counted[1]),))
    return Episodes(seasons, _of_episode(alone, seasons))


def read_absolute(text: str) -> Episodes:
    """Of a name in small letters without seasons or episodes."""
    counted = _ABSOLUTE.search(text)
    return NONE if counted is None or _is_year(counted[1]) else Episodes((), (), int(counted[1]))


def _of_codes(found: re.Match[str], text: str) -> Episodes:
    """Of the first code and those behind it that are written out again, as "s01e01.s01e02"."""
    seasons, episodes = [int(found[1])], list(_several(int(found[2]), found[3]))
    for other in found.re.finditer(text, found.end()):
        if other[2]:
            seasons.append(int(other[1]))
            episodes += _several(int(other[2]), other[3])
    return Episodes(tuple(sorted(set(seasons))), tuple(sorted(set(episodes))))


def _several(first: int, rest: str) -> tuple[int, ...]:
    episodes = [first]
    for more in _MORE.finditer(rest):
        number = int(more[2])
        episodes += _range(episodes[-1] + 1, number) if more[1] else (number,)
    return tuple(sorted(set(episodes)))


def _of_words(found: re.Match[str] | None) -> tuple[int, ...]:
    if found is None:
        return ()
    first = int(found[1] or found[4])
    if not found[3]:
        return (first,)
    return (first, int(found[3])) if found[2] == "&" else _range(first, int(found[3]))


def _of_episode(found: re.Match[str] | None, seasons: Sequence[int]) -> tuple[int, ...]:
    if found is None:
        return ()
    first, last = int(found[1]), found[2] if found.re is _EPISODE else None
    if last:
        return _range(first, int(last))
    # "Temporada 1 [Cap.102]" is the second of the first season.
    return (first % 100,) if first > 100 and seasons == (first // 100,) else (first,)


def _range(first: int, last: int) -> tuple[int, ...]:
    if not 0 <= last - first <= MOST_IN_RANGE:
        return (last,) if last < first else (first,)
    return tuple(range(first, last + 1))


def _is_year(text: str) -> bool:
    return len(text) == 4 and text[:2] in ("19", "20")
