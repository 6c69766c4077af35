"""Whichever way to a page is taken, it holds the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import get_args

import pytest

from libs.common.contracts.library import Sort
from services.catalog.library import places, ways
from services.catalog.library.browse import Browse
from tests.catalog.library.filled import Filler, Row
from tests.catalog.library.pages import OWNER, asked, every_page, number_in


@dataclass
class Film:
    row: Row
    id: str


def _key(sort: str, film: Film) -> tuple[object, ...]:
    row = film.row
    number = number_in(film.id)
    match sort.lstrip("-"):
        case "title":
            return (row.title.lower(), number)
        case "added":
            return (row.added, number)
        case "rating":
            return (row.rating, number)
    return (row.year, row.title.lower(), number)


def _expected(films: list[Film], sort: str) -> list[str]:
    by = sort.lstrip("-")
    known = [film for film in films if by not in ("rating", "year") or getattr(film.row, by) is not None]
    unknown = [film for film in films if film not in known]
    of_unknown = "title" if by == "year" else "added"
    last = sorted(
        unknown,
        key=lambda film: _key("title", film) if of_unknown == "title" else (number_in(film.id),),
        reverse=sort.startswith("-"),
    )
    ordered = sorted(known, key=lambda film: _key(sort, film), reverse=sort.startswith("-"))
    return [film.id for film in (*ordered, *last)]


@pytest.mark.parametrize("is_narrow", [False, True])
async def test_every_way_to_a_page_finds_the_same(
    browse: Browse, filler: Filler, monkeypatch: pytest.MonkeyPatch, is_narrow: bool
) -> None:
    """Against lists made in memory; with bounds so low that walks end at them, and without."""
    if is_narrow:
        monkeypatch.setattr(ways, "MOST_WALKED", 20)
        monkeypatch.setattr(places, "COUNTED", 5)
    random = Random(7)
    films: list[Film] = []
    for account in ("one", "two"):
        rows = [_drawn(random, number) for number in range(120)]
        ids = await filler.put(await filler.provider(OWNER, account), "movies", *rows)
        films += [Film(row, id_) for row, id_ in zip(rows, ids, strict=True)]
    categories = {each.id: each.name for each in await browse.categories(OWNER, account="two")}
    second = {film.id for film in films[120:]}
    for sort in get_args(Sort):
        for _ in range(6):
            genre = random.choice(["", "", "Drama", "Comedy", "Rare"])
            year_from = random.choice([None, 1990, 1999])
            rating_from = random.choice([None, None, 5.0])
            since = random.choice([None, None, 900])
            category = random.choice(["", "", *categories])
            matching = [
                film
                for film in films
                if (not genre or genre in film.row.genres)
                and (year_from is None or (film.row.year or 0) >= year_from)
                and (rating_from is None or (film.row.rating or 0) >= rating_from * 10)
                and (since is None or film.row.added >= since)
                and (not category or (film.id in second and categories[category] in film.row.categories))
            ]
            query = asked(
                sort=sort,
                genre=genre,
                year_from=year_from,
                rating_from=rating_from,
                added_since=None if since is None else datetime.fromtimestamp(since, UTC),
                category=category,
                limit=7,
            )
            pages = await every_page(browse, query)
            ids = [item.id for page in pages for item in page.items]
            assert ids == _expected(matching, sort), query


def _drawn(random: Random, number: int) -> Row:
    genres = [
        name for name, share in (("Drama", 0.5), ("Comedy", 0.2), ("Rare", 0.03)) if random.random() < share
    ]
    categories = random.sample(["New", "Old", "Kids", "More"], random.choice([1, 1, 1, 2]))
    return Row(
        title=f"Film {random.randrange(60):02}",
        year=random.choice([None, *range(1985, 2001)]),
        rating=random.choice([None, *range(0, 100, 10)]),
        added=random.randrange(1000),
        categories=tuple(categories),
        genres=tuple(genres),
    )
