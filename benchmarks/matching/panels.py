"""Films and series as panels list them, each with the title that it really is. Seeded.

Three panels with habits of their own are mixed in equal parts: one that knows years and ids of TMDB, an old
one that mostly knows neither, and a list of names alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Final

from benchmarks.titles import noise
from benchmarks.titles.truth import Half, Truth, truths
from services.catalog.identity.names import names_of

MISSING: Final = 0.08
"""Share of the titles that are in no list: nothing is right for them."""
CROWD: Final = {1: 6.0, 2: 2.0, 3: 0.6}
"""Namesakes that nobody knows, by how many words a name has: as many as the whole of IMDb has, about."""
CROWD_OF_LONGER: Final = 0.08

_LANGUAGES: Final = (
    "EN FR DE ES IT PT NL PL AR TR SE EX-YU MULTI VOSTFR LAT PT/BR ALB".split()  # noqa: SIM905  it reads better
)
_SERVICES: Final = ("NF", "AMZ", "D+", "A+", "HBO", "VIP", "4K", "UHD", "TOP", "MAX")
_BEFORE: Final = (
    "{mark} - {name}",
    "{mark}| {name}",
    "|{mark}| {name}",
    "[{mark}] {name}",
    "{mark}: {name}",
    "{mark} | {name}",
    "┃{mark}┃ {name}",
    "({mark}) {name}",
    "4K-{mark} - {name}",
    "{mark} ★ {name}",
)
_BEHIND: Final = (
    "[4K]",
    "(4K)",
    "FHD",
    "(CAM)",
    "ᴴᴰ",
    "[MULTI-SUB]",
    "(US)",
    "UHD HDR",
    "(DUBLADO)",
    "LEG",
    "[L]",
    "1080p",
    "HEVC",
    "(Dual Audio)",
)
_DATED: Final = ("{} ({})", "{} ({})", "{} ({})", "{} - {}", "{} {}", "{} [{}]")
_RELEASE: Final = (
    "1080p",
    "720p.BluRay.x264",
    "1080p.WEB-DL.DDP5.1.H.264-NTb",
    "MULTi.2160p.UHD.BluRay.x265-GRP",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Shares of its rows. `year_off` is a year early or late, `tmdb_wrong` of those that have an id."""

    name: str
    tmdb: float
    tmdb_wrong: float
    year_field: float
    year_in_name: float
    date: float
    before: float
    behind: float
    release: float
    other_title: float
    typo: float
    cut: float
    article: float
    numerals: float
    punctuation: float
    accents: float
    conjunction: float
    title_case: float
    year_off: float


PANELS: Final = (
    Panel(
        name="dated", tmdb=0.80, tmdb_wrong=0.015, year_field=0.50, year_in_name=0.85, date=0.60, before=0.70,
        behind=0.30, release=0.0, other_title=0.06, typo=0.01, cut=0.03, article=0.03, numerals=0.05,
        punctuation=0.15, accents=0.30, conjunction=0.10, title_case=0.0, year_off=0.05,
    ),
    Panel(
        name="bare", tmdb=0.0, tmdb_wrong=0.0, year_field=0.0, year_in_name=0.30, date=0.25, before=0.10,
        behind=0.15, release=0.03, other_title=0.05, typo=0.02, cut=0.04, article=0.05, numerals=0.10,
        punctuation=0.25, accents=0.50, conjunction=0.15, title_case=0.30, year_off=0.05,
    ),
    Panel(
        name="names", tmdb=0.0, tmdb_wrong=0.0, year_field=0.0, year_in_name=0.70, date=0.0, before=0.60,
        behind=0.40, release=0.15, other_title=0.08, typo=0.02, cut=0.05, article=0.05, numerals=0.08,
        punctuation=0.25, accents=0.40, conjunction=0.15, title_case=0.15, year_off=0.06,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """`year` is what the panel says beside the name. `truth` is None for a title that is in no list."""

    panel: str
    kind: str
    name: str
    year: int | None
    tmdb: int | None
    truth: int | None
    says_year: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """`titles` are those that can be found, `votes` of all by their numbers."""

    titles: list[Truth]
    votes: dict[int, int]
    rows: list[Listed]


def made(half: Half, *, rows: int, seed: int, crowded: bool = True) -> Made:
    world = _world(half)
    rng = Random(seed)
    votes = {title.number: int(rng.lognormvariate(5.5, 2.4)) + 5 for title in world}
    # Panels have what people want to see.
    weights = list(accumulate(votes[title.number] ** 0.6 for title in world))
    gone = {title.number for title in world if rng.random() < MISSING}
    listed = list[Listed]()
    for title in rng.choices(world, cum_weights=weights, k=rows):
        wrong = rng.choice(world).number
        listed.append(_listed(title, rng.choice(PANELS), wrong, title.number not in gone, rng))
    crowd = _crowd(world, rng) if crowded else []
    votes |= {title.number: int(rng.lognormvariate(3, 1.3)) + 5 for title in crowd}
    return Made(
        titles=[title for title in (*world, *crowd) if title.number not in gone], votes=votes, rows=listed
    )


@lru_cache
def _world(half: Half) -> tuple[Truth, ...]:
    """Both lists as one, without what the second has too."""
    films, listed = truths(half, seed=1)
    years: dict[tuple[str, str], list[int]] = {}
    for title in listed:
        for key in _keys(title):
            years.setdefault((title.kind, key), []).append(title.year)
    own = [
        title
        for title in films
        if not any(
            abs(title.year - year) <= 1 for key in _keys(title) for year in years.get((title.kind, key), ())
        )
    ]
    return tuple(replace(title, number=at) for at, title in enumerate([*listed, *own], start=1))


def _keys(title: Truth) -> set[str]:
    return {name.key for text in (title.name, *title.others) for name in names_of(text, year=title.year)}


def _crowd(world: Sequence[Truth], rng: Random) -> list[Truth]:
    crowd = list[Truth]()
    for title in world:
        mean = CROWD.get(len(title.name.split()), CROWD_OF_LONGER)
        count = int(rng.expovariate(1 / mean)) if mean >= 1 else int(rng.random() < mean)
        for _ in range(count):
            year = min(2026, int(2026 - rng.expovariate(1 / 22)))
            crowd.append(replace(title, number=len(world) + len(crowd) + 1, year=year, others=()))
    return crowd


def _listed(title: Truth, panel: Panel, wrong: int, is_listed: bool, rng: Random) -> Listed:
    year = title.year + (rng.choice((-1, 1)) if rng.random() < panel.year_off else 0)
    name, is_dated = _written(_noisy(title, panel, rng), year, panel, rng)
    beside = year if rng.random() < panel.year_field or rng.random() < panel.date else None
    tmdb = None
    if rng.random() < panel.tmdb:
        tmdb = wrong if rng.random() < panel.tmdb_wrong else title.number
    return Listed(
        panel=panel.name,
        kind=title.kind,
        name=name,
        year=beside,
        tmdb=tmdb,
        truth=title.number if is_listed else None,
        says_year=is_dated or beside is not None,
    )


def _noisy(title: Truth, panel: Panel, rng: Random) -> str:
    def happens(share: float) -> bool:
        return rng.random() < share

    name = title.name
    if title.others and happens(panel.other_title):
        name = rng.choice(title.others)
    if happens(panel.numerals):
        name = noise.numerals_changed(name, rng)
    if happens(panel.article):
        name = noise.article_moved(name) if happens(0.5) else noise.article_dropped(name)
    if happens(panel.conjunction):
        name = noise.and_changed(name)
    if happens(panel.punctuation):
        name = noise.punctuation_changed(name, rng)
    if happens(panel.cut):
        name = noise.subtitle_dropped(name)
    if happens(panel.accents):
        name = noise.accents_lost(name)
    if happens(panel.typo):
        name = noise.mistyped(name, rng)
    return " ".join(word.capitalize() for word in name.split(" ")) if happens(panel.title_case) else name


def _written(name: str, year: int, panel: Panel, rng: Random) -> tuple[str, bool]:
    """With what the panel puts around it, and whether the year is in it."""
    is_dated = rng.random() < panel.year_in_name
    if rng.random() < panel.release:
        words = ".".join(re.findall(r"[\w'&]+", name))
        return f"{words}{f'.{year}' if is_dated else ''}.{rng.choice(_RELEASE)}", is_dated
    if is_dated:
        name = rng.choice(_DATED).format(name, year)
    if rng.random() < panel.behind:
        name = f"{name} {rng.choice(_BEHIND)}"
    if rng.random() < panel.before:
        mark = rng.choice(_LANGUAGES if rng.random() < 0.7 else _SERVICES)
        name = rng.choice(_BEFORE).format(mark=mark, name=name)
    return name, is_dated
