"""What is on its way to Trakt, on its page: looked at, sent again, given up, without JavaScript."""

from datetime import timedelta

from libs.common.contracts.outgoing import OutgoingView, Undelivered
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.connections import connected
from tests.gateway.pages.inner import NOW, Inner

HERE = "/connections/trakt/outgoing"
FULL = "The watchlist of the account at Trakt may hold no more than 250 entries."


def letter(id_: int, **more: object) -> Undelivered:
    told = {"kind": "list", "type": "movie", "title_id": f"tt000000{id_}", "at": NOW, "reason": FULL, **more}
    return Undelivered(id=id_, **told)  # type: ignore[arg-type]  # the members as a mapping


async def test_nothing_on_its_way_is_said(owner: Browser, inner: Inner) -> None:
    page = await owner.open(HERE)
    assert "no account at Trakt is connected" in page.words
    inner.trakt = connected()
    page = await owner.open(HERE)
    assert page.status == 200
    assert "Trakt knows everything that it is to know." in page.words
    assert "Nothing was refused." in page.words


async def test_what_waits_is_counted_with_the_reason(owner: Browser, inner: Inner) -> None:
    inner.outgoing = OutgoingView(
        waiting=1204,
        oldest_at=NOW - timedelta(days=2),
        resumes_at=NOW + timedelta(minutes=1),
        reason="Trakt answered 503.",
        dropped=3,
    )
    page = await owner.open(HERE)
    assert "1,204" in page.words
    assert "Trakt answered 503." in page.words
    assert "3 could not be kept" in page.words


async def test_what_was_not_taken_is_sent_again_or_given_up(owner: Browser, inner: Inner) -> None:
    episode = letter(2, kind="play", type="episode", season=1, episode=3, reason="Trakt is odd.")
    inner.outgoing = OutgoingView(undelivered=2, items=(letter(1), episode))
    page = await owner.open(HERE)
    assert FULL in page.words
    assert "tt0000002 S1 E3" in page.words
    assert {"/title/movie/tt0000001", "/title/series/tt0000002"} <= set(page.links)
    page = await owner.submit(f"{HERE}/resend", id="1")
    assert "It is sent again." in page.words
    assert inner.outgoing.waiting == 1
    page = await owner.submit(f"{HERE}/drop", id="2")
    assert "Given up." in page.words
    assert not inner.outgoing.items
    assert "1 to be sent" not in page.words


async def test_a_title_is_called_by_the_name_that_an_addon_has_for_it(owner: Browser, inner: Inner) -> None:
    one = letter(1, title_id="tt0017136")
    inner.outgoing = OutgoingView(undelivered=2, items=(one, letter(2)))
    page = await owner.open(HERE)
    assert "Metropolis" in page.words
    assert "tt0017136" not in page.words
    assert "tt0000002" in page.words


async def test_what_is_gone_already_is_told(owner: Browser, inner: Inner) -> None:
    inner.outgoing = OutgoingView(undelivered=1, items=(letter(1),))
    await owner.open(HERE)
    inner.outgoing = OutgoingView()
    page = await owner.submit(f"{HERE}/resend", id="1")
    assert page.status == 404
    inner.outgoing = OutgoingView(undelivered=1, items=(letter(1),))
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/drop", id="x")
    assert page.status == 422
