"""The key of TMDB on its page: entered, tested, removed, never shown; language and pictures beside it."""

from __future__ import annotations

import msgspec
import pytest

from libs.common.contracts.tmdb import ATTRIBUTION, CHECK_PATH, KEY_PATH, SETTINGS_PATH, TmdbChoice
from libs.common.errors import Unavailable
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.tmdb import KEY, in_state

HERE = "/settings/tmdb"
CHOSEN = {"language": "de-DE", "poster_size": "w780", "background_size": "original"}


async def test_without_a_key_there_is_one_thing_to_do(owner: Browser) -> None:
    page = await owner.open(HERE)
    assert page.status == 200
    assert "No key" in page.words
    assert "https://www.themoviedb.org/settings/api" in page.links
    assert f"{HERE}/check" not in page.forms
    assert "<details open" in page.html.replace('<details class="fold" open', "<details open")


async def test_tmdbs_words_and_logo_stand_on_the_page(owner: Browser) -> None:
    page = await owner.open(HERE)
    assert ATTRIBUTION in page.words
    assert 'alt="The Movie Database"' in page.html
    assert "https://www.themoviedb.org/" in page.links


async def test_a_key_is_saved_and_shown_by_its_ending(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/key", key=f" {KEY} ")
    assert (page.status, page.path) == (200, HERE)
    assert "TMDB takes the key. Titles are completed from now on." in page.words
    assert "••••cdef" in page.words
    assert KEY not in page.html


async def test_a_refused_key_comes_back_to_its_field_and_is_not_repeated(
    owner: Browser, inner: Inner
) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/key", key="f" * 32)
    assert page.status == 422
    assert "TMDB refuses this key." in page.words
    assert "f" * 32 not in page.html
    assert inner.tmdb.key is None


@pytest.mark.parametrize("typed", ["", "k" * 2001])
async def test_what_is_no_key_is_not_sent_on(owner: Browser, inner: Inner, typed: str) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/key", key=typed)
    assert page.status == 422
    assert "This is no key of TMDB." in page.words
    assert f"PUT {KEY_PATH}" not in inner.asked


async def test_with_tmdb_away_the_key_is_not_saved_and_the_page_says_why(
    owner: Browser, inner: Inner
) -> None:
    inner.failing[KEY_PATH] = Unavailable("TMDB can't be reached.")
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/key", key=KEY)
    assert page.status == 503
    assert "TMDB can't be reached." in page.words


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("works", "Works"),
        ("refused", "Key refused"),
        ("locked", "Key unreadable"),
        ("rate_held", "Held back"),
        ("away", "Can't be reached"),
    ],
)
async def test_every_state_is_said_plainly(owner: Browser, inner: Inner, state: str, words: str) -> None:
    inner.tmdb = in_state(state, "This is why.")
    page = await owner.open(HERE)
    assert words in page.words
    assert "This is why." in page.words


async def test_a_test_asks_tmdb_and_says_what_it_found(owner: Browser, inner: Inner) -> None:
    inner.tmdb = in_state("works")
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/check")
    assert f"POST {CHECK_PATH}" in inner.asked
    assert "TMDB takes the key." in page.words
    inner.tmdb = in_state("refused")
    page = await owner.submit(f"{HERE}/check")
    assert "the state says what TMDB does" in page.words


async def test_a_key_is_removed(owner: Browser, inner: Inner) -> None:
    inner.tmdb = in_state("works")
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/key/remove")
    assert "Removed. TMDB is not asked any more." in page.words
    assert inner.tmdb.key is None


async def test_language_and_sizes_are_chosen(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(HERE, **CHOSEN)
    assert "Saved. Titles are shown so from now on." in page.words
    assert inner.tmdb.choice == TmdbChoice(language="de-DE", poster_size="w780", background_size="original")
    assert '<option value="de-DE" selected>Deutsch</option>' in page.html


async def test_a_language_that_a_program_chose_stays_among_the_choices(owner: Browser, inner: Inner) -> None:
    inner.tmdb = msgspec.structs.replace(inner.tmdb, choice=TmdbChoice(language="eu-ES"))
    page = await owner.open(HERE)
    assert '<option value="eu-ES" selected>eu-ES</option>' in page.html


async def test_a_choice_that_is_none_is_refused(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(HERE, **{**CHOSEN, "language": "German"})
    assert page.status == 422
    assert "Choose one of the choices in the list." in page.words
    assert inner.tmdb.choice == TmdbChoice()


async def test_without_the_catalog_the_page_says_so(owner: Browser, inner: Inner) -> None:
    inner.failing[SETTINGS_PATH] = Unavailable("The catalog does not answer.")
    page = await owner.open(HERE)
    assert page.status == 503
    assert "The catalog does not answer." in page.words


async def test_a_form_of_another_site_changes_nothing(owner: Browser, inner: Inner) -> None:
    page = await owner.send(f"{HERE}/key", [("key", KEY)])
    assert page.status == 403
    assert inner.tmdb.key is None
