"""Search on both engines: what people type finds what they mean, and nothing they type breaks it."""

from __future__ import annotations

import pytest

from benchmarks.library.golden import golden
from benchmarks.library.titles import real_names
from libs.common.contracts.library import FindQuery, ItemKind
from libs.common.db import Database
from libs.common.errors import InvalidInput
from libs.titles.folding import fold
from services.catalog.library.find import Find
from services.catalog.library.reading import reading_of
from services.catalog.model import Owner
from tests.catalog.library.filled import Filler, Row
from tests.fakes.clock import ManualClock

OWNER = Owner("account", "profile")
OTHERS = (Owner("account", "other"), Owner("other", "profile"))
NOW = 1_800_000_000
TITLES = 600
EACH = 60


@pytest.fixture
def find(database: Database, clock: ManualClock) -> Find:
    return reading_of(database, clock).find


async def found(find: Find, text: str, *, owner: Owner = OWNER, limit: int = 10) -> list[str]:
    kinds: tuple[ItemKind, ...] = ("channels", "movies", "series")
    return [item.title for item in await find.items(owner, text, kinds, limit)]


async def put(filler: Filler, *titles: str, kind: ItemKind = "movies", owner: Owner = OWNER) -> list[str]:
    id_ = f"{owner.account_id}-{owner.profile_id}-{kind}"
    provider = await filler.provider(owner, id_)
    return await filler.put(provider, kind, *(Row(title=title) for title in titles))


@pytest.mark.parametrize(
    ("kind", "within", "least"),
    [
        ("exact", 1, 0.97),
        ("one typo", 10, 0.95),
        ("missing word", 10, 0.9),
        ("no accents", 10, 0.9),
        ("other order", 10, 0.9),
    ],
)
async def test_what_people_type_finds_what_they_mean(
    find: Find, filler: Filler, kind: str, within: int, least: float
) -> None:
    names = real_names(seed=1)
    accented = [name for name in names if not name.isascii()][:100]
    titles = [*dict.fromkeys([*accented, *names[:TITLES]])]
    await put(filler, *titles)
    queries = golden(titles, EACH, seed=2)[kind]
    assert len(queries) >= EACH / 2
    missed = [
        query
        for query in queries
        if query.wanted not in [fold(title) for title in await found(find, query.text, limit=within)]
    ]
    assert len(missed) <= (1 - least) * len(queries), missed


async def test_short_titles_are_found_first(find: Find, filler: Filler) -> None:
    short = ("Up", "It", "24", "M", "Her", "Go")
    await put(
        filler, *short, "Upgrade", "It Follows", "24 Hours", "Mad Max", "Heroes", "Goodfellas", "M*A*S*H"
    )
    for title in short:
        assert (await found(find, title.lower()))[0] == title


async def test_a_title_is_found_while_it_is_typed(find: Find, filler: Filler) -> None:
    await put(filler, "The Lord of the Rings", "Lord Jim", "The Ring", "Lords of Dogtown")
    for text in ("the lo", "lord of the r", "the lord of the rin", "rings lo"):
        assert (await found(find, text))[0] == "The Lord of the Rings", text


async def test_a_word_is_left_out_only_where_nothing_has_all_of_them(find: Find, filler: Filler) -> None:
    await put(filler, "The Little Train Robbery", "The Little Foxes", "The Great Robbery")
    assert await found(find, "the little robbery") == ["The Little Train Robbery"]
    assert set(await found(find, "little great")) == {
        "The Little Train Robbery",
        "The Little Foxes",
        "The Great Robbery",
    }


async def test_common_words_are_neither_mistyped_nor_beginnings(
    find: Find, filler: Filler, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(filler, "Man of Steel", "Steel Men", "Mango of Steel", "Man and Steel")
    assert len(await found(find, "steel man")) == 4
    monkeypatch.setattr("services.catalog.library.find.AS_TYPED", 1)
    assert set(await found(find, "steel man")) == {"Man of Steel", "Man and Steel"}


async def test_accents_case_and_punctuation_make_no_difference(find: Find, filler: Filler) -> None:
    await put(filler, "Amélie", "Schloß Gripsholm", "M*A*S*H", "WALL·E", "Ocean's Eleven")
    for text, title in (
        ("amelie", "Amélie"),
        ("AMÉLIE", "Amélie"),
        ("schloss gripsholm", "Schloß Gripsholm"),
        ("m a s h", "M*A*S*H"),
        ("wall-e", "WALL·E"),
        ("oceans eleven", "Ocean's Eleven"),
        ("ocean’s eleven", "Ocean's Eleven"),
    ):
        assert (await found(find, text))[0] == title


async def test_a_year_beside_the_title_picks_the_film_of_that_year(find: Find, filler: Filler) -> None:
    provider = await filler.provider(OWNER, "one")
    await filler.put(
        provider,
        "movies",
        Row(title="Dune", year=1984, rating=90),
        Row(title="Dune", year=2021),
        Row(title="Blade Runner 2049", year=2017),
    )
    for text, year in (("dune 2021", 2021), ("dune 1984", 1984), ("blade runner 2049", 2017)):
        (first, *_) = await find.items(OWNER, text, ["movies"], 5)
        assert first.year == year


async def test_people_of_a_film_find_it(find: Find, filler: Filler) -> None:
    provider = await filler.provider(OWNER, "one")
    await filler.put(provider, "movies", Row(title="Metropolis", words="Brigitte Helm"), Row(title="Helmet"))
    assert "Metropolis" in await found(find, "brigitte helm")


async def test_what_is_equal_is_ordered_by_kind_and_rating(find: Find, filler: Filler) -> None:
    provider = await filler.provider(OWNER, "one")
    (series,) = await filler.put(provider, "series", Row(title="Fargo", rating=99))
    good, bad = await filler.put(
        provider, "movies", Row(title="Fargo", rating=80), Row(title="Fargo", rating=20)
    )
    items = await find.items(OWNER, "fargo", ["movies", "series"], 10)
    assert [item.id for item in items] == [good, bad, series]
    assert [item.id for item in await find.items(OWNER, "fargo", ["series"], 10)] == [series]


async def test_nobody_finds_what_is_another_profiles(find: Find, filler: Filler) -> None:
    await put(filler, "Metropolis")
    for other in OTHERS:
        await put(filler, "Metropolitan", owner=other)
        assert await found(find, "metropolis", owner=other) == ["Metropolitan"]
        query = FindQuery(q="metropolis", account="account-profile-movies")
        assert (await find.found(other, query)).items == ()
    assert await found(find, "metropolis") == ["Metropolis"]


async def test_what_a_profile_hides_is_not_found_by_players(
    find: Find, filler: Filler, database: Database, clock: ManualClock
) -> None:
    provider = await filler.provider(OWNER, "one")
    hidden = Row(title="Metropolis", categories=("Adults",))
    await filler.put(provider, "movies", hidden, Row(title="Metropolis Now", categories=("Adults", "All")))
    reading = reading_of(database, clock)
    (adults, *_) = await reading.browse.categories(OWNER)
    await reading.choices.put(OWNER, "hidden", adults.id)
    for text in ("metropolis", "metropolsi", "now metropolis"):
        items = await find.items(OWNER, text, ["movies"], 10, hidden=False)
        assert [item.title for item in items] == ["Metropolis Now"]
    assert len(await found(find, "metropolis")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "x" * 200,
        "a " * 100,
        "the the the the the the the the the the the",
        '"',
        "'; DROP TABLE library_items; --",
        "metropolis OR NEAR(a b) NOT *",
        "a & b | !c <-> d:*",
        "100% _under_ \\ [set]*?",
        "🎬🍿",
        "👩‍👩‍👧‍👧 family",
        "\u202e\u200b\ufeff",
        "𞤀𞤣𞤤𞤢𞤥 ꧁ ᜀ",
        "नमस्ते ไทย 日本語",
        "--",
        "\U0010ffff",
        "ß" * 200,
    ],
)
async def test_nothing_that_is_typed_breaks_a_search(find: Find, filler: Filler, text: str) -> None:
    await put(filler, "Metropolis", "नमस्ते ไทย 日本語", "𞤀𞤣𞤤𞤢𞤥 and more")
    assert isinstance(await found(find, text), list)


async def test_words_that_everything_has_are_looked_up_by_title_alone(
    find: Find, filler: Filler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.catalog.library.find.RARE", 3)
    monkeypatch.setattr("services.catalog.library.find.RARE_ALONE", 3)
    monkeypatch.setattr("services.catalog.library.find.COMMON", 5)
    await put(filler, *(f"The Film {number}" for number in range(10)), "Of the Sea", "A Sea of Film")
    assert set(await found(find, "film")) == set()
    assert len(await found(find, "the film")) == 10
    assert (await found(find, "sea film"))[0] == "A Sea of Film"


async def test_kinds_that_there_are_none_of_are_refused(find: Find) -> None:
    for kinds in ("", "films", "movies,films"):
        with pytest.raises(InvalidInput):
            await find.found(OWNER, FindQuery(q="metropolis", kinds=kinds))


async def test_programmes_on_now_or_later_are_found_with_their_channel(find: Find, filler: Filler) -> None:
    provider = await filler.provider(OWNER, "one")
    other = await filler.provider(OTHERS[0], "other")
    news, film = await filler.put(
        provider, "channels", Row(title="News", guide_id="news"), Row(title="Film", guide_id="film")
    )
    await filler.put(other, "channels", Row(title="Others", guide_id="news"))
    await filler.guide(provider, "news", (NOW - 100, NOW - 50, "Metropolis"), (NOW - 50, NOW + 50, "Metro"))
    await filler.guide(provider, "film", (NOW - 9, NOW + 9, "Metropolis"), (NOW + 9, NOW + 90, "Metropolis"))
    await filler.guide(provider, "nobody's", (NOW, NOW + 9, "Metropolis"))
    await filler.guide(other, "news", (NOW, NOW + 9, "Metropolis"))

    answer = await find.found(OWNER, FindQuery(q="metro"))

    shown = [
        (each.channel.id, each.programme.title, int(each.programme.start.timestamp()) - NOW)
        for each in answer.programmes
    ]
    assert shown == [(news, "Metro", -50), (film, "Metropolis", -9)]
    assert (await find.found(OWNER, FindQuery(q="metro", kinds="movies"))).programmes == ()


async def test_programmes_are_found_by_words_inside_their_titles(find: Find, filler: Filler) -> None:
    provider = await filler.provider(OWNER, "one")
    other = await filler.provider(OTHERS[0], "other")
    await filler.put(provider, "channels", Row(title="Film", guide_id="film"))
    await filler.put(other, "channels", Row(title="Film", guide_id="film"))
    shown = ("The Great Escape", "Escape to Victory", "Great Expectations", "The Great Gatsby", "Scapegoat")
    await filler.guide(provider, "film", *((NOW + at, NOW + at + 1, title) for at, title in enumerate(shown)))
    await filler.guide(provider, "film", (NOW - 9, NOW - 1, "No Escape"))
    await filler.guide(other, "film", (NOW, NOW + 9, "Another Escape"))

    async def programmes(text: str) -> list[str]:
        answer = await find.found(OWNER, FindQuery(q=text))
        return [each.programme.title for each in answer.programmes]

    assert await programmes("escape") == ["Escape to Victory", "The Great Escape"]
    assert await programmes("escape great") == ["The Great Escape"]
    assert await programmes("great exp") == ["Great Expectations"]
    assert set(await programmes("the gre")) == {"The Great Escape", "The Great Gatsby"}
    assert await programmes("esc") == ["Escape to Victory", "The Great Escape"]
    assert await programmes("victory of") == []
