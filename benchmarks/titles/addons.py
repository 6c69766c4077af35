"""Made-up addons: what each lists of the titles there are, with which ids, and how it writes them.

The rates are guesses at what such addons do, made before the matcher was written and not touched for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

import msgspec

from benchmarks.titles import noise
from benchmarks.titles.truth import Truth

WRONG_ID = 0.001
"""Of the ids an addon writes beside its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Every number is the share of titles that it happens to."""

    name: str
    own_id: Literal["imdb", "tmdb", "private"]
    lists: float
    imdb_beside: float = 0.0
    tmdb_beside: float = 0.0
    other_name: float = 0.0
    year_off: float = 0.0
    year_missing: float = 0.0
    year_in_name: float = 0.0
    shouting: float = 0.0
    article_moved: float = 0.0
    article_dropped: float = 0.0
    accents_lost: float = 0.0
    numerals_changed: float = 0.0
    and_changed: float = 0.0
    punctuation_changed: float = 0.0
    subtitle_dropped: float = 0.0
    tagged: float = 0.0
    mistyped: float = 0.0
    genres: float = 0.0
    people: float = 0.0
    runtime: float = 0.0


ADDONS = (
    Habits(
        name="encyclopedia",
        own_id="imdb",
        lists=0.85,
        tmdb_beside=0.5,
        year_off=0.01,
        genres=0.95,
        people=0.9,
        runtime=0.9,
    ),
    Habits(
        name="community",
        own_id="tmdb",
        lists=0.7,
        imdb_beside=0.5,
        other_name=0.15,
        year_off=0.08,
        year_missing=0.01,
        punctuation_changed=0.05,
        numerals_changed=0.1,
        genres=0.9,
        people=0.3,
        runtime=0.5,
    ),
    Habits(
        name="provider",
        own_id="private",
        lists=0.6,
        imdb_beside=0.1,
        tmdb_beside=0.35,
        other_name=0.08,
        year_off=0.05,
        year_missing=0.08,
        year_in_name=0.4,
        shouting=0.08,
        article_dropped=0.03,
        accents_lost=0.5,
        numerals_changed=0.3,
        and_changed=0.3,
        punctuation_changed=0.3,
        subtitle_dropped=0.05,
        tagged=0.25,
        mistyped=0.03,
        genres=0.5,
        runtime=0.3,
    ),
    Habits(
        name="archive",
        own_id="private",
        lists=0.3,
        imdb_beside=0.4,
        other_name=0.3,
        year_off=0.08,
        year_missing=0.05,
        year_in_name=0.1,
        shouting=0.05,
        article_moved=0.1,
        article_dropped=0.05,
        accents_lost=0.2,
        numerals_changed=0.1,
        and_changed=0.1,
        punctuation_changed=0.2,
        mistyped=0.02,
        genres=0.4,
        people=0.4,
        runtime=0.4,
    ),
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A title as an addon lists it. `ids` are those of public systems that stand in it."""

    truth: int
    kind: str
    addon: str
    raw: bytes
    ids: frozenset[tuple[str, str]]


def listed(truths: Sequence[Truth], *, seed: int) -> list[Sighting]:
    """Everything the addons list, in no order."""
    rng = Random(seed)
    seen = [
        _sighting(truth, habits, truths, rng)
        for habits in ADDONS
        for truth in truths
        if rng.random() < habits.lists
    ]
    rng.shuffle(seen)
    return seen


def _sighting(truth: Truth, habits: Habits, truths: Sequence[Truth], rng: Random) -> Sighting:
    ids = dict(_ids(truth, habits, truths, rng))
    year = _year(truth, habits, rng)
    name = _name(truth, habits, rng)
    if rng.random() < habits.year_in_name and year is not None:
        name = f"{name} {rng.choice(('({})', '({})', '[{}]', '{}')).format(year)}"
        if rng.random() < 0.5:
            year = None  # who writes it into the name often leaves the field empty
    meta: dict[str, object] = {"type": truth.kind, "name": name}
    match habits.own_id:
        case "imdb":
            meta["id"] = ids["imdb"]
        case "tmdb":
            meta["id"] = f"tmdb:{ids['tmdb']}"
        case _:
            meta["id"] = f"{habits.name}:{truth.number}"
    meta |= _beside(ids, habits, rng)
    if year is not None:
        meta["releaseInfo"] = rng.choice((str(year), year)) if truth.kind == "movie" else f"{year}–"
    if truth.genres and rng.random() < habits.genres:
        meta["genres"] = rng.sample(truth.genres, rng.randint(1, len(truth.genres)))
    if truth.people and rng.random() < habits.people:
        meta["cast"] = truth.people[: rng.randint(1, 4)]
    if rng.random() < habits.runtime:
        meta["runtime"] = f"{truth.runtime_min + rng.randint(-3, 3)} min"
    labels = frozenset((system, f"{truth.kind}:{value}") for system, value in ids.items())
    return Sighting(truth.number, truth.kind, habits.name, msgspec.json.encode(meta), labels)


def _ids(truth: Truth, habits: Habits, truths: Sequence[Truth], rng: Random) -> Iterator[tuple[str, str]]:
    for system, beside in (("imdb", habits.imdb_beside), ("tmdb", habits.tmdb_beside)):
        meant = truth
        if system != habits.own_id:
            if rng.random() >= beside:
                continue
            if rng.random() < WRONG_ID:
                meant = rng.choice(truths)
        yield system, meant.imdb if system == "imdb" else str(meant.number)


def _beside(ids: dict[str, str], habits: Habits, rng: Random) -> dict[str, object]:
    """Ids other than its own, in one of the places where addons put them."""
    found: dict[str, object] = {}
    if "imdb" in ids and habits.own_id != "imdb":
        imdb = ids["imdb"]
        match rng.randrange(3):
            case 0:
                found["imdb_id"] = imdb
            case 1:
                url = f"https://imdb.com/title/{imdb}"
                found["links"] = [
                    {"name": "7.1", "category": "imdb", "url": url},
                    {"name": "Drama", "category": "Genres", "url": "stremio:///discover/x"},
                ]
            case _:
                found["behaviorHints"] = {"defaultVideoId": imdb}
    if "tmdb" in ids and habits.own_id != "tmdb":
        found[rng.choice(("moviedb_id", "tmdb_id"))] = rng.choice((ids["tmdb"], int(ids["tmdb"])))
    return found


def _year(truth: Truth, habits: Habits, rng: Random) -> int | None:
    if rng.random() < habits.year_missing:
        return None
    return truth.year + (rng.choice((-1, 1)) if rng.random() < habits.year_off else 0)


def _name(truth: Truth, habits: Habits, rng: Random) -> str:
    def happens(share: float) -> bool:
        return rng.random() < share

    name = truth.name
    if truth.others and happens(habits.other_name):
        name = rng.choice(truth.others)
    if happens(habits.subtitle_dropped):
        name = noise.subtitle_dropped(name)
    if happens(habits.numerals_changed):
        name = noise.numerals_changed(name, rng)
    if happens(habits.and_changed):
        name = noise.and_changed(name)
    if happens(habits.mistyped):
        name = noise.mistyped(name, rng)
    if happens(habits.punctuation_changed):
        name = noise.punctuation_changed(name, rng)
    if happens(habits.accents_lost):
        name = noise.accents_lost(name)
    if happens(habits.article_moved):
        name = noise.article_moved(name)
    elif happens(habits.article_dropped):
        name = noise.article_dropped(name)
    if happens(habits.shouting):
        name = name.upper()
    return noise.tagged(name, rng) if happens(habits.tagged) else name
