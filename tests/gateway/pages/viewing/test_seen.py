"""How much was watched, on the cards of rows, lists and searches."""

from __future__ import annotations

import pytest

from libs.common.contracts.viewing import TitleFlags
from services.gateway.pages.model import Seen
from services.gateway.pages.viewing.seen import seen_of
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import FILMS, Inner, meta, row

PAGES = ("/", "/rows/movie/demo.films", "/browse/movie/demo.films", "/search?q=Metropolis")


@pytest.mark.parametrize(
    ("flags", "seen"),
    [
        (TitleFlags(watched=True, progress=0.5), Seen(1.0, watched=True)),
        (TitleFlags(progress=0.43), Seen(0.43, watched=False)),
        (TitleFlags(progress=0.43, aired=10, completed=3), Seen(0.3, watched=False)),
        (TitleFlags(in_watchlist=True), None),
    ],
)
def test_of_a_show_episodes_count(flags: TitleFlags, seen: Seen | None) -> None:
    assert seen_of(flags) == seen


@pytest.mark.parametrize("path", PAGES)
async def test_cards_say_how_far_they_were_watched_by_one_question(
    owner: Browser, inner: Inner, path: str
) -> None:
    inner.viewing.flags = {"tt0017136": TitleFlags(progress=0.431), "tt0013442": TitleFlags(watched=True)}
    inner.viewing.asked.clear()
    page = await owner.open(path)
    assert "43 % watched" in page.words
    assert path.startswith("/search") or "Watched" in page.words
    assert len(inner.viewing.asked) == 1


async def test_rows_sent_together_are_asked_about_together(owner: Browser, inner: Inner) -> None:
    inner.rows.append(row("more", "More", "Demo"))
    inner.items["more"] = [meta(FILMS[0]), meta(("tt9", "Nine", "1999", ""))]
    inner.viewing.asked.clear()
    await owner.open("/")
    (ids,) = inner.viewing.asked
    assert len(ids) == len(set(ids)) == len(FILMS) + 1


@pytest.mark.parametrize("path", PAGES)
async def test_without_viewing_state_cards_have_no_marks(owner: Browser, inner: Inner, path: str) -> None:
    inner.viewing.is_away = True
    page = await owner.open(path)
    assert page.status == 200
    assert "Metropolis" in page.words
    assert "watched" not in page.words
