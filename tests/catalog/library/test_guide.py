"""What is on, on both engines: now and next, a stretch of time, and where a programme is shown."""

from __future__ import annotations

import pytest

from libs.common.db import Database
from services.catalog.library_model import number_of
from services.catalog.model import Owner
from services.catalog.store.library.guide import LONGEST_S, ChannelKey, GuideStore, Programme
from tests.catalog.library.filled import Filler, Row

NOW = 1_800_000_000
HOUR = 3600


@pytest.fixture
def guide(database: Database) -> GuideStore:
    return GuideStore(database)


@pytest.fixture
async def provider(filler: Filler) -> int:
    """Its guide has a channel with a gap, one that is over, and one that has yet to begin."""
    number = await filler.provider(Owner("account", "profile"), "one")
    await filler.guide(
        number,
        "gap",
        (NOW - 3 * HOUR, NOW - 2 * HOUR, "Before"),
        (NOW - HOUR, NOW + HOUR, "Now"),
        (NOW + 2 * HOUR, NOW + 3 * HOUR, "Next"),
        (NOW + 3 * HOUR, NOW + 4 * HOUR, "Later"),
    )
    await filler.guide(number, "over", (NOW - 2 * HOUR, NOW, "Over"))
    await filler.guide(number, "coming", (NOW + HOUR, NOW + 2 * HOUR, "Coming"))
    other = await filler.provider(Owner("account", "other"), "other")
    await filler.guide(other, "gap", (NOW - HOUR, NOW + HOUR, "Other's"))
    return number


def told(found: dict[ChannelKey, list[Programme]]) -> dict[str, list[str]]:
    return {guide_id: [each.title for each in programmes] for (_, guide_id), programmes in found.items()}


async def test_what_is_on_and_what_comes_next_are_told(guide: GuideStore, provider: int) -> None:
    asked = [(provider, name) for name in ("gap", "over", "coming", "unknown", "gap")]
    assert told(await guide.now_and_next(asked, at=NOW)) == {
        "gap": ["Now", "Next"],
        "over": ["Over"],
        "coming": ["Coming"],
    }
    assert await guide.now_and_next([], at=NOW) == {}


async def test_a_stretch_of_time_has_what_reaches_into_it(guide: GuideStore, provider: int) -> None:
    asked = [(provider, name) for name in ("gap", "over", "coming")]
    found = await guide.between(asked, start=NOW, stop=NOW + 2 * HOUR, most=100)
    assert told(found) == {"gap": ["Now"], "coming": ["Coming"]}
    found = await guide.between(asked, start=NOW - 1, stop=NOW + 2 * HOUR + 1, most=100)
    assert told(found) == {"gap": ["Now", "Next"], "over": ["Over"], "coming": ["Coming"]}
    assert sum(map(len, (await guide.between(asked, start=NOW - 1, stop=NOW + HOUR, most=1)).values())) == 1


async def test_what_never_ends_is_not_on_for_ever(guide: GuideStore, filler: Filler, provider: int) -> None:
    begun = NOW - LONGEST_S - 1
    await filler.guide(provider, "broken", (begun, NOW + 1000 * HOUR, "Endless"))
    assert await guide.between([(provider, "broken")], start=NOW, stop=NOW + HOUR, most=9) == {}
    assert await guide.titled([provider], "endless", at=NOW, most=9) == []


async def test_titles_are_found_by_their_beginning_while_they_are_not_over(
    guide: GuideStore, provider: int
) -> None:
    async def titled(text: str) -> list[str]:
        return [each.title for each in await guide.titled([provider], text, at=NOW, most=9)]

    assert await titled("n") == ["Next", "Now"]
    assert await titled("over") == []
    assert await titled("other") == []


async def test_a_guides_channel_is_the_first_item_that_has_its_id(
    guide: GuideStore, filler: Filler, provider: int
) -> None:
    hd, _, _ = await filler.put(
        provider,
        "channels",
        Row(title="HD", guide_id="gap"),
        Row(title="SD", guide_id="gap"),
        Row(title="Without a guide"),
    )
    await filler.put(provider, "movies", Row(title="A film", guide_id="over"))
    keys = [(provider, "gap"), (provider, "over"), (provider, "")]
    assert await guide.channels_of(keys) == {(provider, "gap"): number_of(hd)}
