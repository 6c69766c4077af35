"""How ratings are shown: what the page offers, what it saves, and what it only shows."""

from __future__ import annotations

import pytest

from libs.common.contracts.ratings import PATH, RatingSettings
from libs.common.errors import Unavailable
from tests.gateway.pages.browser import Browser, Page
from tests.gateway.pages.inner import Inner

HERE = "/settings/ratings"


async def send(owner: Browser, *what: str, **typed: str) -> Page:
    page = await owner.open(HERE)
    fields = {"template": "★ {rating}", "place": "after", "separator": "dot", "minimum_votes": "", **typed}
    csrf = dict(page.forms[HERE])["csrf_token"]
    ticked = [("what", name) for name in what]
    return await owner.send(HERE, [("csrf_token", csrf), *ticked, *fields.items()])


async def test_it_shows_what_holds(owner: Browser, inner: Inner) -> None:
    inner.ratings = RatingSettings(episodes=False, name=True, template="({rating})", minimum_votes=20)
    page = await owner.open(HERE)
    assert [value for name, value in page.forms[HERE] if name == "what"] == ["rows", "titles", "name"]
    assert dict(page.forms[HERE])["template"] == "({rating})"
    assert dict(page.forms[HERE])["minimum_votes"] == "20"
    assert "The General · (8.1)" in page.words


async def test_wherever_ratings_may_stand_it_is_said_whose_they_are(owner: Browser, inner: Inner) -> None:
    words = "Information courtesy of IMDb (https://www.imdb.com). Used with permission."
    for path in ("/", "/title/movie/tt0017136", HERE):
        assert words in (await owner.open(path)).words


async def test_what_is_chosen_is_saved_and_players_are_answered_anew(owner: Browser, inner: Inner) -> None:
    page = await send(
        owner,
        "rows",
        "description",
        template="{rating} of {votes}",
        place="before",
        separator="line",
        minimum_votes=" 100 ",
        do="save",
    )
    assert (page.status, page.path) == (200, HERE)
    assert "Saved. Players are answered so from now on." in page.words
    assert inner.ratings == RatingSettings(
        titles=False,
        episodes=False,
        description=True,
        template="{rating} of {votes}",
        place="before",
        separator="\n",
        minimum_votes=100,
    )
    assert "8.1 of 97,412 An engineer follows" in page.words


async def test_a_preview_saves_nothing(owner: Browser, inner: Inner) -> None:
    page = await send(owner, "rows", "name", template="{rating}/10", separator="bar", do="preview")
    assert page.status == 200
    assert "The General | 8.1/10" in page.words
    assert inner.ratings == RatingSettings()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"template": "no place"}, "It has {rating} once"),
        ({"template": "{rating} {plot}"}, "It has {rating} once"),
        ({"template": "{rating}" + "x" * 40}, "It has {rating} once"),
        ({"minimum_votes": "many"}, "Give a whole number"),
        ({"minimum_votes": "99999999999"}, "Give a whole number"),
        ({"place": "within"}, "Choose one of the choices"),
    ],
)
async def test_what_makes_no_sense_comes_back_with_the_reason(
    owner: Browser, inner: Inner, typed: dict[str, str], words: str
) -> None:
    page = await send(owner, "titles", "name", **typed, do="save")
    assert page.status == 422
    assert words in page.words
    assert [value for name, value in page.forms[HERE] if name == "what"] == ["titles", "name"]
    assert inner.ratings == RatingSettings()


async def test_a_separator_that_a_program_chose_stays(owner: Browser, inner: Inner) -> None:
    inner.ratings = RatingSettings(separator=" <> ", name=True)
    page = await owner.open(HERE)
    assert "Yours: “ <> ”" in page.words
    assert "The General <> ★ 8.1" in page.words
    await send(owner, "rows", separator="kept", do="save")
    assert inner.ratings.separator == " <> "


async def test_markup_in_a_template_is_text(owner: Browser, inner: Inner) -> None:
    page = await send(owner, "name", template="<b>{rating}</b>", do="preview")
    assert "&lt;b&gt;8.1&lt;/b&gt;" in page.html
    assert "<b>8.1" not in page.html


async def test_members_choose_for_themselves_and_are_told_who_imports(member: Browser, inner: Inner) -> None:
    page = await member.open(HERE)
    assert "An administrator imports them." in page.words
    assert "/admin/ratings" not in page.links
    await send(member, do="save")
    assert not inner.ratings.rows


async def test_without_the_catalog_the_page_says_so(owner: Browser, inner: Inner) -> None:
    inner.failing[PATH] = Unavailable("The catalog does not answer.")
    page = await owner.open(HERE)
    assert page.status == 503
    assert "Traceback" not in page.html


async def test_a_form_of_another_site_changes_nothing(owner: Browser, inner: Inner) -> None:
    page = await owner.send(HERE, [("what", "name"), ("do", "save")])
    assert page.status == 403
    assert inner.ratings == RatingSettings()
