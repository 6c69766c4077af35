"""A title in several addons: where else it is, why, and what its owner says about it."""

from __future__ import annotations

import pytest

from libs.common.contracts.titles import FoundEntry, FoundTitle, TitleWhy, WhyFact, WhyLink
from libs.common.errors import UpstreamFailed, UpstreamTimedOut
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner

HERE = "/title/movie/tt0017136"
ASKED = f"{HERE}?q=metropolis"
SAME = f"{HERE}/same"
WHY = "/api/v1/search/why"


def found(id_: str, addon_name: str, name: str = "Metropolis", *, shown: bool = False) -> FoundEntry:
    return FoundEntry(
        type="movie",
        id=id_,
        name=name,
        addon_id=addon_name.lower(),
        addon_name=addon_name,
        row_id="row",
        shown=shown,
    )


def link(one: str, other: str, rule: str, *, same: bool, detail: str = "Because.") -> WhyLink:
    year = WhyFact(what="year", one="1927", other="1928", says="near")
    return WhyLink(one=one, other=other, same=same, rule=rule, detail=detail, score=0.9, facts=(year,))


ENTRIES = (
    found("tt0017136", "Demo", shown=True),
    found("tt0017136", "Shelf"),
    found("own:7", "Attic", "Metropolis (1927)"),
)


@pytest.fixture
def put_together(inner: Inner) -> Inner:
    inner.together = (FoundTitle(title_id="tt0017136", type="movie", entries=ENTRIES),)
    inner.why = TitleWhy(
        title_id="tt0017136",
        type="movie",
        entries=ENTRIES,
        together=(link("tt0017136", "own:7", "name", same=True, detail="They have the same name."),),
        apart=(link("tt0017136", "own:9", "other_year", same=False, detail="One was made again."),),
    )
    return inner


async def test_search_says_where_else_a_title_is(owner: Browser, put_together: Inner) -> None:
    page = await owner.open("/search?q=metropolis")
    assert "Also in Shelf, Attic." in page.words
    assert f"{ASKED}#together" in page.links


async def test_a_title_found_once_is_in_nothing_else(owner: Browser, inner: Inner) -> None:
    page = await owner.open("/search?q=metropolis")
    assert "Also in" not in page.words
    assert ASKED in page.links


async def test_who_comes_from_a_search_reads_what_was_put_together_and_why(
    owner: Browser, put_together: Inner
) -> None:
    page = await owner.open(ASKED)
    assert "Demo, Shelf have it under one id." in page.words
    assert "Metropolis (1927) They have the same name." in page.words
    assert "Year 1927 and 1928: near" in page.words
    assert "Looks like it, and is something else" in page.words
    assert "One was made again." in page.words
    assert 'value="metropolis"' in page.html


async def test_nobody_is_asked_until_somebody_wants_to_know(owner: Browser, inner: Inner) -> None:
    page = await owner.open(HERE)
    assert f"{HERE}?q=Metropolis#together" in page.links
    assert not any("/api/v1/search" in call for call in inner.asked)


async def test_what_was_put_together_is_taken_apart(owner: Browser, put_together: Inner) -> None:
    page = await owner.open(ASKED)
    fields = [("csrf_token", _token(page.forms[SAME])), ("q", "metropolis")]
    page = await owner.send(SAME, [*fields, ("other", "own:7"), ("say", "apart")])
    assert (page.path, "They are two titles now" in page.words) == (HERE, True)
    assert put_together.said == {("movie", "tt0017136", "own:7"): False}


async def test_what_was_kept_apart_is_put_together(owner: Browser, put_together: Inner) -> None:
    page = await owner.open(ASKED)
    fields = [("csrf_token", _token(page.forms[SAME])), ("q", "metropolis")]
    page = await owner.send(SAME, [*fields, ("other", "own:9"), ("say", "same")])
    assert "They are one title now" in page.words
    assert put_together.said == {("movie", "tt0017136", "own:9"): True}


async def test_what_was_said_is_taken_back_for_the_pair_it_was_said_of(
    owner: Browser, put_together: Inner
) -> None:
    """It may have been said on the page of another entry of the title."""
    chosen = link("own:7", "own:9", "chosen", same=False, detail="You said so.")
    put_together.said[("movie", "own:7", "own:9")] = False
    assert put_together.why is not None
    put_together.why = TitleWhy(
        title_id="tt0017136",
        type="movie",
        entries=ENTRIES,
        together=put_together.why.together,
        apart=(*put_together.why.apart, chosen),
    )
    page = await owner.open(ASKED)
    assert "You said so." in page.words
    assert "One was made again." not in page.words
    pairs = [pair for pair in page.forms[SAME] if pair[0] in ("one", "other", "say")]
    assert pairs[3:6] == [("one", "own:7"), ("other", "own:9"), ("say", "undo")]
    fields = [("csrf_token", _token(page.forms[SAME])), ("q", "metropolis")]
    page = await owner.send(SAME, [*fields, *pairs[3:6]])
    assert "Forgotten" in page.words
    assert put_together.said == {}


async def test_other_finds_can_be_said_to_be_the_same(owner: Browser, put_together: Inner) -> None:
    page = await owner.open(f"{HERE}?q=the")
    assert '<option value="tt0010323">The Cabinet of Dr. Caligari (1920)' in page.html
    assert '<option value="tt0017136">' not in page.html


async def test_a_search_that_does_not_find_it_says_so(owner: Browser) -> None:
    page = await owner.open(ASKED)
    assert page.status == 200
    assert "A search for “metropolis” does not find this title." in page.words


async def test_late_and_failed_addons_leave_the_title(owner: Browser, inner: Inner) -> None:
    inner.failing[WHY] = UpstreamTimedOut("late")
    page = await owner.open(ASKED)
    assert "still being asked" in page.words
    assert f"{ASKED}&wait=1#together" in page.links
    inner.failing[WHY] = UpstreamFailed("Nobody answered.")
    page = await owner.open(ASKED)
    assert (page.status, "Nobody answered." in page.words) == (200, True)
    assert "2h 33m" in page.words


async def test_nonsense_is_refused_in_words(owner: Browser, put_together: Inner) -> None:
    token = _token((await owner.open(ASKED)).forms[SAME])
    for fields in ([("say", "same")], [("say", "perhaps"), ("other", "own:7")]):
        assert (await owner.send(SAME, [("csrf_token", token), *fields])).status == 422
    undone = [("csrf_token", token), ("say", "undo"), ("other", "own:7")]
    assert (await owner.send(SAME, undone)).status == 404
    assert (await owner.send(SAME, [("say", "same"), ("other", "own:7")])).status == 403
    assert put_together.said == {}


def _token(fields: list[tuple[str, str]]) -> str:
    return next(value for name, value in fields if name == "csrf_token")
