"""What is doubtful about titles, settled by whoever knows."""

from __future__ import annotations

import pytest

from libs.common.contracts.library import Candidate, MatchChoice
from libs.common.errors import Unavailable
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.library.shelves import Shelves, doubtful

HERE = "/library/matching"
CHOOSE = f"{HERE}/hg:11/choose"


@pytest.fixture(autouse=True)
def _doubts(shelves: Shelves) -> None:
    candidates = (
        Candidate(imdb_id="tt0017136", name="Metropolis", year=1927, score=71, why="same name"),
        Candidate(imdb_id="tt0293416", name="Metropolis", year=2001, score=64, why="same name, other year"),
    )
    shelves.matches = [doubtful(shelves.items[2], *candidates)]


async def test_candidates_stand_with_their_reasons(owner: Browser) -> None:
    page = await owner.open(HERE)
    assert "DE| Metropolis (1927) [4K]" in page.words
    assert "the year differs by one" in page.words
    assert "64 of 100, same name, other year" in page.words
    assert "/title/movie/tt0293416" in page.links


async def test_one_is_chosen_for_every_row_so_named(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    page = await owner.submit(CHOOSE, imdb_id="tt0017136")
    assert "Settled. Later syncs keep to it." in page.words
    assert shelves.chosen == {"hg:11": MatchChoice(imdb_id="tt0017136")}
    assert "Nothing is doubtful" in page.words


async def test_one_is_chosen_for_this_row_alone(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    await owner.submit(CHOOSE, imdb_id="tt0017136", only_this="yes")
    assert shelves.chosen == {"hg:11": MatchChoice(imdb_id="tt0017136", only_this=True)}


async def test_none_of_them_is_a_choice_and_can_be_taken_back(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open(HERE)
    fields = page.forms[CHOOSE]
    page = await owner.send(f"{HERE}/hg:11/none", fields)
    assert "none of the known titles" in page.words
    assert shelves.chosen == {"hg:11": MatchChoice(imdb_id=None)}
    page = await owner.open(f"{HERE}?state=chosen")
    page = await owner.submit(f"{HERE}/hg:11/undo")
    assert "Headgate decides about it again." in page.words
    assert shelves.chosen == {}


async def test_what_is_no_id_is_told_beside_it(owner: Browser) -> None:
    await owner.open(HERE)
    page = await owner.submit(CHOOSE, imdb_id="the one with the robot")
    assert page.status == 422
    assert "An id of IMDb begins with tt" in page.words


async def test_a_failure_stands_beside_the_entry(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    inner.failing["/api/v1/library/matches/hg:11"] = Unavailable("The catalog is away.")
    page = await owner.submit(CHOOSE, imdb_id="tt0017136")
    assert page.status == 503
    assert "The catalog is away." in page.words


async def test_pages_go_on_within_what_is_shown(owner: Browser, shelves: Shelves) -> None:
    shelves.next_cursor = "next"
    page = await owner.open(f"{HERE}?state=doubtful&kind=movies")
    assert f"{HERE}?state=doubtful&kind=movies&cursor=next" in page.links


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("unmatched", "Nothing is unmatched"),
        ("chosen", "You decided nothing so far"),
        ("matched", "Nothing was matched yet"),
        ("nonsense", "candidate"),
    ],
)
async def test_every_state_says_what_it_is_without_any(owner: Browser, state: str, words: str) -> None:
    page = await owner.open(f"{HERE}?state={state}")
    assert words in (page.words if state != "nonsense" else page.html)
