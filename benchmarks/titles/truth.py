"""What is true: films and series as the world knows them, made from lists of real ones."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Literal

import msgspec

FOLDER = "BENCH_TITLES"
"""Names a folder with the two lists in full. Without it, the extracts beside this file are read."""

EXTRACTS = Path(__file__).with_name("data")

Half = Literal["tuning", "held out"]

REMAKES = 0.03
SEQUELS = 0.04
THIRD_PARTS = 0.3
SERIES = 0.02
MIXED_UP_YEARS = 60


class Film(msgspec.Struct, frozen=True):
    """A row of either list: `films` has cast and genres, `imdb_titles` ids and other titles."""

    title: str
    year: int | None = None
    imdb: str = ""
    titles: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One title. `number` labels it and serves as its TMDB number."""

    number: int
    kind: str
    name: str
    others: tuple[str, ...]
    year: int
    imdb: str
    genres: tuple[str, ...]
    people: tuple[str, ...]
    runtime_min: int


def truths(half: Half, *, seed: int) -> list[list[Truth]]:
    """The titles of one half of each list; the lists overlap without a common key, so they stay two.

    All films of a name are in one half with their remakes, sequels and series.
    """
    return [_made(_half(films, half), Random(seed + number)) for number, films in enumerate(_lists())]


def _lists() -> Iterator[list[Film]]:
    folder = Path(os.environ.get(FOLDER, EXTRACTS))
    for name in ("films", "imdb_titles"):
        lines = gzip.decompress((folder / f"{name}.ndjson.gz").read_bytes()).splitlines()
        yield _without_repeats(msgspec.json.decode(line, type=Film) for line in lines)


def _without_repeats(films: Iterable[Film]) -> list[Film]:
    """The list of films names some twice, a year apart: the same name and somebody in common."""
    known: defaultdict[str, list[Film]] = defaultdict(list)
    kept = []
    for film in films:
        if film.year is None or not film.title:
            continue
        namesakes = known[film.title.casefold()]
        if not any(_repeats(film, other) for other in namesakes):
            namesakes.append(film)
            kept.append(film)
    return kept


def _repeats(film: Film, other: Film) -> bool:
    near = abs((film.year or 0) - (other.year or 0)) <= 1
    return near and not film.imdb and (bool(set(film.cast) & set(other.cast)) or film.cast == other.cast)


def _half(films: Iterable[Film], half: Half) -> list[Film]:
    wanted = 0 if half == "tuning" else 1
    return [film for film in films if _coin(film.title) == wanted]


def _coin(title: str) -> int:
    bare = re.sub(r"\W+", "", title.casefold().removeprefix("the ").removeprefix("a "))
    return hashlib.blake2b(bare.encode(), digest_size=1).digest()[0] & 1


def _made(films: Sequence[Film], rng: Random) -> list[Truth]:
    numbers = iter(rng.sample(range(1, 10 * len(films) + 100), 2 * len(films) + 100))
    made = []
    for film in films:
        first = _first(film, next(numbers), rng)
        made.append(first)
        made += _family(first, films, numbers, rng)
    return made


def _first(film: Film, number: int, rng: Random) -> Truth:
    return Truth(
        number=number,
        kind="movie",
        name=film.title,
        others=tuple(title for title in film.titles if title != film.title),
        year=film.year or 0,
        imdb=film.imdb or _imdb(number),
        genres=film.genres,
        people=film.cast,
        runtime_min=rng.randint(60, 150),
    )


def _family(first: Truth, films: Sequence[Film], numbers: Iterator[int], rng: Random) -> Iterator[Truth]:
    """Titles that are easily taken for the first: a remake, sequels, a series of the same name."""

    def other(**changed: object) -> Truth:
        number = next(numbers)
        base = replace(first, number=number, imdb=_imdb(number), others=(), runtime_min=rng.randint(60, 150))
        return replace(base, **changed)  # type: ignore[arg-type]  # members of Truth, named below

    if rng.random() < REMAKES:
        stranger = rng.choice(films)
        later = first.year + rng.randint(2, MIXED_UP_YEARS)
        yield other(year=later, people=stranger.cast, genres=stranger.genres)
    if rng.random() < SEQUELS:
        form = rng.choice(("{} {}", "{} {}", "{}: Part {}", "{} Part {}"))
        roman = rng.random() < 0.5
        year = first.year + rng.randint(1, 5)
        yield other(name=form.format(first.name, "II" if roman else "2"), year=year)
        if rng.random() < THIRD_PARTS:
            yield other(name=form.format(first.name, "III" if roman else "3"), year=year + rng.randint(1, 4))
    if rng.random() < SERIES:
        yield other(kind="series", year=first.year + rng.randint(-3, 3))


def _imdb(number: int) -> str:
    """Beyond the ids of the real list."""
    return f"tt{90_000_000 + number}"
