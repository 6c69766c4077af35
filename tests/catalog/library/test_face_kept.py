"""Lists that are made when a run has ended: what is kept, for how long it holds, and whose it is."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

import pytest

from libs.common.db import Database
from services.catalog.library import face_kept, face_making
from services.catalog.library.face_making import Making, Wanted
from services.catalog.library.face_packing import unpacked
from services.catalog.library.face_shelves import CHANNELS, MOVIES, SERIES
from services.catalog.store.library.face import FaceItem, FaceStore
from tests.catalog.library.filled import Row
from tests.catalog.library.players import OTHER, OWNER, Library, fill, library_of
from tests.fakes.clock import ManualClock
from tests.waiting import until


@pytest.fixture
async def library(database: Database, clock: ManualClock) -> AsyncIterator[Library]:
    async with library_of(database, clock) as library:
        yield library


async def forget_rows(library: Library) -> None:
    """What rows lose between runs tells what was made before from what is made now."""
    await library.database.execute("DELETE FROM library_items")


async def begin_run(library: Library) -> None:
    await library.database.execute("UPDATE library_providers SET run = 'r', run_number = run_number + 1")


async def end_run(library: Library) -> None:
    await library.database.execute("UPDATE library_providers SET run = ''")


@pytest.mark.parametrize("together", [1, 2, 16])
async def test_long_categories_come_in_several_pieces(
    library: Library, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(face_making, "BATCH", 3)
    monkeypatch.setattr(face_kept, "BATCH", 3)
    monkeypatch.setattr(face_kept, "TOGETHER", together)
    provider = await library.fill.provider(OWNER, "Panel A")
    for kind, number in (("channels", CHANNELS), ("movies", MOVIES)):
        rows = [Row(title=f"{kind} {place}", categories=("A", "B")) for place in range(9)]
        await library.put(provider, kind, *rows, Row(title="last", categories=("C",)))
        made = await library.listed(number)
        assert len({item["stream_id"] for item in made}) == len(made) == 10
        await library.players.kept.make("Panel A")
        assert await library.listed(number) == made
        names = await library.categories(number)
        assert [len(await library.listed(number, int(id_))) for id_ in names.values()] == [9, 9, 1]
        await library.hide(names["A"])
        assert len(await library.listed(number)) == 10
    await forget_rows(library)
    assert len(await library.listed(MOVIES, int((await library.categories(MOVIES))["C"]))) == 1


async def test_a_list_is_made_before_anybody_asks_and_anew_after_the_next_run(library: Library) -> None:
    provider = await fill(library)
    await library.players.kept.make("Panel A")
    state = await library.players.face.state(OWNER)
    assert len(await library.listed(MOVIES)) == 2
    await library.put(provider, "movies", Row(title="New", categories=("2015",)))
    assert len(await library.listed(MOVIES)) == 3, "what is kept is of the run before"
    assert await library.players.face.state(OWNER) != state
    await library.players.kept.make("Panel A")
    await forget_rows(library)
    assert len(await library.listed(MOVIES)) == 3
    assert len(await library.listed(SERIES)) == 1


async def test_what_was_not_kept_is_as_soon_as_somebody_asks(library: Library) -> None:
    await fill(library)
    assert len(await library.listed(MOVIES)) == 2

    async def kept() -> bool:
        return {row["kind"] for row in await library.pieces()} == {CHANNELS, MOVIES, SERIES}

    await until(kept)


async def test_while_a_run_writes_players_are_listed_what_the_last_one_left(library: Library) -> None:
    await fill(library)
    await library.players.kept.make("Panel A")
    await begin_run(library)
    await forget_rows(library)
    assert len(await library.listed(MOVIES)) == 2
    await end_run(library)
    assert await library.listed(MOVIES) == []


async def test_nothing_is_kept_while_a_run_writes_or_of_an_account_that_is_gone(library: Library) -> None:
    await fill(library)
    await begin_run(library)
    await library.players.kept.make("Panel A")
    assert len(await library.listed(MOVIES)) == 2
    await library.players.kept.make("gone")
    assert await library.pieces() == []


async def test_what_is_not_to_be_listed_any_more_leaves_nothing(library: Library) -> None:
    provider = await fill(library)
    await library.players.kept.make("Panel A")
    before = {(row["kind"], row["category"]) for row in await library.pieces()}
    await library.hide((await library.categories(CHANNELS))["Radio"])
    await library.put(provider, "movies")
    await library.players.kept.make("Panel A")
    assert len({(row["kind"], row["category"]) for row in await library.pieces()}) == len(before) - 1


async def test_lists_of_an_account_are_made_for_its_own_profile_alone(library: Library) -> None:
    await fill(library)
    await library.fill.provider(OTHER, "Theirs")
    await library.players.kept.make("Panel A")
    await library.players.kept.make("Theirs")
    assert await library.listed(MOVIES, owner=OTHER) == []


async def test_other_shapes_have_another_number(library: Library) -> None:
    """Whoever changes what a row is made into changes `SHAPES`: what was kept before is then made anew."""
    item = FaceItem(
        *(7, 1, 70, "EN - Name", "Name", "name", 2015, 71, 1_600_000_000, 3, 5, 9, "a.b", "http://i", "mkv"),
        '{"number":4,"archive_days":3,"is_adult":true,"plot":"P","cast":"C","duration_s":60}',
    )
    making = Making(FaceStore(library.database))
    made = [
        unpacked(await making.made(Wanted(kind, ((0, "Crime"), (2, "Drama"))), [item], {7: [3, 8]}))
        for kind in (CHANNELS, MOVIES, SERIES)
    ]
    digest = hashlib.sha256(b",".join(made)).hexdigest()
    assert (face_kept.SHAPES, digest[:8]) == (1, "b1bb05a0")


async def test_details_that_come_are_news_for_lists_of_episodes_alone(library: Library) -> None:
    await fill(library)
    face_ = library.players.face
    before = await face_.state(OWNER), await face_.state(OWNER, with_episodes=True)
    await library.database.execute("UPDATE library_providers SET revision = revision + 1")
    assert await face_.state(OWNER) == before[0]
    assert await face_.state(OWNER, with_episodes=True) != before[1]
    await library.database.execute("UPDATE library_providers SET run = 'r'")
    assert await face_.state(OWNER) != before[0]


async def test_choices_are_part_of_the_state(library: Library) -> None:
    await fill(library)
    states = {await library.players.face.state(OWNER)}
    await library.like("Radio")
    states.add(await library.players.face.state(OWNER))
    await library.hide((await library.categories(CHANNELS))["News"])
    states.add(await library.players.face.state(OWNER))
    assert len(states) == 3
