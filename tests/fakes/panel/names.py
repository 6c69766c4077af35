"""Titles, and what panels make of them: language prefixes, years, qualities, dots for spaces, shouting."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from tests.fakes.panel import words
from tests.fakes.panel.draws import Draws

QUALITIES = ("4K", "FHD", "HD", "SD", "1080p", "720p", "UHD", "HEVC", "CAM", "HDR", "MULTI", "VOSTFR")
RELEASES = ("1080p", "720p", "2160p.WEB-DL", "1080p.BluRay.x264", "BDRip", "HDTV.x264", "WEBRip.x265")
SEQUELS = ("", "", "", " 2", " 3", " II", " III", ": Part Two", " IV")
ENGLISH = (
    "The {adjective} {noun}{sequel}",
    "The {adjective} {noun}{sequel}",
    "{noun} of the {adjective} {other}",
    "{name} and the {adjective} {noun}",
    "{adjective} {noun}: A {place} Story",
    "{name} {surname}{sequel}",
    "{noun} in {place}",
    "{adjective} {noun}",
)
AS_FILE = "{title}.{year}"
ARTICLE_LAST = "{title} ({year})"
FILM_NAMES = (
    *("{title}",) * 26,
    *("{titled}",) * 8,
    *("{language}| {title} ({year}) [{quality}]",) * 16,
    *("|{language}| {title}",) * 8,
    *("{language} - {title} ({year})",) * 12,
    *(ARTICLE_LAST,) * 8,
    *(AS_FILE,) * 8,
    *("{plain} ({quality})",) * 4,
    *("{quality}-{language} - {shouted} {year}",) * 4,
    *("{joined}_({year})",) * 3,
    *(" {escaped}  ({year}) ",) * 3,
)
SERIES_NAMES = (
    *("{title}",) * 11,
    *("{language} - {title}",) * 3,
    *("{title} ({year})",) * 3,
    *("{language}| {title} [{quality}]",) * 3,
)


@dataclass(frozen=True, slots=True)
class Work:
    """What a row is really of. Several rows may be of the same work."""

    title: str
    year: int
    tmdb_id: int
    language: str


def work(kind: Literal["vod", "series"], number: int, seed: int) -> Work:
    draws = Draws(seed, number)
    title, language = _title(draws)
    year = 2026 - min(draws.below(75), draws.below(75))
    # Numbers of works are close together, TMDB's ids are not; one work, one id.
    tmdb_id = (number + 1) * (7 if kind == "vod" else 3) + number % 3
    return Work(title, year, tmdb_id, language)


def _title(draws: Draws) -> tuple[str, str]:
    way = draws.below(100)
    if way < 2:
        return draws.pick((*words.SHORT, *words.DIGITS, *words.ODD)), "en"
    form, language = draws.pick(words.FOREIGN) if way < 14 else (draws.pick(ENGLISH), "en")
    noun = draws.pick(words.NOUNS)
    title = form.format(
        noun=noun if language == "en" else noun.lower(),
        other=draws.pick(words.NOUNS),
        adjective=draws.pick(words.ADJECTIVES),
        name=draws.pick(words.NAMES),
        surname=draws.pick(words.SURNAMES),
        place=draws.pick(words.PLACES),
        sequel=draws.pick(SEQUELS),
    )
    return title, language


def film_name(of: Work, draws: Draws) -> str:
    """As a panel would list it, in one of the manners that panels mix."""
    form = draws.pick(FILM_NAMES)
    title = of.title
    if form is AS_FILE:
        form, title = "{title}.{year}.{release}", _ascii(title).replace(": ", ".").replace(" ", ".")
    elif form is ARTICLE_LAST and title.startswith("The "):
        title = title.removeprefix("The ") + ", The"
    return form.format(
        title=title,
        titled=title.title(),  # "Rocky Ii"
        shouted=title.upper(),
        joined=title.replace(" ", "_"),
        plain=_ascii(title),
        escaped=title.replace("&", "&amp;"),
        year=of.year,
        language=draws.pick(words.LANGUAGES),
        quality=draws.pick(QUALITIES),
        release=draws.pick(RELEASES),
    )


def _ascii(text: str) -> str:
    """Without its accents, as whoever names files writes it."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def series_name(of: Work, draws: Draws) -> str:
    form, language, quality = draws.pick(SERIES_NAMES), draws.pick(words.LANGUAGES), draws.pick(QUALITIES)
    return form.format(title=of.title, year=of.year, language=language, quality=quality)


def channel_name(draws: Draws) -> str:
    """Some are empty, some digits only."""
    way = draws.below(200)
    if way == 0:
        return ""
    if way == 1:
        return str(draws.below(300))
    country = draws.pick(words.COUNTRIES)
    name = f"{draws.pick(words.NETWORKS)} {draws.pick(words.THEMES)}".strip()
    quality = draws.pick(("", "", " HD", " FHD", " SD", " HD (720p)", " FHD (1080p)", " 4K", " backup"))
    if way < 20:
        return f"{country} | {name.upper()}{quality}"
    return f"{draws.pick(('', '', '', 'VIP '))}{country}: {name}{quality}"


def people(draws: Draws, count: int) -> str:
    return ", ".join(f"{draws.pick(words.NAMES)} {draws.pick(words.SURNAMES)}" for _ in range(count))


def plot(of: Work, draws: Draws) -> str:
    return (
        f"In {draws.pick(words.PLACES)}, a {draws.pick(words.NOUNS).lower()} and a "
        f"{draws.pick(words.ADJECTIVES).lower()} {draws.pick(words.NOUNS).lower()} are all that "
        f"{draws.pick(words.NAMES)} has left of {of.year}. What begins as a "
        f"{draws.pick(words.NOUNS).lower()} ends far from {draws.pick(words.PLACES)}."
    )
