"""What rows show of what was watched: what the page offers, and what it saves."""

from __future__ import annotations

from libs.common.contracts.rows import OWN_VIEWING
from libs.common.contracts.viewing_settings import PATH, ViewingSettings
from libs.common.errors import Unavailable
from tests.gateway.pages.browser import Browser, Page
from tests.gateway.pages.inner import Inner

HERE = "/settings/viewing"


async def send(owner: Browser, *what: str) -> Page:
    csrf = dict((await owner.open(HERE)).forms[HERE])["csrf_token"]
    return await owner.send(HERE, [("csrf_token", csrf), *(("what", name) for name in what)])


async def test_nothing_is_chosen_at_first(owner: Browser) -> None:
    page = await owner.open(HERE)
    assert [name for name, _ in page.forms[HERE]] == ["csrf_token"]


async def test_it_shows_what_holds(owner: Browser, inner: Inner) -> None:
    inner.viewing_choices = ViewingSettings(hide_watched=True, release_info=True)
    page = await owner.open(HERE)
    chosen = [value for name, value in page.forms[HERE] if name == "what"]
    assert chosen == ["hide_watched", "release_info"]


async def test_what_is_chosen_is_saved_and_taken_back(owner: Browser, inner: Inner) -> None:
    page = await send(owner, "hide_watched", "description")
    assert (page.status, page.path) == (200, HERE)
    assert "Saved. Players are answered so from now on." in page.words
    assert inner.viewing_choices == ViewingSettings(hide_watched=True, description=True)
    await send(owner)
    assert inner.viewing_choices == ViewingSettings()


async def test_what_one_watches_is_had_as_rows_and_given_back(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/rows")
    assert (page.status, page.path) == (200, HERE)
    assert OWN_VIEWING in [addon.address for addon in inner.addons]
    assert "Take them out of players" in page.words
    page = await owner.submit(f"{HERE}/rows")
    assert OWN_VIEWING not in [addon.address for addon in inner.addons]
    assert "Show them in players" in page.words


async def test_without_the_catalog_the_page_says_so(owner: Browser, inner: Inner) -> None:
    inner.failing[PATH] = Unavailable("The catalog does not answer.")
    page = await owner.open(HERE)
    assert page.status == 503
    assert "The catalog does not answer." in page.words


async def test_a_form_of_another_site_changes_nothing(owner: Browser, inner: Inner) -> None:
    assert (await owner.send(HERE, [("what", "hide_watched")])).status == 403
    assert inner.viewing_choices == ViewingSettings()
