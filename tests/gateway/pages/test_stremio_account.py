"""The Stremio account on its pages: connected, looked at, changed and brought back, without JavaScript."""

import msgspec
import pytest

from libs.common.contracts.stremio_account import PlanState, PlanView, StremioBackup
from tests.gateway.pages.browser import Browser, Page
from tests.gateway.pages.inner import NOW, Inner
from tests.gateway.pages.stremio import LINES, connected, installed, refused

HERE = "/connections/stremio"
PLANS = f"{HERE}/plans"


async def _look(owner: Browser, action: str, *more: tuple[str, str]) -> Page:
    """Presses one of the buttons of the present page that show what a change would do."""
    assert owner.page is not None
    token = owner.page.forms[PLANS][0]
    return await owner.send(PLANS, [token, ("action", action), *more])


async def test_a_code_is_shown_with_its_link_until_it_is_confirmed(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/link")
    assert (page.status, page.path) == (200, HERE)
    assert "GYWV" in page.words
    assert "https://link.stremio.com/GYWV" in page.links
    assert "data:image/svg+xml" in page.html
    assert '<noscript><meta http-equiv="refresh"' in page.html
    assert page.headers["cache-control"] == "no-store"
    inner.stremio.view = connected()
    fragment = await owner.open(f"{HERE}/state")
    assert "Connected as anna@example.org" in fragment.words
    assert "<html" not in fragment.html


async def test_a_wrong_password_is_told_and_not_sent_back(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(HERE, email="anna@example.org", password="hush-hush")
    assert page.status == 422
    assert "the password is wrong" in page.words
    assert 'value="anna@example.org"' in page.html
    assert "hush-hush" not in page.html
    page = await owner.submit(HERE, email="anna@example.org", password="open sesame")
    assert "The password was not kept." in page.words
    assert inner.stremio.view.state == "connected"


async def test_what_is_installed_is_listed_with_what_can_be_done(owner: Browser, inner: Inner) -> None:
    shelf = inner.stremio
    shelf.view, shelf.addons = connected(), (installed("Cinemeta", official=True), installed("<b>One</b>"))
    page = await owner.open(HERE)
    assert "2 addons, in their order. 1 addon can be moved into Headgate." in page.words
    assert "&lt;b&gt;One&lt;/b&gt;" in page.html
    assert "Look at moving it" in page.words
    assert "Look at an update" not in page.words
    assert shelf.base.startswith("http://127.0.0.1")
    shelf.addons = (installed("Headgate", own=True),)
    page = await owner.open(HERE)
    assert "Nothing is left to move." in page.words
    assert "Look at an update" in page.words


async def test_a_stremio_that_is_away_leaves_the_page_usable(owner: Browser, inner: Inner) -> None:
    inner.stremio.view, inner.stremio.away = connected(), True
    page = await owner.open(HERE)
    assert page.status == 200
    assert "Stremio could not be asked: it answered 503." in page.words
    assert "Disconnect now" in page.words


async def test_an_end_that_is_noticed_by_asking_is_shown_at_once(owner: Browser, inner: Inner) -> None:
    inner.stremio.view, inner.stremio.has_signed_out = connected(), True
    page = await owner.open(HERE)
    assert "Connect again" in page.words
    assert "Connected as" not in page.words


async def test_a_change_is_shown_in_words_before_it_is_made(owner: Browser, inner: Inner) -> None:
    inner.stremio.view, inner.stremio.addons = connected(), (installed("One"),)
    await owner.open(HERE)
    page = await _look(owner, "move")
    assert page.path == f"{PLANS}/p1"
    assert "Comes to Stremio (1) Added: Headgate" in page.words
    assert "Leaves Stremio and goes on in Headgate (1) Taken over: <b>One</b>" in page.words
    assert "Stays at Stremio as it is (1) Kept: Cinemeta official protected It stays." in page.words
    assert "<b>One" not in page.html
    page = await owner.submit(f"{PLANS}/p1/apply")
    assert "Working on it" in page.words
    assert '<noscript><meta http-equiv="refresh"' in page.html
    fragment = await owner.open(f"{PLANS}/p1/state")
    assert "Being made" in fragment.words
    inner.stremio.plans["p1"] = msgspec.structs.replace(inner.stremio.plans["p1"], state="applied")
    assert (await owner.open(f"{PLANS}/p1/state")).status == 205


async def test_a_change_that_cant_be_made_says_why(owner: Browser, inner: Inner) -> None:
    inner.stremio.view, inner.stremio.addons = connected(), (installed("Headgate", own=True),)
    await owner.open(HERE)
    page = await _look(owner, "push")
    assert (page.status, "is like that already" in page.words) == (409, True)
    page = await _look(owner, "explode")
    assert page.status == 422


@pytest.mark.parametrize(
    ("state", "words", "name", "forms"),
    [
        ("applied", "Left in Stremio: One.", "Addons moved into Headgate", []),
        ("refused", "Left in Stremio: One.", "Move your addons into Headgate", []),
        ("interrupted", "Go on", "Move your addons into Headgate", [f"{PLANS}/p1/apply"]),
        ("undone", "This was made, and undone since.", "Addons moved into Headgate", []),
    ],
)
async def test_what_came_of_a_change(
    owner: Browser, inner: Inner, *, state: PlanState, words: str, name: str, forms: list[str]
) -> None:
    plan = PlanView(id="p1", action="move", state=state, lines=LINES, created_at=NOW, ended_at=NOW)
    inner.stremio.plans["p1"] = msgspec.structs.replace(plan, problem="Left in Stremio: One.")
    page = await owner.open(f"{PLANS}/p1")
    assert words in page.words
    assert [action for action in page.forms if action.startswith(PLANS)] == forms
    assert name in (await owner.open(HERE)).words


async def test_a_former_list_is_looked_at_before_it_is_brought_back(owner: Browser, inner: Inner) -> None:
    assert "Nothing has been changed yet." in (await owner.open(f"{HERE}/backups")).words
    inner.stremio.view = connected()
    inner.stremio.backups = (
        StremioBackup(id="b1", action="move", addons=5, made_at=NOW, restorable=True),
        StremioBackup(id="b2", action="move", addons=3, made_at=NOW, restorable=False),
    )
    page = await owner.open(f"{HERE}/backups")
    assert "of an account that is not connected now" in page.words
    page = await _look(owner, "restore", ("backup_id", "b1"))
    assert page.path == f"{PLANS}/p1"
    assert [(new.action, new.backup_id) for new in inner.stremio.asked] == [("restore", "b1")]


async def test_what_is_read_and_written_is_settled(owner: Browser, inner: Inner) -> None:
    inner.stremio.view = connected()
    token = (await owner.open(HERE)).forms[f"{HERE}/choices"][0]
    page = await owner.send(f"{HERE}/choices", [token, ("write_back", "1")])
    assert "Saved." in page.words
    choices = inner.stremio.view.choices
    assert (choices.poll, choices.write_back) == (False, True)


async def test_a_connection_that_ended_says_why_and_begins_anew(owner: Browser, inner: Inner) -> None:
    inner.stremio.view = refused()
    page = await owner.open(HERE)
    assert "Stremio has ended this sign-in." in page.words
    assert {f"{HERE}/link", HERE} <= set(page.forms)
    page = await owner.submit(f"{HERE}/disconnect")
    assert "Disconnected." in page.words


async def test_forms_from_elsewhere_change_nothing(owner: Browser, inner: Inner) -> None:
    inner.stremio.view = connected()
    await owner.open(HERE)
    for action in (HERE, f"{HERE}/link", f"{HERE}/disconnect", f"{HERE}/choices", PLANS):
        page = await owner.send(action, [("action", "move"), ("csrf_token", "forged")])
        assert page.status == 403
    assert inner.stremio.asked == []
    assert inner.stremio.view == connected()
