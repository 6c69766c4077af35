"""One account at a provider: its syncs, what they changed, its settings and its end."""

from __future__ import annotations

from libs.common.contracts.library import (
    ChangeList,
    ChangeView,
    ItemTotals,
    M3uAccountPatch,
    XtreamAccountPatch,
)
from libs.common.errors import Unavailable
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.library.shelves import Shelves, job, provider

HERE = "/accounts/p1"


async def test_a_sync_is_started_followed_and_cancelled(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/sync")
    assert "The sync has begun." in page.words
    assert [(new.kind, new.mode, new.account_id) for new in shelves.started] == [
        ("xtream", "incremental", "p1")
    ]
    assert 'data-follow="/api/v1/sync/jobs/run-incremental/events"' in page.html
    assert 'data-parts="/accounts/p1/parts"' in page.html
    assert '<noscript><meta http-equiv="refresh"' in page.html
    page = await owner.submit(f"{HERE}/cancel")
    assert "Cancelled." in page.words
    assert shelves.jobs[0].state == "cancelled"


async def test_progress_runs_through_the_phases(owner: Browser, shelves: Shelves) -> None:
    counts = {"categories": {"seen": 120}, "channels": {"seen": 20_000}, "movies": {"seen": 9_000}}
    shelves.jobs = [job("running", counts=counts, progress=50)]
    page = await owner.open(f"{HERE}/parts")
    assert "Syncing Films 50 % about 3 minutes left" in page.words
    assert "Categories 120 Channels 20,000 Films 9,000 Series –" in page.words
    assert "<main" not in page.html


async def test_how_far_details_are_is_told_while_they_are_asked_for(owner: Browser, shelves: Shelves) -> None:
    counts = {"details": {"seen": 40_000, "changed": 120}}
    shelves.jobs = [job(), job("running", id="d", kind="details", counts=counts)]
    assert "details 120 of 40,000" in (await owner.open(HERE)).words
    shelves.jobs = [job(), job("failed", id="d", kind="details", counts=counts)]
    assert "40,000" not in (await owner.open(HERE)).words


async def test_one_that_waits_to_be_tried_again_says_why_and_no_phase(
    owner: Browser, shelves: Shelves
) -> None:
    shelves.jobs = [job("queued", phase="finish", progress=0, error="The panel can't be reached.")]
    page = await owner.open(f"{HERE}/parts")
    assert "0 % The panel can't be reached." in page.words
    assert "Trying again soon" in page.words
    assert "Finishing" not in page.words


async def test_one_never_synced_is_offered_its_first_sync(owner: Browser, shelves: Shelves) -> None:
    shelves.providers = [provider(synced_at=None, totals=ItemTotals())]
    page = await owner.open(HERE)
    assert "The first sync" in page.words
    assert f"{HERE}/sync" in page.forms


async def test_what_the_last_sync_changed_is_listed(owner: Browser, shelves: Shelves) -> None:
    shelves.changes = ChangeList(
        items=(
            ChangeView(kind="movies", what="added", name="Nosferatu", id="hg:12"),
            ChangeView(kind="channels", what="removed", name="Third Three", id=None),
        )
    )
    page = await owner.open(HERE)
    assert "New: 1" in page.words
    assert "/library/movies/hg:12" in page.links
    assert "Gone: 1 Third Three channel" in page.words


async def test_runs_so_far_say_how_they_ended(owner: Browser, shelves: Shelves) -> None:
    counts = {"movies": {"seen": 150_000, "added": 20, "removed": 3, "remarks": {"unnamed": 2}}}
    shelves.jobs = [job("failed", id="b", error="The list broke off."), job(counts=counts)]
    page = await owner.open(HERE)
    assert "The last sync failed: The list broke off. What was here before is still here." in page.words
    assert "Films 150,000, 20 new, 3 gone, 2 without a name" in page.words
    assert "took 2 minutes" in page.words


async def test_it_is_asked_now(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/check")
    assert "It answers, and the account is good." in page.words
    shelves.providers = [provider(status="expired", problem="It ended yesterday. Renew it there.")]
    page = await owner.submit(f"{HERE}/check")
    assert "the state says what the provider answers" in page.words
    assert "It ended yesterday. Renew it there." in page.words


async def test_what_is_left_empty_is_not_changed(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/edit", name="Late TV", play="redirect")
    assert "Saved." in page.words
    assert "Late TV" in page.words
    assert shelves.patched == [XtreamAccountPatch(name="Late TV", play="redirect")]
    page = await owner.submit(f"{HERE}/edit", name="Late TV", play="proxy", password="new")
    assert shelves.patched[1] == XtreamAccountPatch(password="new")
    assert '"new"' not in page.html


async def test_a_list_gets_another_address_and_no_guide(owner: Browser, shelves: Shelves) -> None:
    shelves.providers = [provider(kind="m3u")]
    await owner.open(HERE)
    url = "https://lists.example/new.m3u"
    page = await owner.submit(f"{HERE}/edit", url=url, no_guide_url="yes", user_agent="VLC/3")
    assert "Saved." in page.words
    assert shelves.patched == [M3uAccountPatch(url=url, guide_url="", user_agent="VLC/3")]


async def test_of_many_changes_the_first_are_told(owner: Browser, shelves: Shelves) -> None:
    change = ChangeView(kind="movies", what="added", name="Nosferatu", id="hg:12")
    shelves.changes = ChangeList(items=(change,) * 200)
    assert "New: 200 and more" in (await owner.open(HERE)).words


async def test_refused_credentials_are_told_beside_their_field(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/edit", name="Late TV", password="wrong")
    assert page.status == 422
    assert "The provider refuses it." in page.words
    assert shelves.patched == []


async def test_rebuilding_fetches_all_of_it(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    await owner.submit(f"{HERE}/rebuild")
    assert [new.mode for new in shelves.started] == ["full"]


async def test_clearing_wants_the_name(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/clear", confirm="evening")
    assert page.status == 422
    assert "This is not its name." in page.words
    page = await owner.submit(f"{HERE}/clear", confirm="Evening TV")
    assert "Cleared." in page.words
    assert shelves.cleared == ["p1"]


async def test_removing_says_what_goes_and_leads_to_the_others(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open(HERE)
    assert "with its 2 channels, 3 films, 1 series" in page.words
    page = await owner.submit(f"{HERE}/remove")
    assert page.path == "/accounts"
    assert shelves.providers == []


async def test_another_profiles_account_is_nowhere(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open("/accounts/p9")
    assert page.status == 404
    token = dict((await owner.open(HERE)).forms[f"{HERE}/sync"])["csrf_token"]
    page = await owner.send("/accounts/p9/sync", [("csrf_token", token)])
    assert page.status == 404
    assert shelves.started == []


async def test_changes_that_can_not_be_asked_for_are_left_out(
    owner: Browser, inner: Inner, shelves: Shelves
) -> None:
    inner.failing["/api/v1/library/accounts/p1/changes"] = Unavailable("Away.")
    page = await owner.open(HERE)
    assert page.status == 200
