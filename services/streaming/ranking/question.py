"""Which video is asked for, and how a release says that it is another one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz.fuzz import token_set_ratio

from libs.protocols.stremio.ids import split_video_id
from services.streaming.ranking.names import Release

UNLIKE: Final = 50
"""Of 100: names of one title in one language share most of their words."""
YEARS_APART: Final = 1
"""A film is of the year of a festival here, of its release there."""
MOST_MISNAMED: Final = 0.5
"""Where more of the sources have other names, it is ours that is in another language."""
REMEMBERED: Final = 1_024
_LONG_SERIES: Final = 100
_WORDS: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Question:
    """`season` and `episode` are None where the id doesn't tell. `names` are the title's, in small letters,
    empty while nobody knows them."""

    type: str
    season: int | None = None
    episode: int | None = None
    names: tuple[str, ...] = ()
    year: int | None = None

    @property
    def is_episode(self) -> bool:
        return self.episode is not None


def ask(type_: str, video_id: str, names: tuple[str, ...] = (), year: int | None = None) -> Question:
    told = tuple(" ".join(_WORDS.findall(name.lower().replace("'", ""))) for name in names)
    plain = tuple(name for name in dict.fromkeys(told) if name)
    video = split_video_id(video_id)
    return Question(type_, video.season, video.episode, plain, year)


def wrong_part(release: Release, question: Question) -> str | None:
    """Why a release is another episode or season than is asked for; nothing where it doesn't say."""
    if question.type == "movie":
        is_episode = release.seasons and release.episodes
        return f"an episode of a series: {_part(release)}" if is_episode else None
    if question.episode is None or question.season == 0 or _counts_through(release, question):
        return None
    is_other = (
        question.season is not None and release.seasons and question.season not in release.seasons
    ) or (release.episodes and question.episode not in release.episodes)
    if is_other:
        return f"another part: {_part(release)}"
    if release.absolute is None or release.absolute == question.episode:
        return None
    may_go_on = question.season != 1 and release.absolute > question.episode
    return None if may_go_on else f"another part: number {release.absolute}"


def wrong_year(release: Release, question: Question) -> str | None:
    """Films alone: a series is named by any year. A film of that name may be another of another year."""
    if question.type != "movie" or question.year is None or release.year is None or release.seasons:
        return None
    years = [int(word) for word in (*release.title_words[1:], str(release.year)) if _is_year(word)]
    if any(abs(year - question.year) <= YEARS_APART for year in years):
        return None
    return f"a film of {release.year}, this one is of {question.year}"


def misnamed(release: Release, question: Question) -> str | None:
    """Why a release is another title by its name. Nothing where it may be the name in another language."""
    if not question.names or not release.title_words or release.languages:
        return None
    if release.year is not None and question.year is not None:
        return None
    if not (release.group or release.quality or release.seasons):
        return None
    return _unlike(release.title_words, question.names)


@lru_cache(REMEMBERED)
def _unlike(words: Sequence[str], names: Sequence[str]) -> str | None:
    """Most sources of a video have the same words."""
    title = " ".join(words)
    if not title.isascii() or not all(name.isascii() for name in names):
        return None
    is_like = any(token_set_ratio(title, name) >= UNLIKE for name in names)
    return None if is_like else f"called “{title}”"


def _counts_through(release: Release, question: Question) -> bool:
    """Whether numbers may go on through all seasons, as fans of anime count."""
    if not release.episodes or question.episode is None or question.season == 1:
        return False
    last = max(release.episodes)
    if release.seasons not in ((), (1,)) or last <= question.episode:
        return False
    return not release.seasons or "ja" in release.languages or last >= _LONG_SERIES


def _part(release: Release) -> str:
    told = [f"season {_span(release.seasons)}"] if release.seasons else []
    return ", ".join(told + ([f"episode {_span(release.episodes)}"] if release.episodes else []))


def _span(numbers: tuple[int, ...]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isdigit() and word[:2] in ("18", "19", "20")
