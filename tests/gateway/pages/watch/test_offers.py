"""What a browser can do with each source, and which one it begins with."""

import pytest

from libs.common.contracts.streaming import StreamAlternative
from services.gateway.pages.watch.offers import Offer, first_of, read_offer, stremio_link
from tests.gateway.pages.inner import raw, stream

IN_STREMIO = stremio_link("series", "tt9", "tt9:1:1")


def offer(name: str, url: str | None = None, **changes: object) -> Offer:
    return read_offer(stream(name, url, "Near", **{"id": name, **changes}), in_stremio=IN_STREMIO)


def test_an_address_plays_here_and_in_other_players() -> None:
    found = offer("film", "https://cdn.example.org/film.mp4")
    assert (found.how, found.address) == ("here", "https://cdn.example.org/film.mp4")


def test_what_the_hub_plays_itself_plays_here() -> None:
    assert offer("own", "headgate:play/movie/26.mp4").how == "here"


def test_an_address_no_browser_may_follow_is_left_to_stremio() -> None:
    found = offer("bad", "javascript:alert(1)")
    assert (found.how, found.link, found.address) == ("stremio", IN_STREMIO, "")


def test_a_torrent_opens_in_stremio_and_is_copied_as_a_magnet() -> None:
    found = offer("torrent", kind="torrent", raw=raw({"infoHash": "a" * 40}))
    assert found.how == "stremio"
    assert found.link == "stremio:///detail/series/tt9/tt9%3A1%3A1"
    assert found.address == f"magnet:?xt=urn:btih:{'a' * 40}"


def test_usenet_opens_in_stremio() -> None:
    assert offer("usenet", kind="usenet", raw=raw({"nzbUrl": "https://a.example/1.nzb"})).how == "stremio"


def test_another_site_is_a_page_to_open() -> None:
    found = offer("site", "https://watch.example.org/1", kind="external")
    assert (found.how, found.link) == ("elsewhere", "https://watch.example.org/1")


def test_a_video_of_youtube_is_a_page_to_open() -> None:
    found = offer("yt", kind="youtube", raw=raw({"ytId": "a&b"}))
    assert (found.how, found.link) == ("elsewhere", "https://www.youtube.com/watch?v=a%26b")


@pytest.mark.parametrize("members", [{"behaviorHints": None}, {"behaviorHints": {"bingeGroup": 7}}, []])
def test_hints_that_are_none_are_read_over(members: object) -> None:
    assert offer("odd", "https://cdn.example.org/film.mp4", raw=raw(members)).group == ""


def test_only_alternatives_that_play_here_are_kept_for_a_failure() -> None:
    others = [
        StreamAlternative(id=kind, addon_id="b", addon_name="Far", name=kind, kind=kind, url=None)
        for kind in ("url", "torrent")
    ]
    found = offer("film", "https://cdn.example.org/film.mp4", alternatives=tuple(others))
    assert [other.id for other in found.alternatives] == ["url"]


def grouped(name: str, group: str = "") -> Offer:
    return offer(name, "https://cdn.example.org/film.mp4", raw=raw({"behaviorHints": {"bingeGroup": group}}))


def test_the_source_that_is_asked_for_is_the_first() -> None:
    offers = [grouped("one"), grouped("two", "hd")]
    assert first_of(offers, source_id="one", group="hd") == offers[0]


def test_the_quality_watched_before_comes_before_the_best() -> None:
    offers = [grouped("one", "4k"), grouped("two", "hd")]
    assert first_of(offers, source_id="gone", group="hd") == offers[1]


def test_without_a_wish_the_first_that_plays_here_is_the_first() -> None:
    torrent = offer("torrent", kind="torrent", raw=raw({"infoHash": "a" * 40}))
    assert first_of([torrent, grouped("two")], source_id="", group="") == grouped("two")
    assert first_of([torrent], source_id="", group="") == torrent
    assert first_of([], source_id="", group="") is None
