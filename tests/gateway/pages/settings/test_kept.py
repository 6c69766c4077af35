"""How much is kept of what was watched: shown, cleared by a typed word, made anew."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from libs.common.contracts.viewing import VIEWING
from libs.common.contracts.viewing_upkeep import SourceTold
from libs.common.errors import Conflict, Unavailable
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import NOW, Inner

HERE = "/settings/viewing/kept"


async def test_it_says_how_much_there_is_and_who_told_it(owner: Browser, inner: Inner) -> None:
    sources = (
        SourceTold(source="trakt", watched=20_000, watchlist=3, told_at=NOW - timedelta(minutes=5)),
        SourceTold(source="import:f1", watched=2, problem="The source says nothing of the 2 films."),
    )
    inner.viewing.kept = msgspec.structs.replace(
        inner.viewing.kept, watched_films=1234, size_bytes=3 * 1024**2, sources=sources
    )
    page = await owner.open(HERE)
    for words in (
        "1,234",
        "about 3 MB",
        "Trakt",
        "20,000 watched",
        "An imported file",
        "says nothing of the 2",
    ):
        assert words in page.words
    assert f"{HERE}/optimise" in page.forms


async def test_nothing_is_cleared_until_the_word_is_typed(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/clear", confirm="yes")
    assert (page.status, inner.viewing.sent) == (422, [])
    assert page.words.count("Type clear.") == 1
    page = await owner.submit(f"{HERE}/clear", confirm=" Clear ")
    assert (page.path, inner.viewing.sent) == (HERE, [("clear", "", {"confirm": "clear"})])
    assert "Nothing is kept of what was watched." in page.words


@pytest.mark.parametrize(("what", "words"), [("rebuild", "made anew"), ("optimise", "in order")])
async def test_it_is_made_anew_and_put_in_order(owner: Browser, inner: Inner, what: str, words: str) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/{what}")
    assert (page.path, inner.viewing.sent) == (HERE, [(what, "", {})])
    assert words in page.words


async def test_what_can_not_be_done_is_said(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    inner.failing[f"{VIEWING}/rebuild"] = Conflict("Trakt is being read already.")
    page = await owner.submit(f"{HERE}/rebuild")
    assert (page.status, "Trakt is being read already." in page.words) == (409, True)
    inner.failing[f"{VIEWING}/information"] = Unavailable("The viewing state is away.")
    assert (await owner.open(HERE)).status == 503


async def test_a_form_of_another_site_changes_nothing(owner: Browser, inner: Inner) -> None:
    assert (await owner.send(f"{HERE}/clear", [("confirm", "clear")])).status == 403
    assert inner.viewing.sent == []
