"""How a profile wants its sources, made ready to be held against hundreds of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from libs.common.contracts.source_settings import SourceSettings
from libs.common.contracts.streaming import StreamFacts
from services.streaming.ranking.patterns import MAX_TEXT_CHARS, Expression
from services.streaming.ranking.understanding import Source

REMEMBERED: Final = 256
"""Profiles whose settings are kept ready."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked for in texts: any of these."""

    words: tuple[str, ...]
    expressions: tuple[Expression, ...]

    def __bool__(self) -> bool:
        return bool(self.words or self.expressions)

    @property
    def steps(self) -> int:
        return sum(each.steps for each in self.expressions)

    def found_in(self, text: str) -> str | None:
        """The first of them that is in a text of small letters, as it was written."""
        for word in self.words:
            if word in text:
                return word
        for each in self.expressions:
            if each.is_in(text):
                return each.written
        return None


@dataclass(frozen=True, slots=True)
class Wishes:
    """`steps`: what looking for all of it may cost of each letter."""

    settings: SourceSettings
    include: Looked
    exclude: Looked
    prefer: Looked
    steps: int
    looks_at_texts: bool


@lru_cache(REMEMBERED)
def wishes_of(settings: SourceSettings) -> Wishes:
    """Raises PatternRefused for an expression that could not have been saved."""
    include = _looked(settings.include, settings.include_patterns)
    exclude = _looked(settings.exclude, settings.exclude_patterns)
    prefer = _looked(settings.prefer, settings.prefer_patterns)
    steps = include.steps + exclude.steps + prefer.steps
    return Wishes(settings, include, exclude, prefer, steps, bool(include or exclude or prefer))


def text_of(source: Source) -> str:
    """What keywords and expressions are looked for in, in small letters."""
    file = " ".join(source.file)
    return f"{source.stream.name}\n{source.stream.description}\n{file}"[:MAX_TEXT_CHARS].lower()


def unwanted(source: Source, wishes: Wishes, *, is_episode: bool) -> str | None:
    """Why a source is left out by what is known of it."""
    settings, facts = wishes.settings, source.facts
    return (
        _beyond(facts.resolution, settings)
        or (f"you want nothing in {facts.codec}" if facts.codec in settings.no_codecs else None)
        or (
            f"you want nothing of the kind {facts.quality}"
            if facts.quality in settings.no_qualities
            else None
        )
        or ("you want nothing in HDR" if settings.hdr == "never" and facts.hdr else None)
        or _foreign(facts.languages, settings)
        or _too_large(source, settings, is_episode=is_episode)
    )


def unwanted_text(text: str, wishes: Wishes) -> str | None:
    """Why a source is left out by the words in it."""
    if wishes.exclude and (found := wishes.exclude.found_in(text)) is not None:
        return f"“{found}” is in it"
    if wishes.include and wishes.include.found_in(text) is None:
        return "nothing that you look for is in it"
    return None


def _beyond(lines: int | None, settings: SourceSettings) -> str | None:
    if lines is None:
        return None
    if settings.max_resolution is not None and lines > settings.max_resolution:
        return f"{lines}p is more than you want"
    if settings.min_resolution is not None and lines < settings.min_resolution:
        return f"{lines}p is less than you want"
    return None


def _foreign(languages: Sequence[str], settings: SourceSettings) -> str | None:
    if not settings.only_languages or not settings.languages or not languages or "multi" in languages:
        return None
    return None if set(languages) & set(settings.languages) else f"only in {', '.join(languages)}"


def _too_large(source: Source, settings: SourceSettings, *, is_episode: bool) -> str | None:
    most = settings.max_episode_bytes if is_episode else settings.max_film_bytes
    if most is None or source.size is None or source.size.low <= most or _is_pack(source.facts):
        return None
    return f"{source.size.size_bytes / 1024**3:.1f} GB is more than you want"


def _is_pack(facts: StreamFacts) -> bool:
    """A season's size says nothing about its episodes'."""
    return bool(facts.seasons) and not facts.episodes


def _looked(words: Sequence[str], expressions: Sequence[str]) -> Looked:
    return Looked(tuple(word.lower() for word in words), tuple(map(Expression, expressions)))
