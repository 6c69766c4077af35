"""Connections on their pages: made, watched, settled and ended, without JavaScript."""

from libs.common.errors import Unavailable
from libs.protocols.trakt.app import REDIRECT_URI
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.connections import connected, refused
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.stremio import connected as account

HERE = "/connections/trakt"


async def test_every_kind_of_connection_has_a_card(owner: Browser, inner: Inner) -> None:
    page = await owner.open("/connections")
    assert {HERE, "/connections/stremio"} <= set(page.links)
    assert "Not connected" in page.words
    inner.trakt = refused(can_resume=False)
    page = await owner.open("/connections")
    assert "Trakt has locked this account." in page.words
    assert "/connections" in (await owner.open("/settings/account")).links


async def test_the_redirect_address_of_applications_is_the_one_that_a_renewal_names(owner: Browser) -> None:
    page = await owner.open(HERE)
    assert f"<code>{REDIRECT_URI}</code>" in page.html
    assert REDIRECT_URI.startswith("https://")
    assert "https://app.trakt.tv/settings/apps/api" in page.links


async def test_a_code_is_shown_with_its_address_until_it_was_entered(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(HERE, client_id="client-1", client_secret="")
    assert (page.status, page.path) == (200, HERE)
    assert "5055CC52" in page.words
    assert "https://trakt.tv/activate" in page.links
    assert "data:image/svg+xml" in page.html
    assert '<noscript><meta http-equiv="refresh"' in page.html
    assert f'data-refresh="{HERE}/state?of=waiting"' in page.html
    inner.trakt = connected()
    fragment = await owner.open(f"{HERE}/state?of=waiting")
    assert "Connected as Ada" in fragment.words
    assert "<html" not in fragment.html
    page = await owner.open(HERE)
    assert "http-equiv" not in page.html


async def test_a_page_that_was_made_for_another_state_leads_on(owner: Browser, inner: Inner) -> None:
    inner.trakt = connected()
    assert HERE in (await owner.open(f"{HERE}/state?of=waiting")).links
    assert HERE not in (await owner.open(f"{HERE}/state?of=connected")).links
    inner.trakt = refused(can_resume=False)
    assert "Connect again" in (await owner.open(f"{HERE}/state?of=connected")).words
    inner.stremio.view = account()
    fragment = await owner.open("/connections/stremio/state?of=waiting")
    assert "Go on to its addons" in fragment.words
    assert "/connections/stremio" in fragment.links
    assert "Go on" not in (await owner.open("/connections/stremio")).words


async def test_a_client_id_that_is_not_taken_comes_back_and_the_secret_does_not(owner: Browser) -> None:
    await owner.open(HERE)
    page = await owner.submit(HERE, client_id="wrong", client_secret="hush-hush")
    assert page.status == 422
    assert page.words.count("Trakt does not take it.") == 1
    assert "one that Trakt knows" not in page.words
    assert "autofocus" in page.html
    assert 'value="wrong"' in page.html
    assert "hush-hush" not in page.html
    page = await owner.submit(HERE, client_id="with blanks in it", client_secret="")
    assert (page.status, "letters and digits without blanks" in page.words) == (422, True)
    page = await owner.submit(HERE, client_id="away", client_secret="")
    assert (page.status, "Trakt can't be reached" in page.words) == (502, True)


async def test_what_goes_between_is_settled(owner: Browser, inner: Inner) -> None:
    inner.trakt = connected()
    token = (await owner.open(HERE)).forms[f"{HERE}/choices"][0]
    ticked = [("every_s", "900"), ("enabled", "1"), ("write_history", "1")]
    page = await owner.send(f"{HERE}/choices", [token, *ticked])
    assert "Saved." in page.words
    choices = inner.trakt.choices
    assert (choices.enabled, choices.every_s, choices.scrobble) == (True, 900, False)
    assert (choices.write_history, choices.write_watchlist) == (True, False)
    assert '<option value="900" selected>' in page.html
    page = await owner.submit(f"{HERE}/choices", every_s="5")
    assert page.status == 422


async def test_reading_now_is_followed_and_cancelled(owner: Browser, inner: Inner) -> None:
    inner.trakt = connected()
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/sync")
    assert "Trakt is being read." in page.words
    assert "Films that were watched" in page.words
    page = await owner.submit(f"{HERE}/cancel")
    assert "Cancelled." in page.words


async def test_what_was_refused_may_be_tried_again_or_begun_anew(owner: Browser, inner: Inner) -> None:
    inner.trakt = refused(can_resume=True)
    page = await owner.open(HERE)
    assert "Trakt has locked this account." in page.words
    assert "Try again" in page.words
    await owner.submit(f"{HERE}/sync")
    assert inner.trakt.state == "connected"
    inner.trakt = refused(can_resume=False)
    page = await owner.open(HERE)
    assert "Try again" not in page.words
    assert "Get a new code" in page.words


async def test_disconnecting_leaves_nothing(owner: Browser, inner: Inner) -> None:
    inner.trakt = connected()
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/disconnect")
    assert "Disconnected." in page.words
    assert inner.trakt.state == "none"


async def test_the_pages_say_so_while_sync_is_away(owner: Browser, inner: Inner) -> None:
    inner.failing["/api/v1/connections/trakt"] = Unavailable("The sync service can't be reached.")
    page = await owner.open(HERE)
    assert page.status == 503


async def test_a_form_of_another_site_changes_nothing(owner: Browser, inner: Inner) -> None:
    inner.trakt = connected()
    for path in ("", "/choices", "/sync", "/cancel", "/disconnect"):
        page = await owner.send(HERE + path, [("csrf_token", "forged")])
        assert page.status == 403
    assert inner.trakt == connected()
