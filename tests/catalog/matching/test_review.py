"""What owners see of matches, and what becomes of their decisions."""

from __future__ import annotations

import pytest

from libs.common.contracts.library import MatchChoice, MatchQuery, MatchState
from libs.common.errors import InvalidInput
from services.catalog.errors import ItemNotFound, TooManyMatchChoices
from services.catalog.library_model import public_id
from services.catalog.matching import review
from services.catalog.model import Owner
from services.catalog.store.library.items import ItemStore
from tests.catalog.matching.library import OTHER_PROFILE, OWNER, SERIES, Library

HEAT, OLD_HEAT, MATRIX = 113277, 93164, 133093


@pytest.fixture
async def filled(library: Library) -> Library:
    """Two films called Heat, neither much better known, and one account with a run."""
    await library.imported(
        (HEAT, "Heat", 1995, 7000), (OLD_HEAT, "Heat", 1986, 5000), (MATRIX, "The Matrix", 1999, 90_000)
    )
    await library.provider()
    return library


async def listed(library: Library, state: MatchState, owner: Owner = OWNER, **asked: object) -> list[str]:
    """Titles of all pages, one item each."""
    found, cursor = list[str](), ""
    while True:
        query = MatchQuery(state=state, limit=1, cursor=cursor, **asked)  # type: ignore[arg-type]  # its fields
        page = await library.reviews.page(owner, query)
        found += [each.item.title for each in page.items]
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


async def match_all(library: Library) -> None:
    for provider in await library.providers.after(0, limit=10):
        await library.match(provider, run=provider.run)


async def test_matches_are_listed_by_their_state(filled: Library) -> None:
    for title, year in (("Heat", None), ("The Matrix", 1999), ("Heat", 1986), ("Home video", None)):
        await filled.listed(title, year)
    await filled.listed("Heat", kind=SERIES)
    await filled.listed("Alpha", 2001)
    await match_all(filled)

    assert await listed(filled, "matched") == ["Heat", "The Matrix"]
    assert await listed(filled, "doubtful") == ["Heat"]
    assert await listed(filled, "unmatched") == ["Alpha", "Home video"]
    assert await listed(filled, "unmatched", kind="series") == ["Heat"]
    assert await listed(filled, "chosen") == []
    assert await listed(filled, "unmatched", account="provider-9") == []
    assert await listed(filled, "unmatched", OTHER_PROFILE) == []


async def test_several_accounts_are_listed_one_after_the_other(filled: Library) -> None:
    await filled.provider(2)
    await filled.provider(3, OTHER_PROFILE)
    for title, provider in (("Zero", 1), ("Beta", 2), ("Alpha", 2), ("Secret", 3), ("Eta", 1)):
        await filled.listed(title, provider=provider)
    await match_all(filled)

    assert await listed(filled, "unmatched") == ["Eta", "Zero", "Alpha", "Beta"]
    assert await listed(filled, "unmatched", account="provider-2") == ["Alpha", "Beta"]


async def test_what_may_be_meant_is_told_with_its_reasons(filled: Library) -> None:
    await filled.listed("Heat")
    await filled.listed("The Matrix", 2012)
    await match_all(filled)

    doubtful = (await filled.reviews.page(OWNER, MatchQuery(state="doubtful"))).items[0]
    unmatched = (await filled.reviews.page(OWNER, MatchQuery(state="unmatched"))).items[0]

    assert [(each.imdb_id, each.year, each.score) for each in doubtful.candidates] == [
        ("tt0113277", 1995, 92),
        ("tt0093164", 1986, 92),
    ]
    assert (doubtful.state, doubtful.score) == ("doubtful", 92)
    assert doubtful.why == "Several titles are called so."
    assert [(each.name, each.why) for each in unmatched.candidates] == [("The Matrix", "the same name")]


async def test_a_decision_holds_for_all_rows_of_the_name_and_for_those_to_come(filled: Library) -> None:
    first, second = await filled.listed("Heat"), await filled.listed("HEAT")
    dated = await filled.listed("Heat", 1995)
    await match_all(filled)

    shown = await filled.reviews.choose(OWNER, public_id(first), MatchChoice(imdb_id="tt0093164"))
    later = await filled.listed("heat")
    await match_all(filled)

    assert (shown.state, shown.item.imdb_id) == ("chosen", "tt0093164")
    assert {await filled.of(item) for item in (first, second, later)} == {(OLD_HEAT, "chosen")}
    assert await filled.of(dated) == (HEAT, "name")


async def test_a_decision_about_one_row_leaves_the_others(filled: Library) -> None:
    first, second = await filled.listed("Heat"), await filled.listed("Heat")
    await match_all(filled)

    await filled.reviews.choose(OWNER, public_id(first), MatchChoice(imdb_id="tt0093164", only_this=True))

    assert await filled.of(first) == (OLD_HEAT, "chosen")
    assert await filled.of(second) == (None, "several")


async def test_the_latest_decision_counts(filled: Library) -> None:
    first, second = await filled.listed("Heat"), await filled.listed("Heat")
    public = public_id(first)

    await filled.reviews.choose(OWNER, public, MatchChoice(imdb_id="tt0093164", only_this=True))
    await filled.reviews.choose(OWNER, public, MatchChoice(imdb_id="tt0113277"))
    await match_all(filled)

    assert {await filled.of(item) for item in (first, second)} == {(HEAT, "chosen")}


async def test_none_of_these_is_a_decision_too(filled: Library) -> None:
    item = await filled.listed("The Matrix", 1999)
    await match_all(filled)

    shown = await filled.reviews.choose(OWNER, public_id(item), MatchChoice(imdb_id=None))
    await filled.db.execute("UPDATE library_items SET match_rule = ''")
    await match_all(filled)

    assert (shown.state, shown.item.imdb_id) == ("chosen", None)
    assert await filled.of(item) == (None, "chosen")


async def test_a_decision_taken_back_is_forgotten(filled: Library) -> None:
    item, other = await filled.listed("The Matrix", 1999), await filled.listed("The Matrix", 1999)
    await match_all(filled)
    await filled.reviews.choose(OWNER, public_id(item), MatchChoice(imdb_id="tt0113277"))

    shown = await filled.reviews.take_back(OWNER, public_id(item))

    assert (shown.state, shown.item.imdb_id) == ("matched", "tt0133093")
    assert await filled.of(other) == (MATRIX, "name")
    assert await filled.choices.all_of(OWNER) == {}


async def test_decisions_outlast_a_library_that_is_cleared_and_filled_again(filled: Library) -> None:
    item = await filled.listed("Heat")
    await filled.reviews.choose(OWNER, public_id(item), MatchChoice(imdb_id="tt0093164"))

    await filled.db.execute("DELETE FROM library_items")
    again = await filled.listed("Heat", panel_id=99)
    await match_all(filled)

    assert await filled.of(again) == (OLD_HEAT, "chosen")


async def test_decisions_outlast_other_numbers_of_the_provider(filled: Library) -> None:
    item = await filled.listed("Heat", panel_id=5)
    await filled.reviews.choose(OWNER, public_id(item), MatchChoice(imdb_id="tt0093164", only_this=True))
    moved = await filled.listed("Heat", panel_id=6)
    items = ItemStore(filled.db)

    async with filled.db.transaction() as tx:
        old, new = sorted(await items.going(tx, [item, moved]))
        await items.renumber(tx, [(old, new)])
    await filled.import_ended()
    await filled.keeping.look()

    assert await filled.of(item) == (OLD_HEAT, "chosen")


async def test_a_decision_outlasts_a_year_that_becomes_known(filled: Library) -> None:
    item = await filled.listed("Heat")
    await match_all(filled)
    await filled.reviews.choose(OWNER, public_id(item), MatchChoice(imdb_id="tt0093164"))

    for year in (1995, None, 1995):
        await filled.db.execute(
            "UPDATE library_items SET year = CAST(:year AS INTEGER), match_rule = '', match_imdb = NULL",
            year=year,
        )
        await match_all(filled)
    kept = await filled.of(item)
    await filled.reviews.take_back(OWNER, public_id(item))

    assert kept == (OLD_HEAT, "chosen")
    assert await filled.of(item) == (HEAT, "name")


async def test_a_row_that_became_another_title_is_not_the_old_one(filled: Library) -> None:
    item = await filled.listed("Heat", panel_id=5)
    await filled.reviews.choose(OWNER, public_id(item), MatchChoice(imdb_id="tt0093164", only_this=True))

    await filled.db.execute(
        "UPDATE library_items SET title = 'The Matrix', year = 1999, hash = 77, match_rule = ''"
        " WHERE id = :id",
        id=item,
    )
    await match_all(filled)

    assert await filled.of(item) == (MATRIX, "name")


async def test_nothing_is_decided_about_what_another_profile_has(filled: Library) -> None:
    item = public_id(await filled.listed("Heat"))

    with pytest.raises(ItemNotFound):
        await filled.reviews.choose(OTHER_PROFILE, item, MatchChoice(imdb_id=None))
    with pytest.raises(ItemNotFound):
        await filled.reviews.take_back(OTHER_PROFILE, item)


async def test_a_decision_changes_nothing_of_another_profile(filled: Library) -> None:
    await filled.provider(2, OTHER_PROFILE)
    mine, theirs = await filled.listed("Heat"), await filled.listed("Heat", provider=2)
    await match_all(filled)

    await filled.reviews.choose(OWNER, public_id(mine), MatchChoice(imdb_id="tt0093164"))
    await filled.db.execute("UPDATE library_items SET match_rule = '' WHERE provider = 2")
    await match_all(filled)

    assert await filled.of(theirs) == (None, "several")


@pytest.mark.parametrize("item", ["hg:999", "hg:x", "tt1", ""])
async def test_what_is_no_film_and_no_series_is_not_found(filled: Library, item: str) -> None:
    await filled.listed("A channel", kind=1, id=500)

    for public in (item, "hg:500"):
        with pytest.raises(ItemNotFound):
            await filled.reviews.choose(OWNER, public, MatchChoice(imdb_id=None))


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "%%%"])
async def test_a_cursor_of_nothing_is_refused(filled: Library, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        await filled.reviews.page(OWNER, MatchQuery(cursor=cursor))


async def test_a_cursor_of_another_list_is_refused(filled: Library) -> None:
    for title in ("Alpha", "Beta"):
        await filled.listed(title)
    await match_all(filled)
    page = await filled.reviews.page(OWNER, MatchQuery(state="unmatched", limit=1))
    assert page.next_cursor is not None

    with pytest.raises(InvalidInput):
        await filled.reviews.page(OWNER, MatchQuery(state="matched", cursor=page.next_cursor))


async def test_a_profile_decides_so_many_times_and_no_more(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "MOST_CHOICES", 1)
    first, second = await filled.listed("Heat"), await filled.listed("The Matrix")
    await filled.reviews.choose(OWNER, public_id(first), MatchChoice(imdb_id=None))

    with pytest.raises(TooManyMatchChoices):
        await filled.reviews.choose(OWNER, public_id(second), MatchChoice(imdb_id=None))

    assert len(await filled.choices.all_of(OWNER)) == 1
