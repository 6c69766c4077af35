"""All accounts at providers on one page, and adding one."""

from __future__ import annotations

import pytest

from libs.common.contracts.library import ItemTotals, LibraryStats, NewM3uAccount, NewXtreamAccount
from libs.common.errors import Conflict, Unavailable
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.library.shelves import Shelves, job, provider

HERE = "/accounts"
TYPED = {"url": "http://panel.example.org:8080", "username": "anna", "password": "secret"}


async def test_without_any_there_is_one_thing_to_do(owner: Browser) -> None:
    page = await owner.open(HERE)
    assert "No account yet" in page.words
    assert f"{HERE}/xtream" in page.forms
    assert f"{HERE}/m3u" in page.forms


async def test_an_xtream_account_is_added_and_its_first_sync_begins(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/xtream", **TYPED, first="now")
    assert (page.status, page.path) == (200, f"{HERE}/p1")
    assert "Added. Its first sync has begun." in page.words
    expected = NewXtreamAccount(**TYPED, sync=True)
    assert inner.library.added == [expected]
    assert [(new.kind, new.account_id) for new in inner.library.started] == [("xtream", "p1")]


async def test_with_sync_away_the_account_is_added_all_the_same(owner: Browser, inner: Inner) -> None:
    inner.failing["/api/v1/sync/jobs"] = Unavailable("The sync service can't be reached.")
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/xtream", **TYPED, first="now")
    assert page.path == f"{HERE}/p1"
    assert len(inner.library.added) == 1


@pytest.mark.parametrize("first", ["later", "skip"])
async def test_the_first_sync_can_wait(owner: Browser, inner: Inner, first: str) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/xtream", **TYPED, first=first)
    assert not inner.library.added[0].sync
    assert "Start its first sync whenever it suits you." in page.words
    assert ("p1" in inner.library.settings) == (first == "skip")
    assert f"{HERE}/p1/sync" in page.forms


async def test_with_sync_away_a_first_sync_is_skipped_all_the_same(owner: Browser, inner: Inner) -> None:
    inner.failing["/api/v1/sync/settings/p1"] = Unavailable("The sync service can't be reached.")
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/xtream", **TYPED, first="skip")
    assert page.path == f"{HERE}/p1"


async def test_a_list_is_added_with_its_guide(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    await owner.submit(
        f"{HERE}/m3u",
        url="https://lists.example/tv.m3u",
        guide_url="https://lists.example/guide.xml",
        name="House",
        first="now",
    )
    assert inner.library.added == [
        NewM3uAccount(
            url="https://lists.example/tv.m3u", guide_url="https://lists.example/guide.xml", name="House"
        )
    ]


async def test_a_refused_account_keeps_what_was_typed_but_its_password(owner: Browser) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/xtream", **{**TYPED, "url": "nowhere"}, first="later")
    assert page.status == 422
    assert "This is no address of a panel." in page.words
    assert 'value="nowhere"' in page.html
    assert 'value="anna"' in page.html
    assert "secret" not in page.html
    assert 'value="later" checked' in page.html


async def test_one_that_is_here_already_is_told_below_its_address(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    inner.failing["/api/v1/xtream-accounts"] = Conflict("This account is here already.")
    page = await owner.submit(f"{HERE}/xtream", **TYPED, first="now")
    assert page.status == 409


async def test_an_empty_address_is_asked_for(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/xtream", url=" ", first="now")
    assert page.status == 422
    assert "Paste the address that your provider gave you." in page.words
    assert inner.library.added == []


async def test_an_account_shows_its_state_at_a_glance(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open(HERE)
    for words in (
        "Evening TV",
        "Active",
        "2 channels, 3 films, 1 series",
        "synced 2 hours ago",
        "in 90 days",
    ):
        assert words in page.words
    assert f"{HERE}/p1" in page.links


async def test_a_provider_that_is_down_says_what_happened_and_what_to_do(
    owner: Browser, shelves: Shelves
) -> None:
    problem = "The provider did not answer. Ask it whether it is down, or check the address."
    shelves.providers = [provider(status="unreachable", problem=problem, is_outdated=True)]
    page = await owner.open(HERE)
    assert problem in page.words
    assert "May be outdated" in page.words
    assert "Can't be reached" in page.words


async def test_one_never_synced_is_offered_its_first_sync(owner: Browser, shelves: Shelves) -> None:
    shelves.providers = [provider(synced_at=None, totals=ItemTotals())]
    page = await owner.open(HERE)
    assert "Start the first sync" in page.words
    assert "never synced" in page.words


async def test_what_runs_is_shown_and_asked_for_again(owner: Browser, shelves: Shelves) -> None:
    shelves.jobs = [job("running")]
    page = await owner.open(HERE)
    assert 'data-refresh="/accounts/parts"' in page.html
    assert '<noscript><meta http-equiv="refresh"' in page.html
    assert '<progress max="100" value="40"' in page.html
    assert "Channels 20,000" in page.words
    page = await owner.open(f"{HERE}/parts")
    assert "<main" not in page.html
    assert "Follow it" in page.words


async def test_sync_being_away_costs_the_page_its_runs_alone(
    owner: Browser, inner: Inner, shelves: Shelves
) -> None:
    inner.failing["/api/v1/sync/jobs"] = Unavailable("The sync service can't be reached.")
    page = await owner.open(HERE)
    assert page.status == 200
    assert "Evening TV" in page.words


async def test_figures_of_the_library_stand_below(owner: Browser, shelves: Shelves) -> None:
    totals = ItemTotals(channels=20_000, movies=150_000)
    shelves.stats = LibraryStats(totals=totals, matched=90_000, doubtful=12, size_bytes=300_000_000)
    page = await owner.open(HERE)
    for words in ("Channels 20,000", "Films 150,000", "Known titles 90,000", "Doubtful 12", "300 MB"):
        assert words in page.words


async def test_an_administrator_tidies_the_database(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/vacuum")
    assert "Tidied." in page.words
    assert shelves.tidied == 1


async def test_a_member_is_not_offered_that(member: Browser, shelves: Shelves) -> None:
    page = await member.open(HERE)
    assert f"{HERE}/vacuum" not in page.forms
    token = dict(page.forms[f"{HERE}/p1/check"])["csrf_token"]
    page = await member.send(f"{HERE}/vacuum", [("csrf_token", token)])
    assert page.status == 403
    assert shelves.tidied == 0


async def test_a_form_of_another_site_adds_nothing(owner: Browser, inner: Inner) -> None:
    page = await owner.send(f"{HERE}/xtream", list(TYPED.items()))
    assert page.status == 403
    assert inner.library.added == []
