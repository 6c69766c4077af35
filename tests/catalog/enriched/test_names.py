"""What answers are kept under: the same for who would be given the same, and for nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from libs.common.contracts.ratings import RatingSettings
from libs.common.contracts.tmdb import TmdbChoice
from libs.common.contracts.viewing_settings import ViewingSettings
from services.catalog.enriched.names import EVERYBODY, page_name, title_name
from services.catalog.identity.choices import NO_CHOICES, Choices
from services.catalog.listing import Listed, Listing
from services.catalog.metadata.model import Tmdb
from services.catalog.model import Arrangement, MergedRow, Owner, RowChoice
from services.catalog.rows.arrange import arranged
from services.catalog.rows.row import AnyRow
from tests.catalog.listed import OWNER, listed, manifest

OTHER = Owner("account", "other")
SAME = Choices.of([(("movie", "tt1"), ("movie", "tt2"))], [])


def addon(key: str = "aaaa") -> Listed:
    rows = [{"type": "movie", "id": "top", "name": "Top", "extra": [{"name": "search"}, {"name": "skip"}]}]
    return listed(key, manifest(resources=["catalog", "meta"], types=["movie"], catalogs=rows))


def listing(addons: Sequence[Listed], **members: Any) -> Listing:
    made = Listing(
        OWNER,
        1,
        tuple(addons),
        Arrangement(),
        NO_CHOICES,
        RatingSettings(),
        Tmdb(TmdbChoice(), None),
        ViewingSettings(),
    )
    return replace(made, **members)


def row(*addons: Listed, merged: bool = False) -> AnyRow:
    members = tuple(each.key for each in arranged(addons, Arrangement()))  # type: ignore[union-attr]
    if not merged:
        return arranged(addons, Arrangement())[0]
    stored = MergedRow(key="k", type="movie", mode="interleaved", choice=RowChoice(name="M"), members=members)
    return next(each for each in arranged(addons, Arrangement(merged=(stored,))) if each.shown.id == "m.k")


def page(of: AnyRow, held: Listing, *extra: tuple[str, str], skip: int = 0, texts: bool = True) -> str:
    return page_name(of, extra, skip, held, texts=texts)


def test_who_asks_and_when_the_list_changed_does_not_count() -> None:
    name = page(row(addon()), listing([addon()]))
    other = listing([addon(), addon("bbbb")], owner=OTHER, revision=9, titles=SAME)
    assert name.endswith(f":{EVERYBODY}")
    assert page(row(addon()), other) == name


def test_whatever_changes_the_answer_does() -> None:
    held = listing([addon()])
    names = [
        page(row(addon()), held),
        page(row(addon("bbbb")), held),
        page(row(addon()), held, ("search", "x")),
        page(row(addon()), held, ("search", "x"), skip=100),
        page(row(addon()), held, skip=100),
        page(row(addon()), held, texts=False),
        page(row(addon()), replace(held, ratings=RatingSettings(rows=False))),
        page(row(addon(), addon("bbbb"), merged=True), held),
        page(row(addon("bbbb"), addon(), merged=True), held),
    ]
    assert len(set(names)) == len(names)


def test_the_first_page_has_one_name() -> None:
    held = listing([addon()])
    assert page(row(addon()), held, ("skip", "0")) == page(row(addon()), held)
    assert page(row(addon()), held, ("skip", "100"), skip=100) == page(row(addon()), held, skip=100)


def test_what_somebody_said_of_titles_is_theirs_in_merged_rows() -> None:
    of = row(addon(), addon("bbbb"), merged=True)
    held = listing([addon(), addon("bbbb")])
    mine, others = (page(of, replace(held, titles=SAME, owner=owner)) for owner in (OWNER, OTHER))
    assert mine != others
    assert page(of, held).endswith(f":{EVERYBODY}")
    assert not {"account", "profile", "other"} & set(mine.split(":"))


@pytest.mark.parametrize(
    "changed",
    [
        {"addons": (addon("bbbb"), addon())},
        {"addons": (addon(),)},
        {"ratings": RatingSettings(episodes=False)},
    ],
)
def test_a_title_is_of_all_addons_that_are_asked_in_their_order(changed: dict[str, Any]) -> None:
    held = listing([addon(), addon("bbbb")])
    name = title_name(held, "movie", "tt1", texts=True)
    assert name == title_name(replace(held, owner=OTHER), "movie", "tt1", texts=True)
    assert name != title_name(replace(held, **changed), "movie", "tt1", texts=True)
    assert name != title_name(held, "movie", "tt2", texts=True)
    assert name != title_name(held, "movie", "tt1", texts=False)
