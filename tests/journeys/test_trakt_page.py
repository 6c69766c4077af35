"""Connecting to Trakt by the pages: a code, somebody who enters it, and a page that notices."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from libs.common.clock import SystemClock
from tests.fakes.trakt import FakeTrakt
from tests.harness.clients import Api
from tests.harness.hub import running
from tests.journeys.browser import page_at, sign_in
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.journeys.test_pages import violations

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's

HERE = "/connections/trakt"


async def test_a_code_is_shown_entered_and_noticed(browser: Browser, tmp_path: Path) -> None:
    async with FakeTrakt(clock=SystemClock()) as trakt:
        trakt.signing.interval_s = 1
        environment = dict.fromkeys(("HEADGATE_TRAKT_URL", "HEADGATE_TRAKT_AUTH_URL"), trakt.url)
        with running("embedded", environment, tmp_path) as hub:
            async with Api.of(hub.url) as api:
                await api.sign_in(USERNAME, PASSWORD)
            async with page_at(browser, hub.url, width=390) as page:
                await sign_in(page, USERNAME, PASSWORD)
                problems = await _connect(page, trakt)
            async with page_at(browser, hub.url, javascript=False) as page:
                await _begin_again_without_scripts(page, trakt)
    assert problems == []
    assert not any(secret in hub.logs() for secret in ("secret-1", *_tokens(trakt)))


async def _connect(page: Page, trakt: FakeTrakt) -> list[str]:
    await page.goto("/connections")
    problems = await violations(page)
    await page.get_by_role("link", name="Connect Trakt").click()
    problems += await violations(page)
    await page.get_by_label("Client ID").fill("client-1")
    await page.get_by_label("Client secret").fill("secret-1")
    await page.get_by_role("button", name="Get a code").click()
    await expect(page.get_by_role("heading", name="Enter this code at Trakt")).to_be_visible()
    problems += await violations(page)
    (code,) = trakt.signing.codes.values()
    await expect(page.get_by_text(code.user_code)).to_be_visible()
    trakt.signing.approve(code.user_code, trakt.person("ada"))
    await expect(page.get_by_role("heading", name="Connected as Ada")).to_be_visible(timeout=20_000)
    await page.goto(f"{HERE}/outgoing")
    problems += await violations(page)
    await page.goto(HERE)
    problems += await violations(page)
    await page.get_by_text("Disconnect", exact=True).last.click()
    await page.get_by_role("button", name="Disconnect now").click()
    await expect(page.get_by_role("button", name="Get a code")).to_be_visible()
    assert all(pair.revoked for pair in trakt.signing.sign_ins)
    return problems


async def _begin_again_without_scripts(page: Page, trakt: FakeTrakt) -> None:
    await sign_in(page, USERNAME, PASSWORD)
    await page.goto(HERE)
    await page.get_by_label("Client ID").fill("client-1")
    await page.get_by_role("button", name="Get a code").click()
    code = list(trakt.signing.codes.values())[-1]
    await expect(page.get_by_text(code.user_code)).to_be_visible()
    trakt.signing.deny(code.user_code)
    await expect(page.get_by_text("The request was declined at Trakt.")).to_be_visible(timeout=20_000)


def _tokens(trakt: FakeTrakt) -> list[str]:
    return [token for pair in trakt.signing.sign_ins for token in (pair.access, pair.refresh)]
