"""What all pages share: headers, files, errors, the reference."""

from pathlib import Path

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient

from libs.common.errors import Unavailable
from services.gateway.app import create_app
from services.gateway.pages.failures import as_page
from services.gateway.pages.static import FOREVER
from services.gateway.settings import Settings
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner


async def test_pages_allow_nothing_inline_and_nothing_foreign(owner: Browser) -> None:
    page = await owner.open("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert " style=" not in page.html
    assert " onclick=" not in page.html


async def test_files_are_kept_for_ever_under_their_version(browser: Browser) -> None:
    page = await browser.open("/setup")
    address = next(part for part in page.html.split('"') if part.endswith("/tokens.css"))
    file = await browser.open(address)
    assert file.headers["cache-control"] == FOREVER
    old = await browser.open("/static/old/tokens.css")
    assert (old.status, old.headers["cache-control"]) == (200, "no-cache")


async def test_a_file_in_a_folder_of_its_own_has_its_version_too(browser: Browser) -> None:
    """A module finds what lies beside it by a relative address."""
    page = await browser.open("/setup")
    address = next(part for part in page.html.split('"') if part.endswith("/tokens.css"))
    file = await browser.open(address.replace("tokens.css", "hls/hls.min.mjs"))
    assert file.headers["cache-control"] == FOREVER
    assert file.headers["content-type"].startswith("text/javascript")
    assert (await browser.open("/static/old/hls/LICENSE")).status == 404


async def test_a_file_that_does_not_exist_is_not_found(browser: Browser) -> None:
    assert (await browser.open("/static/old/secret.key")).status == 404


async def test_an_unknown_page_is_a_page_for_a_browser(browser: Browser) -> None:
    page = await browser.open("/nowhere")
    assert page.status == 404
    assert "There is no page at this address." in page.words


@pytest.mark.parametrize(
    "address", ["/title/movie/a%2F..%2Fb", "/browse/movie/x%2F%2E%2E", "/title/movie/a%00"]
)
async def test_an_address_that_is_refused_is_a_page_for_a_browser(owner: Browser, address: str) -> None:
    """An addon may give its titles such ids; their links led to a line of JSON."""
    page = await owner.open(address)
    assert page.status == 400
    assert page.headers["content-type"].startswith("text/html")
    assert "This address is refused" in page.words
    assert "Request id" in page.words
    assert "/" in page.links


async def test_an_unknown_address_is_a_problem_for_a_program(browser: Browser) -> None:
    page = await browser.open("/nowhere", Accept="application/json")
    assert page.headers["content-type"].startswith("application/problem+json")
    page = await browser.open("/api/v1/nowhere")
    assert page.headers["content-type"].startswith("application/problem+json")


async def test_a_bug_is_a_page_with_an_id_and_nothing_else(
    aiohttp_client: AiohttpClient, tmp_path: Path
) -> None:
    async def broken(_request: web.Request) -> web.Response:
        raise RuntimeError("password=hunter2")

    app = create_app(Settings.from_env({"HEADGATE_DATA_DIR": str(tmp_path)}))
    app.router.add_get("/broken", as_page(broken))
    page = await Browser(await aiohttp_client(app)).open("/broken")
    assert page.status == 500
    assert "Request id" in page.words
    assert "RuntimeError" not in page.html
    assert "hunter2" not in page.html


async def test_a_service_nobody_understands_is_a_page_that_names_it(owner: Browser, inner: Inner) -> None:
    inner.garbled = "/api/v1/catalogs"
    page = await owner.open("/")
    assert page.status == 503
    assert "The catalog service answered in a way that this version does not understand." in page.words
    assert "Request id" in page.words
    assert "DecodeError" not in page.html


async def test_home_without_catalog_says_so_with_the_id_that_finds_it(owner: Browser, inner: Inner) -> None:
    inner.failing["/api/v1/catalogs"] = Unavailable("The catalog service can't be reached.", retry_after_s=2)
    page = await owner.open("/")
    assert page.status == 503
    assert page.headers["retry-after"] == "2"
    assert "The catalog service can't be reached." in page.words
    assert page.headers["x-request-id"] in page.words
    assert "/" in page.links


async def test_the_reference_lists_the_calls(browser: Browser) -> None:
    page = await browser.open("/docs")
    assert page.status == 200
    assert "/api/v1/auth/login" in page.words
    assert "refresh_token" in page.words


async def test_a_message_comes_from_our_table_only(owner: Browser) -> None:
    page = await owner.open("/sources?said=Your+account+was+hacked")
    assert "hacked" not in page.words
