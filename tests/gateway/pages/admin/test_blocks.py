"""Blocks and the allow-list on the administrator's page."""

from pathlib import Path

import pytest
from pytest_aiohttp import AiohttpClient

from tests.fakes.settings import SECRET
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.conftest import as_owner, gateway_before
from tests.gateway.pages.inner import Inner

HERE = "/admin/blocks"


async def test_nobody_is_blocked_at_first(owner: Browser) -> None:
    page = await owner.open(HERE)
    assert page.status == 200
    assert "Nobody is blocked." in page.words


async def test_an_address_is_blocked_let_in_and_blocked_again(owner: Browser) -> None:
    await owner.open(HERE)
    page = await owner.submit(HERE, address="203.0.113.7", reason="Was rude", seconds="3600")
    assert "Blocked." in page.words
    assert "203.0.113.7 blocked by hand" in page.words
    assert "Was rude" in page.words
    revoke = next(action for action in page.forms if action.endswith("/revoke"))
    page = await owner.submit(revoke)
    assert "203.0.113.7 is let in again." in page.words
    assert "Nobody is blocked." in page.words
    page = await owner.submit(f"{HERE}/again")
    assert "203.0.113.7 blocked by hand" in page.words


@pytest.mark.parametrize(
    ("address", "seconds"),
    [("nowhere", "3600"), ("203.0.113.7", "1"), ("203.0.113.7", "99999999"), ("", "x")],
)
async def test_what_can_not_be_blocked_comes_back(owner: Browser, address: str, seconds: str) -> None:
    await owner.open(HERE)
    page = await owner.submit(HERE, address=address, reason="", seconds=seconds)
    assert page.status == 422
    assert "Nobody is blocked." in page.words


async def test_nobody_blocks_the_hub_they_sit_at(owner: Browser) -> None:
    await owner.open(HERE)
    page = await owner.submit(HERE, address="127.0.0.0/8", reason="", seconds="3600")
    assert page.status in {409, 422}
    assert "Nobody is blocked." in page.words


async def test_a_network_is_put_on_the_list_and_taken_off(owner: Browser) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/allowed", network="198.51.100.0/24", reason="The office")
    assert "198.51.100.0/24" in page.words
    remove = next(action for action in page.forms if action.endswith("/remove"))
    page = await owner.submit(remove)
    assert "Taken off" in page.words
    assert "198.51.100.0/24" not in page.words


async def test_a_hub_without_redis_says_how_long_it_remembers(owner: Browser) -> None:
    assert "last until it is started again" in (await owner.open(HERE)).words


async def test_a_hub_with_redis_has_nothing_to_say_about_that(
    inner: Inner, tmp_path: Path, aiohttp_client: AiohttpClient, redis_url: str
) -> None:
    shared = {"HEADGATE_REDIS_URL": redis_url, "HEADGATE_SECRET_KEY": SECRET}
    async with gateway_before(inner, tmp_path, aiohttp_client, **shared) as browser:
        page = await (await as_owner(inner, browser)).open(HERE)
    assert page.status == 200
    assert "started again" not in page.words
