"""The address for players."""

from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner


async def test_the_address_is_there_to_install_and_masked_to_read(owner: Browser) -> None:
    page = await owner.open("/connect")
    links = [link for link in page.links if link.startswith("stremio://")]
    assert len(links) == 1
    assert links[0].endswith("/stremio/hg_secret1/manifest.json")
    assert "hg_secret1" not in page.words


async def test_a_hub_on_loopback_says_how_to_reach_it(owner: Browser) -> None:
    page = await owner.open("/connect")
    for words in (
        "this computer only",
        "HEADGATE_HOST",
        "firewall",
        "https",
        "Tailscale",
        "Caddy",
        "Cloudflare",
    ):
        assert words in page.words


async def test_the_code_is_a_picture_no_cache_keeps(owner: Browser) -> None:
    page = await owner.open("/connect/qr.svg")
    assert page.headers["content-type"] == "image/svg+xml"
    assert page.headers["cache-control"] == "no-store"
    assert "<svg" in page.html
    assert "style=" not in page.html


async def test_replacing_the_address_shows_the_new_one(owner: Browser, inner: Inner) -> None:
    await owner.open("/connect")
    page = await owner.submit("/connect/rotate")
    assert "The old one no longer works" in page.words
    assert inner.tokens_made == 2
    assert "hg_secret2" in page.html


async def test_the_code_is_only_for_who_is_signed_in(browser: Browser, inner: Inner) -> None:
    inner.accounts["owner"] = "correct horse"
    assert (await browser.open("/connect/qr.svg")).path == "/login"


async def test_what_iptv_apps_want_is_there_to_copy_and_the_password_is_folded_away(owner: Browser) -> None:
    page = await owner.open("/connect")
    for words in ("Server", "User name", "ada", "IPTV apps and Kodi"):
        assert words in page.words
    assert "abcdefghjk22" not in page.words
    query = "username=ada&amp;password=abcdefghjk22"
    assert 'data-copy="abcdefghjk22"' in page.html
    assert f"/get.php?{query}&amp;type=m3u_plus&amp;output=ts" in page.html
    assert f"/xmltv.php?{query}" in page.html


async def test_replacing_the_password_of_iptv_apps_shows_the_new_one(owner: Browser, inner: Inner) -> None:
    await owner.open("/connect")
    page = await owner.submit("/connect/login/rotate")
    assert "This is the new password" in page.words
    assert inner.logins_made == 23
    assert "abcdefghjk23" in page.html
    assert "abcdefghjk22" not in page.html
