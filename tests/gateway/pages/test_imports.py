"""Files of what was watched elsewhere, on their pages: brought, looked at, applied, taken back."""

from __future__ import annotations

import aiohttp
import pytest

from libs.common.contracts.imports import MAX_FILE_BYTES
from tests.gateway.pages.browser import Browser, Page
from tests.gateway.pages.imports import an_import
from tests.gateway.pages.inner import Inner

HERE = "/connections/imports"


async def upload(browser: Browser, file: bytes, *, token: str | None = None, name: str = "file") -> Page:
    """As a browser sends the form of the present page: the hidden field first."""
    assert browser.page is not None
    form = aiohttp.FormData()
    form.add_field("csrf_token", dict(browser.page.forms[HERE])["csrf_token"] if token is None else token)
    form.add_field(name, file, filename="../../etc/passwd", content_type="image/png")
    return await browser.send_form(HERE, form)


async def test_a_file_is_handed_on_and_shown(owner: Browser, inner: Inner) -> None:
    page = await owner.open(HERE)
    assert "Nothing yet." in page.words
    file = bytes(range(256)) * 4000
    page = await upload(owner, file)
    assert inner.brought.files == [file]
    assert (page.status, page.path) == (200, f"{HERE}/i1")
    assert "1,204" in page.words
    assert "watched-movies.json, entry 3" in page.words
    assert "<b>Metropolis" not in page.html
    assert {"/title/movie/tt1", "/title/series/tt2"} <= set(page.links)


async def test_what_there_is_no_room_for_is_said_before(owner: Browser, inner: Inner) -> None:
    words = "A profile keeps 20,000 titles. About 12 titles of this file would be left out."
    inner.brought.views["i1"] = an_import(without_room=12)
    assert words in (await owner.open(f"{HERE}/i1")).words
    inner.brought.views["i1"] = an_import()
    assert words not in (await owner.open(f"{HERE}/i1")).words


async def test_it_is_applied_taken_back_and_dropped(owner: Browser, inner: Inner) -> None:
    inner.brought.views["i1"] = an_import()
    await owner.open(f"{HERE}/i1")
    page = await owner.submit(f"{HERE}/i1/apply")
    assert f"{HERE}/i1/apply" not in page.forms
    page = await owner.submit(f"{HERE}/i1/undo")
    assert "Taken back" in page.words
    page = await owner.submit(f"{HERE}/i1/drop")
    assert page.path == HERE
    assert "Nothing of it is kept." in page.words


async def test_what_is_no_use_is_told_where_it_was_sent(owner: Browser, inner: Inner) -> None:
    inner.brought.problem = "It ends too early."
    await owner.open(HERE)
    page = await upload(owner, b"[")
    assert page.status == 422
    assert "It ends too early." in page.words


async def test_a_form_of_another_page_is_refused_before_its_file_is_read(
    owner: Browser, inner: Inner
) -> None:
    await owner.open(HERE)
    page = await upload(owner, b"x" * 100_000, token="made up")
    assert page.status == 403
    assert inner.brought.files == []


async def test_a_form_without_a_file_says_so(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await upload(owner, b"x", name="other")
    assert page.status == 422
    assert "Choose a file first." in page.words
    assert inner.brought.files == []


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("multipart/form-data", b"x", 422),
        ("multipart/form-data; boundary=b", b"--b\r\nno header", 422),
        ("multipart/form-data; boundary=b", b"nothing of it", 422),
        ("text/plain", b"x", 415),
    ],
)
async def test_forms_that_are_none_are_refused(
    owner: Browser, inner: Inner, content_type: str, body: bytes, status: int
) -> None:
    await owner.open(HERE)
    headers = {"Content-Type": content_type, "Accept": "text/html"}
    async with owner.client.post(HERE, data=body, headers=headers) as answer:
        assert answer.status in {status, 403}
    assert inner.brought.files == []


async def test_a_form_that_announces_too_much_is_refused_unread(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    headers = {
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(MAX_FILE_BYTES * 2),
        "Accept": "text/html",
    }
    async with owner.client.post(HERE, data=b"--b\r\n", headers=headers) as answer:
        assert answer.status == 413
    assert inner.brought.files == []
