"""What streams are found by, on both engines: versions of a title and where a row is played from."""

from __future__ import annotations

from libs.common.db import Database
from services.catalog.library_model import KINDS, number_of
from services.catalog.model import Owner
from services.catalog.store.library.choices import ChoiceStore
from services.catalog.store.library.matched import MatchedStore
from services.catalog.store.library.playable import PlayableStore
from tests.catalog.library.filled import Filler, Row

OWNER = Owner("account-1", "profile-1")
OTHERS = (Owner("account-1", "profile-2"), Owner("account-2", "profile-1"))
MOVIES = KINDS["movies"]
MATRIX = 133093


async def test_versions_of_a_title_are_found_over_all_accounts_of_the_owner(
    database: Database, filler: Filler
) -> None:
    mine = [await filler.provider(OWNER, name) for name in ("first", "second")]
    theirs = await filler.provider(OTHERS[0], "theirs")
    film = Row(title="The Matrix", imdb=MATRIX)
    first, other = await filler.put(mine[0], "movies", film, Row(title="Other", imdb=7))
    (second,) = await filler.put(mine[1], "movies", film)
    await filler.put(mine[1], "series", film)
    (stranger,) = await filler.put(theirs, "movies", film)
    store = MatchedStore(database)

    found = await store.of_title(OWNER, MOVIES, MATRIX, most=10)

    assert found == [number_of(first), number_of(second)]
    assert number_of(other) not in found
    assert await store.of_title(OTHERS[0], MOVIES, MATRIX, most=10) == [number_of(stranger)]
    assert await store.of_title(OTHERS[1], MOVIES, MATRIX, most=10) == []
    assert await store.of_title(OWNER, MOVIES, MATRIX, most=1) == [number_of(first)]


async def test_a_version_whose_categories_are_all_hidden_is_not_found(
    database: Database, filler: Filler
) -> None:
    mine = await filler.provider(OWNER, "first")
    hidden, shown = await filler.put(
        mine,
        "movies",
        Row(title="The Matrix", imdb=MATRIX, categories=("Hidden",)),
        Row(title="The Matrix", imdb=MATRIX, categories=("Hidden", "Shown")),
    )
    row = await database.fetch_one("SELECT id FROM library_categories WHERE name = 'Hidden'")
    assert row is not None
    await ChoiceStore(database).put(OWNER, "hidden", row["id"], at=1)

    assert await MatchedStore(database).of_title(OWNER, MOVIES, MATRIX, most=10) == [number_of(shown)]
    assert hidden != shown


async def test_a_row_is_played_by_its_owner_alone(database: Database, filler: Filler) -> None:
    mine = await filler.provider(OWNER, "first")
    (film,) = await filler.put(mine, "movies", Row(title="The Matrix"))
    number = number_of(film) or 0
    store = PlayableStore(database)

    source = await store.item(OWNER, MOVIES, number)

    assert source is not None
    assert (source.provider, source.number, source.extension) == ("first", mine, "mkv")
    assert await store.item(OWNER, KINDS["channels"], number) is None
    for other in OTHERS:
        assert await store.item(other, MOVIES, number) is None


async def test_an_episode_is_played_by_its_owner_alone(database: Database, filler: Filler) -> None:
    mine = await filler.provider(OWNER, "first")
    await database.insert_rows(
        "library_episodes",
        (
            "id",
            "provider",
            "series",
            "season",
            "number",
            "panel_id",
            "hash",
            "added",
            "extension",
            "sealed_url",
        ),
        [(900, mine, 1, 1, 1, 77, 1, 0, "mp4", b"sealed")],
    )
    store = PlayableStore(database)

    source = await store.episode(OWNER, 900)

    assert source is not None
    assert (source.panel_id, source.extension, source.sealed_url) == (77, "mp4", b"sealed")
    for other in OTHERS:
        assert await store.episode(other, 900) is None
