"""Set-up, sign-in and sign-out."""

from io import BytesIO

import pytest

from services.gateway.identify import CSRF_COOKIE, CSRF_HEADER, SESSION_COOKIE
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner


async def test_a_fresh_hub_shows_the_set_up_page(browser: Browser) -> None:
    page = await browser.open("/")
    assert page.path == "/setup"
    assert "Create the owner" in page.words


async def test_set_up_signs_in(browser: Browser, inner: Inner) -> None:
    await browser.open("/setup")
    page = await browser.submit("/setup", username="ada", password="long enough", repeated="long enough")
    assert (page.status, page.path) == (200, "/")
    assert "Your hub is ready" in page.words
    assert inner.accounts == {"ada": "long enough"}


async def test_differing_passwords_come_back_to_the_field(browser: Browser, inner: Inner) -> None:
    await browser.open("/setup")
    page = await browser.submit("/setup", username="ada", password="long enough", repeated="else")
    assert page.status == 422
    assert "The two passwords differ." in page.words
    assert 'value="ada"' in page.html
    assert "long enough" not in page.html
    assert not inner.accounts


async def test_a_refused_password_says_why(browser: Browser) -> None:
    await browser.open("/setup")
    page = await browser.submit("/setup", username="ada", password="short", repeated="short")
    assert page.status == 422
    assert "Use at least 8 characters." in page.words


async def test_set_up_a_second_time_leads_to_sign_in(owner: Browser) -> None:
    page = await owner.open("/setup")
    assert page.path == "/"


async def test_a_wrong_password_keeps_the_name(browser: Browser, inner: Inner) -> None:
    inner.accounts["owner"] = "correct horse"
    await browser.open("/login")
    page = await browser.submit("/login", username="owner", password="wrong", next="/")
    assert page.status == 401
    assert "The name or the password is wrong." in page.words
    assert 'value="owner"' in page.html


async def test_signing_in_leads_back_to_the_page_asked_for(browser: Browser, inner: Inner) -> None:
    inner.accounts["owner"] = "correct horse"
    asked = await browser.open("/connect")
    assert asked.path == "/login"
    page = await browser.submit("/login", username="owner", password="correct horse")
    assert page.path == "/connect"


async def test_signing_in_never_leads_to_another_site(browser: Browser, inner: Inner) -> None:
    inner.accounts["owner"] = "correct horse"
    await browser.open("/login?next=//evil.example.org/")
    page = await browser.submit("/login", username="owner", password="correct horse")
    assert page.path == "/"


async def test_signing_out_ends_the_session(owner: Browser, inner: Inner) -> None:
    await owner.open("/")
    page = await owner.submit("/logout")
    assert page.path == "/login"
    assert "You are signed out." in page.words
    assert not inner.sessions
    assert (await owner.open("/sources")).path == "/login"


async def test_a_form_without_its_token_is_refused(owner: Browser, inner: Inner) -> None:
    page = await owner.send("/logout", [])
    assert page.status == 403
    assert "not sent from this hub" in page.words
    assert inner.sessions


ODD_FORMS = [
    ("multipart/form-data", b"abcd"),
    ("multipart/form-data; boundary=x", b"--x\r\n" * 1000),
    ("application/x-www-form-urlencoded; charset=nonsense", b"username=%ff"),
    ("application/x-www-form-urlencoded", b"username=\xff"),
    ("application/x-www-form-urlencoded", b"&".join([b"a="] * 30_000)),
    ("application/x-www-form-urlencoded", b"a" * 1_100_000),
    ("text/plain", b"username=a"),
]


@pytest.mark.parametrize(("content_type", "body"), ODD_FORMS)
async def test_a_form_no_page_of_ours_sends_is_refused(
    browser: Browser, inner: Inner, content_type: str, body: bytes
) -> None:
    inner.accounts["owner"] = "correct horse"
    answer = await browser.client.post("/login", data=BytesIO(body), headers={"Content-Type": content_type})
    assert answer.status in {403, 413, 415, 422}


async def test_cookies_and_tokens_that_are_no_text_are_nobodys(browser: Browser, inner: Inner) -> None:
    inner.accounts["owner"] = "correct horse"
    odd = "\udcff\udcfe"
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        page = await browser.open("/login", Cookie=f"{name}={odd}")
        assert (page.status, page.path) == (200, "/login")
    page = await browser.send("/login", [], Cookie=f"{CSRF_COOKIE}=x", **{CSRF_HEADER: odd})
    assert page.status == 403
