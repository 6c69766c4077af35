"""The audit log of the whole hub."""

from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner, entry, person


async def test_everybodys_entries_are_shown_by_name_and_paged(owner: Browser, inner: Inner) -> None:
    inner.people.append(person("acc1", "grace"))
    inner.audit = [entry(n, account_id="acc1", subject=f"thing {n}") for n in range(70)]
    page = await owner.open("/admin/audit")
    assert "Signed in grace thing 0" in page.words
    assert "thing 50" not in page.words
    page = await owner.open(next(link for link in page.links if "cursor=" in link))
    assert "thing 69" in page.words


async def test_an_account_that_something_was_done_to_is_shown_by_name(owner: Browser, inner: Inner) -> None:
    inner.people.append(person("acc1", "grace"))
    inner.audit = [entry(1, "account_disabled", subject="acc1")]
    assert "An account was disabled owner grace" in (await owner.open("/admin/audit")).words


async def test_an_empty_log_says_so(owner: Browser) -> None:
    assert "Nothing yet." in (await owner.open("/admin/audit")).words
