"""What a browser says of itself in a cookie, and what anybody may have written there."""

import pytest

from services.gateway.pages.watch.player import COOKIE, PlayerSaid, read_player
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner


def test_codecs_and_the_line_are_read() -> None:
    assert read_player("h264.aac~12000000") == PlayerSaid(("h264", "aac"), 12_000_000)


@pytest.mark.parametrize(
    "cookie", ["", "h264", "~5", "h264~-1", "h 264~5", "a." * 40 + "a~1", "h264~" + "9" * 13]
)
def test_anything_else_says_nothing(cookie: str) -> None:
    assert read_player(cookie) == PlayerSaid()


@pytest.mark.parametrize(
    "page", ["/watch/movie/tt0017136", "/title/movie/tt0017136", "/title/movie/tt0017136/sources"]
)
async def test_sources_are_asked_for_as_they_suit_the_browser(
    owner: Browser, inner: Inner, page: str
) -> None:
    owner.client.session.cookie_jar.update_cookies({COOKIE: "h264.aac~8000000"}, owner.client.make_url("/"))
    await owner.open(page)
    assert "GET /api/v1/streams/movie/tt0017136?codecs=h264%2Caac&bandwidth_bps=8000000" in inner.asked
