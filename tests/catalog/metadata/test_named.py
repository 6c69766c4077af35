"""A title by its name and year: the one that fits, or none."""

from __future__ import annotations

import msgspec
import pytest

from libs.protocols.tmdb.wire import SearchItem
from services.catalog.identity.entry import read_entry
from services.catalog.metadata.named import name_and_year, the_one, year_and_name


def asked(**meta: object) -> str:
    return name_and_year(read_entry(msgspec.json.encode({"id": "own:1", "type": "movie", **meta})))


@pytest.mark.parametrize(
    ("meta", "question"),
    [
        ({"name": "Metropolis", "releaseInfo": "1927"}, "1927 metropolis"),
        ({"name": "METROPOLIS (1927) [1080p]"}, "1927 metropolis"),
        ({"name": "Rocky II", "year": 1979}, "1979 rocky 2"),
        ({"name": "Metropolis"}, ""),
        ({"name": "", "releaseInfo": "1927"}, ""),
        ({"name": "News", "type": "tv", "releaseInfo": "1927"}, ""),
    ],
)
def test_a_title_is_asked_for_by_what_tells_it_apart(meta: dict[str, object], question: str) -> None:
    assert asked(**meta) == question


def test_a_question_reads_back() -> None:
    assert year_and_name("1968 2001 a space odyssey") == (1968, "2001 a space odyssey")


def item(number: int, title: str, released: str | None, original: str = "") -> SearchItem:
    return SearchItem(id=number, title=title, original_title=original, release_date=released)


@pytest.mark.parametrize(
    ("items", "number"),
    [
        ([item(1, "Metropolis", "1927-02-06")], 1),
        ([item(1, "Metropolis", "1926-12-31")], 1),
        ([item(1, "Metropolis", "1926-12-31"), item(2, "Metropolis", "1927-01-01")], 2),
        ([item(1, "Die Stadt", "1927-02-06", "Metropolis")], 1),
        ([item(1, "Metropolis", "1926-01-01"), item(2, "Metropolis", "1928-01-01")], None),
        ([item(1, "Metropolis", "1927-02-06"), item(2, "Metropolis", "1927-05-06")], None),
        ([item(1, "Metropolis", "2001-05-26")], None),
        ([item(1, "Metropolis", "")], None),
        ([item(1, "Metropolis", None)], None),
        ([item(1, "Metropolis 2", "1927-02-06")], None),
        ([], None),
    ],
)
def test_only_the_one_that_fits_is_taken(items: list[SearchItem], number: int | None) -> None:
    assert the_one(items, "metropolis", 1927) == number
