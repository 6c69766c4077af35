"""The order of items in a row that is made of several."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from libs.addons.items import Item
from libs.common.contracts.rows import MergeMode
from services.catalog.identity.entry import read_entry
from services.catalog.model import Arrangement
from services.catalog.rows.arrange import arranged
from services.catalog.rows.modes import ordered
from services.catalog.rows.row import Row
from services.catalog.titles import Place
from tests.catalog.listed import listed, manifest
from tests.fakes.addon import film

ROW = arranged(
    [listed("aaaa", manifest(catalogs=[{"type": "movie", "id": "x", "name": "X"}]))], Arrangement()
)[0]


def place(number: int, **members: Any) -> Place:
    assert isinstance(ROW, Row)
    raw = msgspec.json.encode(film(number, **members))
    return Place(ROW, Item(("movie", str(number)), raw), read_entry(raw), True)


def numbers(mode: MergeMode, *lists: list[Place], ratings: dict[str, float] | None = None) -> list[int]:
    return [int(found.item.identity[1]) for found in ordered(mode, lists, ratings or {})]


def test_lists_of_unequal_length_follow_each_other_or_take_turns() -> None:
    lists = [place(1), place(2), place(3)], [place(4)], [place(5), place(6)]
    assert numbers("sequential", *lists) == [1, 2, 3, 4, 5, 6]
    assert numbers("interleaved", *lists) == [1, 4, 5, 2, 6, 3]


def test_the_best_rated_come_first_and_the_unrated_last_in_turns() -> None:
    one = [place(1), place(2, imdbRating="7.5"), place(3, imdbRating=8)]
    other = [place(4), place(5, links=[{"name": "9.1", "category": "imdb", "url": "https://imdb.com"}])]
    assert numbers("by_rating", one, other) == [5, 3, 2, 1, 4]


def test_imdbs_own_rating_counts_before_what_an_addon_says() -> None:
    one = [place(1, imdbRating="9.9"), place(2, imdbRating="5")]
    assert numbers("by_rating", one, ratings={"tt0000001": 3.0}) == [2, 1]
    anime = [place(1, id="x:1", kitsu_id=5), place(2, id="mal:7", imdbRating="5")]
    assert numbers("by_rating", anime, ratings={"kitsu:5": 6.0, "mal:7": 3.0}) == [1, 2]


@pytest.mark.parametrize("nonsense", ["NaN", "inf", "-3", "99", "", "good", None, [], True])
def test_a_rating_that_is_none_counts_as_none(nonsense: object) -> None:
    assert numbers("by_rating", [place(1, imdbRating=nonsense), place(2, imdbRating="0.5")]) == [2, 1]


def test_the_newest_come_first_and_those_without_a_date_last() -> None:
    lists = (
        [place(1, releaseInfo="1999"), place(2), place(3, released="2020-03-01T00:00:00.000Z")],
        [place(4, releaseInfo="2013-2019"), place(5, released="2020-11-30"), place(6, released="soon")],
    )
    assert numbers("by_date", *lists) == [5, 3, 4, 1, 2, 6]
