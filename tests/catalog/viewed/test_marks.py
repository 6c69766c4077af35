"""Marks in a preview's texts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from libs.addons.items import Item
from libs.common.contracts.viewing import TitleFlags
from libs.common.contracts.viewing_settings import ViewingSettings
from services.catalog.viewed.marks import mark_of, marked

BOTH = ViewingSettings(description=True, release_info=True)
HALF = TitleFlags(progress=0.431)


def item(**members: Any) -> Item:
    meta = {"type": "movie", "id": "tt1", "name": "Film", **members}
    return Item(("movie", "tt1"), msgspec.json.encode(meta))


def texts(flags: TitleFlags | None, how: ViewingSettings = BOTH, **members: Any) -> Any:
    return msgspec.json.decode(marked(item(**members), flags, how).raw)


@pytest.mark.parametrize(
    ("flags", "mark"),
    [
        (TitleFlags(watched=True, progress=0.2), "✓ Watched"),
        (HALF, "▶ 43 %"),
        (TitleFlags(progress=0.0001), "▶ 1 %"),
        (TitleFlags(progress=0.999), "▶ 99 %"),
        (TitleFlags(progress=0.5, aired=10, completed=3), "▶ 3 of 10"),
        (TitleFlags(progress=0.5, aired=10), "▶ 50 %"),
        (TitleFlags(in_watchlist=True), ""),
        (TitleFlags(aired=10), ""),
    ],
)
def test_a_mark_says_how_far_it_was_watched(flags: TitleFlags, mark: str) -> None:
    assert mark_of(flags) == mark


def test_it_stands_where_it_was_chosen_and_never_in_the_name() -> None:
    shown = texts(HALF, description="Words.", releaseInfo="1927")
    assert (shown["description"], shown["releaseInfo"], shown["name"]) == (
        "▶ 43 % · Words.",
        "1927 · ▶ 43 %",
        "Film",
    )
    one = texts(HALF, ViewingSettings(release_info=True), description="Words.", releaseInfo="1927")
    assert (one["description"], one["releaseInfo"]) == ("Words.", "1927 · ▶ 43 %")


@pytest.mark.parametrize("members", [{}, {"description": None, "releaseInfo": ""}, {"description": ["x"]}])
def test_where_there_is_no_text_it_stands_alone(members: dict[str, Any]) -> None:
    shown = texts(HALF, **members)
    assert (shown["description"], shown["releaseInfo"]) == ("▶ 43 %", "▶ 43 %")


def test_a_year_that_is_a_number_is_read() -> None:
    assert texts(HALF, releaseInfo=1927)["releaseInfo"] == "1927 · ▶ 43 %"


@pytest.mark.parametrize("flags", [None, TitleFlags(), TitleFlags(in_watchlist=True)])
def test_what_was_never_begun_is_sent_as_it_was(flags: TitleFlags | None) -> None:
    assert marked(one := item(description="Words."), flags, BOTH) is one
