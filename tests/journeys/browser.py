"""A real browser on the hub's pages: Debian's Chromium, kept off every other host."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from playwright.async_api import Browser, Page, async_playwright

WIDTHS = {390: 844, 1280: 800, 1920: 1080}
"""A phone, a desk, a television: width to height in CSS pixels."""

HERE = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
"""No other host has an address. To look at each request instead would cost as much as most pages do."""

Scheme = Literal["dark", "light"]


@asynccontextmanager
async def chromium(*arguments: str) -> AsyncIterator[Browser]:
    """The one without windows, where it is installed: the same pages cost it half as much."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    arguments = ("--no-sandbox", "--no-proxy-server", f"--host-resolver-rules={HERE}", *arguments)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def page_at(
    browser: Browser, url: str, *, width: int = 1280, scheme: Scheme = "dark", javascript: bool = True
) -> AsyncIterator[Page]:
    """A fresh visitor. Posters of other hosts fail at once, as they do for a house that is offline."""
    context = await browser.new_context(
        base_url=url,
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme=scheme,
        reduced_motion="reduce",
        java_script_enabled=javascript,
    )
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def sign_in(page: Page, username: str, password: str) -> None:
    """Signs in by the page, which leads on to home."""
    await page.goto("/login")
    await page.get_by_label("Name").fill(username)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/")
