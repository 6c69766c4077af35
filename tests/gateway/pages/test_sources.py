"""Addons on their page: state, and every change."""

from libs.common.contracts.catalog import AddonState
from libs.common.errors import UpstreamFailed
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner, addon, row


async def test_an_addon_shows_its_state_in_words(owner: Browser, inner: Inner) -> None:
    failing = AddonState(status="failing", error="Its server refuses connections.", calls=20, failures=20)
    inner.addons.append(addon("dead", "House media", state=failing))
    page = await owner.open("/sources")
    assert "Answering" in page.words
    assert "answers in 82 ms" in page.words
    assert "Failing" in page.words
    assert "Its server refuses connections." in page.words


async def test_an_added_addon_is_there_with_a_message(owner: Browser, inner: Inner) -> None:
    await owner.open("/sources")
    page = await owner.submit("/sources", url="https://more.example.org/manifest.json")
    assert (page.status, page.path) == (200, "/sources")
    assert "Added." in page.words
    assert [item.name for item in inner.addons] == ["Public domain films", "more.example.org"]


async def test_a_refused_address_comes_back_with_the_reason(owner: Browser) -> None:
    await owner.open("/sources")
    page = await owner.submit("/sources", url="nonsense")
    assert page.status == 422
    assert "Not an address." in page.words
    assert 'value="nonsense"' in page.html


async def test_addons_trade_places(owner: Browser, inner: Inner) -> None:
    inner.addons.append(addon("second", "Second"))
    await owner.open("/sources")
    page = await owner.submit("/sources/second/up")
    assert "Order saved." in page.words
    assert [item.id for item in inner.addons] == ["second", "demo"]


async def test_the_first_addon_can_not_move_above_itself(owner: Browser, inner: Inner) -> None:
    inner.addons.append(addon("second", "Second"))
    await owner.open("/sources")
    await owner.submit("/sources/demo/up")
    assert [item.id for item in inner.addons] == ["demo", "second"]


async def test_an_addon_is_renamed(owner: Browser, inner: Inner) -> None:
    await owner.open("/sources")
    page = await owner.submit("/sources/demo/rename", name="Old films")
    assert "Renamed." in page.words
    assert inner.addons[0].name == "Old films"


async def test_an_addon_is_switched_off_and_on(owner: Browser, inner: Inner) -> None:
    await owner.open("/sources")
    page = await owner.submit("/sources/demo/disable")
    assert "Switched off" in page.words
    assert not inner.addons[0].enabled
    await owner.submit("/sources/demo/enable")
    assert inner.addons[0].enabled


async def test_removing_names_what_is_lost_and_asks_once(owner: Browser, inner: Inner) -> None:
    inner.addons.append(addon("big", "Big one", catalogs=12))
    page = await owner.open("/sources")
    assert "with its 12 rows" in page.words
    page = await owner.submit("/sources/big/remove")
    assert "Removed." in page.words
    assert [item.id for item in inner.addons] == ["demo"]


async def test_a_failed_refresh_stands_beside_its_addon(owner: Browser, inner: Inner) -> None:
    inner.failing["/api/v1/addons/demo/refresh"] = UpstreamFailed("It answered with a web page.")
    await owner.open("/sources")
    page = await owner.submit("/sources/demo/refresh")
    assert page.status == 502
    assert "It answered with a web page." in page.words
    assert "Public domain films" in page.words


async def test_changing_an_addon_that_is_gone_says_so(owner: Browser, inner: Inner) -> None:
    inner.addons.append(addon("gone", "Gone"))
    await owner.open("/sources")
    inner.addons.pop()
    page = await owner.submit("/sources/gone/disable")
    assert page.status == 404
    assert "There is no such addon." in page.words


async def test_an_action_that_does_not_exist_is_not_found(owner: Browser) -> None:
    await owner.open("/sources")
    assert owner.page is not None
    token = next(value for name, value in owner.page.forms["/sources"] if name == "csrf_token")
    page = await owner.send("/sources/demo/explode", [("csrf_token", token)])
    assert page.status == 404


async def test_rows_are_summed_up_with_a_way_to_them(owner: Browser, inner: Inner) -> None:
    inner.rows.append(row("tight", "Tight", "Demo", state="left_out"))
    page = await owner.open("/sources")
    assert "Players show 1 row, which takes 1,464 of 8,192 bytes." in page.words
    assert "1 row cut short" in page.words
    assert "/settings/rows" in page.links


async def test_without_addons_the_page_says_how_to_begin(owner: Browser, inner: Inner) -> None:
    inner.addons, inner.rows = [], []
    assert "No sources yet" in (await owner.open("/sources")).words
