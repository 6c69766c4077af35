"""One's own account: sessions, keys, password, what happened."""

import pytest

from libs.common.errors import Unavailable
from tests.gateway.pages.accounts import KEY
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner, entry

HERE = "/settings/account"


async def test_settings_lead_to_the_account(owner: Browser) -> None:
    page = await owner.open("/settings")
    assert (page.status, page.path) == (200, HERE)
    assert "Firefox on Linux This one" in page.words
    assert "You have no keys." in page.words
    assert "Nothing yet." in page.words


async def test_a_key_is_shown_once(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/keys", name="Kitchen", scope="read", expires_in_days="")
    assert page.status == 200
    assert page.headers["cache-control"] == "no-store"
    assert KEY in page.html
    assert inner.keys[0].scopes == ("read",)
    assert KEY not in (await owner.open(HERE)).html
    page = await owner.submit(f"{HERE}/keys/key0/revoke")
    assert "opens nothing any more" in page.words
    assert not inner.keys


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": "", "scope": "read", "expires_in_days": "30"}, "Give it a name"),
        ({"name": "n" * 65, "scope": "read", "expires_in_days": "30"}, "Give it a name"),
        ({"name": "Kitchen", "expires_in_days": "30"}, "Choose at least one thing"),
        ({"name": "Kitchen", "scope": "all", "expires_in_days": "30"}, "Choose at least one thing"),
        ({"name": "Kitchen", "scope": "read", "expires_in_days": "soon"}, "Choose one of the choices"),
    ],
)
async def test_a_key_nobody_can_make_comes_back_with_what_was_typed(
    owner: Browser, inner: Inner, typed: dict[str, str], words: str
) -> None:
    page = await owner.open(HERE)
    csrf = dict(page.forms[f"{HERE}/keys"])["csrf_token"]
    page = await owner.send(f"{HERE}/keys", [("csrf_token", csrf), *typed.items()])
    assert page.status == 422
    assert words in page.words
    assert typed["name"] in page.html
    assert not inner.keys


async def test_a_member_is_offered_no_administration(owner: Browser, inner: Inner) -> None:
    assert 'value="admin"' in (await owner.open(HERE)).html
    inner.role = "member"
    owner.client.session.cookie_jar.clear()
    await owner.open("/login")
    await owner.submit("/login", username="owner", password="correct horse", next="/")
    page = await owner.open(HERE)
    assert 'value="admin"' not in page.html
    assert "/admin" not in page.links


async def test_one_session_and_all_others_are_ended(owner: Browser, inner: Inner) -> None:
    inner.sessions = {"old": "owner", "older": "owner", **inner.sessions}
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/sessions/old/end")
    assert "Signed out there." in page.words
    assert "old" not in inner.sessions
    page = await owner.submit(f"{HERE}/sessions/others")
    assert "Signed out everywhere else." in page.words
    assert len(inner.sessions) == 1


async def test_a_session_that_has_ended_meanwhile_is_no_error(owner: Browser, inner: Inner) -> None:
    inner.sessions = {"old": "owner", **inner.sessions}
    await owner.open(HERE)
    del inner.sessions["old"]
    page = await owner.submit(f"{HERE}/sessions/old/end")
    assert (page.status, page.path) == (200, HERE)


async def test_the_password_is_changed(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    typed = {"new_password": "a new long one", "repeated": "a new long one"}
    page = await owner.submit(f"{HERE}/password", current_password="wrong", **typed)
    assert page.status == 403
    assert "This is not your password." in page.words
    page = await owner.submit(f"{HERE}/password", current_password="correct horse", **typed)
    assert "Password changed." in page.words
    assert inner.accounts["owner"] == "a new long one"


async def test_differing_new_passwords_come_back_to_the_field(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(
        f"{HERE}/password", current_password="correct horse", new_password="a new long one", repeated="other"
    )
    assert page.status == 422
    assert "The two passwords differ." in page.words
    assert "a new long one" not in page.html
    assert inner.accounts["owner"] == "correct horse"


async def test_what_happened_is_paged(owner: Browser, inner: Inner) -> None:
    inner.audit = [entry(n, subject=f"thing {n}") for n in range(60)]
    page = await owner.open(HERE)
    assert "Signed in thing 5" in page.words
    assert "thing 6 " not in page.words
    page = await owner.open(f"{HERE}/audit")
    assert "thing 49" in page.words
    page = await owner.open(next(link for link in page.links if "cursor=" in link))
    assert "thing 59" in page.words


async def test_a_form_of_another_site_changes_nothing(owner: Browser, inner: Inner) -> None:
    page = await owner.send(f"{HERE}/keys", [("name", "Kitchen"), ("scope", "read")])
    assert page.status == 403
    assert not inner.keys


async def test_an_account_is_deleted_by_its_name_and_password(owner: Browser, inner: Inner) -> None:
    assert "would be nobody's" in (await owner.open(HERE)).words
    inner.role = "member"
    owner.client.session.cookie_jar.clear()
    await owner.open("/login")
    await owner.submit("/login", username="owner", password="correct horse", next="/")
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/delete", confirmed="somebody", password="correct horse")
    assert "This is not your user name." in page.words
    page = await owner.submit(f"{HERE}/delete", confirmed="owner", password="wrong")
    assert "The present password is wrong." in page.words
    assert inner.sessions
    page = await owner.submit(f"{HERE}/delete", confirmed="owner", password="correct horse")
    assert page.path == "/login"
    assert "Your account is deleted" in page.words
    assert not inner.sessions


async def test_everything_is_taken_along_as_a_file(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/export", passphrase="short")
    assert (page.status, inner.exported) == (422, [])
    assert "A passphrase has 10 to 1024 characters." in page.words
    page = await owner.submit(f"{HERE}/export", passphrase="")
    assert page.html == "a file"
    assert page.headers["content-disposition"] == 'attachment; filename="headgate-export.zip"'
    await owner.open(HERE)
    await owner.submit(f"{HERE}/export", passphrase="carried across the river")
    assert inner.exported == [None, "carried across the river"]
    inner.failing["/api/v1/me/export"] = Unavailable("The catalog service is away for the moment.")
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/export", passphrase="")
    assert page.status == 503
    assert "away for the moment" in page.words
