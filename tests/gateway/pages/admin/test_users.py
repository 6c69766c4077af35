"""Accounts and invitations on the administrator's page."""

import pytest

from tests.gateway.pages.accounts import CODE
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner, person

HERE = "/admin/users"


async def test_an_account_is_created(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(HERE, username="grace", password="long enough", role="member", tier="premium")
    assert "Created." in page.words
    assert (inner.people[1].username, inner.people[1].tier) == ("grace", "premium")


async def test_a_name_that_is_taken_comes_back_to_the_field(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(HERE, username="owner", password="long enough", role="member", tier="free")
    assert page.status == 409
    assert "This name is taken." in page.words
    assert "long enough" not in page.html
    page = await owner.submit(HERE, username="grace", password="long enough", role="owner", tier="free")
    assert page.status == 422
    assert len(inner.people) == 1


async def test_role_tier_and_state_are_changed(owner: Browser, inner: Inner) -> None:
    inner.people.append(person("acc1", "grace"))
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/acc1/change", role="admin", tier="api")
    assert "Saved." in page.words
    assert (inner.people[1].role, inner.people[1].tier) == ("admin", "api")
    page = await owner.submit(f"{HERE}/acc1/disable")
    assert "Disabled and signed out." in page.words
    page = await owner.submit(f"{HERE}/acc1/enable")
    assert not inner.people[1].disabled


async def test_deleting_names_what_is_lost(owner: Browser, inner: Inner) -> None:
    inner.people.append(person("acc1", "grace"))
    page = await owner.open(HERE)
    assert "with all profiles, their sources and rows" in page.words
    await owner.submit(f"{HERE}/acc1/delete")
    assert [one.id for one in inner.people] == ["acc"]


async def test_nothing_is_offered_for_the_owner(owner: Browser) -> None:
    page = await owner.open(HERE)
    assert f"{HERE}/acc/delete" not in page.forms


async def test_an_invitation_is_shown_once_and_withdrawn(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/invitations", role="member", tier="free", days="7")
    assert page.status == 200
    assert page.headers["cache-control"] == "no-store"
    assert f"/register?invitation={CODE}" in page.html
    assert CODE not in (await owner.open(HERE)).html
    page = await owner.submit(f"{HERE}/invitations/inv0/withdraw")
    assert "Withdrawn." in page.words
    assert not inner.invitations


@pytest.mark.parametrize("days", ["", "0", "365", "-1", "x"])
async def test_an_invitation_that_lives_too_long_is_refused(owner: Browser, inner: Inner, days: str) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/invitations", role="member", tier="free", days=days)
    assert page.status == 422
    assert not inner.invitations


async def test_an_unknown_change_is_not_found(owner: Browser, inner: Inner) -> None:
    inner.people.append(person("acc1", "grace"))
    page = await owner.open(HERE)
    csrf = dict(page.forms[HERE])["csrf_token"]
    assert (await owner.send(f"{HERE}/acc1/promote", [("csrf_token", csrf)])).status == 404
