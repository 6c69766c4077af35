"""When an account is synced by itself, as its page lets one choose."""

from __future__ import annotations

import msgspec

from libs.common.contracts.sync import QuietHours, SyncSettings
from libs.common.errors import Unavailable
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.library.shelves import Shelves, provider

HERE = "/accounts/p1"
SAVE = f"{HERE}/settings"


async def test_what_holds_is_shown(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open(HERE)
    assert "The next one begins in 8 hours at the earliest." in page.words
    assert '<option value="24" selected>Day</option>' in page.html


async def test_everything_may_be_chosen(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    chosen = {
        "automatic": "yes",
        "every_h": "6",
        "quiet_start": "23:00",
        "quiet_end": "07:00",
        "quiet_zone": "Europe/Berlin",
        "only_unmetered": "yes",
        "webhook": "https://hooks.example/secret",
    }
    token = dict((await owner.open(HERE)).forms[SAVE])["csrf_token"]
    page = await owner.send(SAVE, [("csrf_token", token), *chosen.items()])
    assert "Saved. The next sync keeps to it." in page.words
    assert shelves.settings["p1"] == SyncSettings(
        every_h=6,
        quiet=QuietHours(start="23:00", end="07:00", zone="Europe/Berlin"),
        only_unmetered=True,
        notify=False,
        webhook="https://hooks.example/secret",
    )
    assert "It goes to hooks.example." in page.words
    assert "secret" not in page.html


async def test_a_webhook_left_empty_stays_and_can_be_removed(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    await owner.submit(SAVE, every_h="12")
    assert shelves.settings["p1"].webhook is msgspec.UNSET
    await owner.submit(SAVE, every_h="12", no_webhook="yes")
    assert shelves.settings["p1"].webhook is None


async def test_half_of_the_quiet_hours_is_asked_for(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    page = await owner.submit(SAVE, every_h="12", quiet_start="23:00")
    assert page.status == 422
    assert "Give both hours, as 23:00 and 07:00." in page.words
    assert shelves.settings == {}


async def test_a_refused_webhook_is_told(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    page = await owner.submit(SAVE, every_h="12", webhook="ftp://hooks.example")
    assert page.status == 422
    assert "This is no address to post to." in page.words


async def test_defaults_are_restored(owner: Browser, shelves: Shelves) -> None:
    shelves.settings["p1"] = SyncSettings(automatic=False)
    page = await owner.open(HERE)
    assert "Nothing is fetched until you start it." in page.words
    page = await owner.send(f"{HERE}/defaults", page.forms[SAVE])
    assert "As it was at first." in page.words
    assert shelves.settings == {}


async def test_a_first_sync_is_skipped_and_the_rest_stays_as_chosen(owner: Browser, shelves: Shelves) -> None:
    shelves.providers = [provider(synced_at=None)]
    shelves.settings["p1"] = SyncSettings(every_h=6)
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/skip")
    assert "Nothing is fetched until you start it." in page.words
    assert shelves.settings["p1"] == SyncSettings(automatic=False, every_h=6)
    assert f"{HERE}/skip" not in page.forms


async def test_without_sync_the_page_comes_without_them(
    owner: Browser, inner: Inner, shelves: Shelves
) -> None:
    inner.failing["/api/v1/sync/settings/p1"] = Unavailable("Sync is away.")
    page = await owner.open(HERE)
    assert page.status == 200
    assert SAVE not in page.forms
