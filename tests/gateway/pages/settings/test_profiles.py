"""Profiles: the page, and the menu around every page."""

from libs.common.errors import Unavailable
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner, profile

HERE = "/settings/profiles"


async def test_a_profile_is_added(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(HERE, name="Children")
    assert "Switch to it" in page.words
    assert [one.name for one in inner.profiles] == ["Household", "Children"]


async def test_a_name_that_is_there_comes_back_with_the_reason(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(HERE, name="Household")
    assert page.status == 409
    assert "You have a profile of this name." in page.words
    page = await owner.submit(HERE, name=" ")
    assert page.status == 422
    assert "Give it a name" in page.words
    assert len(inner.profiles) == 1


async def test_every_page_shows_the_profile_and_the_others(owner: Browser, inner: Inner) -> None:
    inner.profiles.append(profile("pro1", "Children"))
    page = await owner.open("/connect")
    assert "Profile: Household" in page.words
    page = await owner.submit(f"{HERE}/pro1/select")
    assert (page.path, inner.profile_id) == ("/", "pro1")
    assert "Switched." in page.words


async def test_switching_never_leads_to_another_site(owner: Browser, inner: Inner) -> None:
    inner.profiles.append(profile("pro1", "Children"))
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/pro1/select", back="//evil.example.org")
    assert page.path == "/"


async def test_deleting_names_what_is_lost(owner: Browser, inner: Inner) -> None:
    inner.profiles.append(profile("pro1", "Children"))
    page = await owner.open(HERE)
    assert "Children goes for good, with its 1 source and 1 row." in page.words
    assert f"{HERE}/pro/delete" not in page.forms
    page = await owner.submit(f"{HERE}/pro1/delete")
    assert "Deleted." in page.words
    assert [one.id for one in inner.profiles] == ["pro"]


async def test_a_profile_is_renamed(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    await owner.submit(f"{HERE}/pro/rename", name="Everybody")
    assert inner.profiles[0].name == "Everybody"


async def test_profiles_show_without_what_they_hold_while_catalog_is_away(
    owner: Browser, inner: Inner
) -> None:
    inner.failing["/api/v1/addons"] = Unavailable("The catalog service can't be reached.")
    page = await owner.open(HERE)
    assert page.status == 200
    assert "Household" in page.words


async def test_a_page_comes_without_the_menu_while_profiles_can_not_be_listed(
    owner: Browser, inner: Inner
) -> None:
    inner.failing["/api/v1/profiles"] = Unavailable("The auth service can't be reached.")
    page = await owner.open("/connect")
    assert page.status == 200
    assert "Profile:" not in page.words
    assert "/settings" in page.links
