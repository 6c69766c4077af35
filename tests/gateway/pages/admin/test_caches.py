"""The hub's caches on the administrator's page."""

from __future__ import annotations

import msgspec
import pytest

from libs.common.errors import Unavailable
from libs.common.states import Clearing, KeysState, KeyState
from tests.gateway.pages.admin.state import cache, process
from tests.gateway.pages.browser import Browser, Page
from tests.gateway.pages.inner import Inner

HERE = "/admin/caches"
CLEAR = f"{HERE}/clear"


async def clear(browser: Browser, **wanted: str) -> Page:
    page = await browser.open(HERE)
    token = next(value for name, value in page.forms[CLEAR] if name == "csrf_token")
    return await browser.send(CLEAR, [("csrf_token", token), *wanted.items()])


async def test_each_cache_says_what_it_spares(owner: Browser, inner: Inner) -> None:
    inner.state = msgspec.structs.replace(
        process("catalog"), caches=(cache("addon_answers", loads=150, load_errors=3),)
    )
    page = await owner.open(HERE)
    assert "Rows and titles of addons catalog 80 % of 1,012 questions answered" in page.words
    assert "862 without asking 12 served past their time 40 shared a question 3 failed to load" in page.words
    assert "812 entries, 3.4 MB" in page.words
    assert "Who tokens belong to gateway" in page.words
    assert CLEAR in page.forms


async def test_what_is_asked_for_most_stands_with_the_cache(owner: Browser, inner: Inner) -> None:
    inner.state = msgspec.structs.replace(process("catalog"), caches=(cache("addon_answers"),))
    key = KeyState(
        id="k1",
        key="3fa9c1…:meta/movie/tt1",
        hits=7,
        bytes=900,
        age_s=60,
        fresh_for_s=0,
        tags=("addon:3fa9c1…",),
    )
    inner.asked_most = tuple(
        KeysState(service=service, instance="catalog-1", cache="addon_answers", keys=(key,))
        for service in ("auth", "catalog", "streaming", "sync")
    )
    page = await owner.open(HERE)
    assert "3fa9c1…:meta/movie/tt1 7 hits 900 bytes 1 minute old past its time addon:3fa9c1…" in page.words
    assert ("key", "k1") in page.forms[CLEAR]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"all": "yes"}, Clearing(all=True)),
        ({"cache": "callers", "all": "yes"}, Clearing(cache="callers", all=True)),
        ({"tag": " account:a "}, Clearing(tag="account:a")),
        ({"cache": "streams", "key": "k1"}, Clearing(cache="streams", key="k1")),
    ],
)
async def test_what_is_chosen_is_cleared(
    owner: Browser, inner: Inner, wanted: dict[str, str], told: Clearing
) -> None:
    page = await clear(owner, **wanted)
    assert "Cleared. What is asked for next is asked for anew." in page.words
    assert set(inner.cleared) == {told}


async def test_who_did_not_answer_is_said_not_to_be_cleared(owner: Browser, inner: Inner) -> None:
    inner.failing["/internal/caches"] = Unavailable("It is being restarted.")
    page = await clear(owner, all="yes")
    assert "Cleared where it could be. Some processes did not answer." in page.words


async def test_nothing_chosen_is_said_to_be_that(owner: Browser) -> None:
    page = await clear(owner)
    assert page.status == 422
    assert "Name a key or a tag, or choose all." in page.words


async def test_a_process_that_is_away_is_named(owner: Browser, inner: Inner) -> None:
    inner.failing["/internal/state"] = Unavailable("It is being restarted.")
    page = await owner.open(HERE)
    assert "is missing here" in page.words


async def test_members_do_not_see_it(member: Browser) -> None:
    page = await member.open(HERE)
    assert CLEAR not in page.forms
