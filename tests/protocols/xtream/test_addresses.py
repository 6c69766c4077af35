"""What people paste, and where a panel's streams are."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from libs.common.http import InvalidUrl
from libs.protocols.xtream.addresses import Credentials, XtreamAddress, read_pasted

BASE = "http://tv.example:8080"
ADDRESS = XtreamAddress(BASE, Credentials("u1", "p1"))
HOSTILE = XtreamAddress(f"{BASE}/portal/a", Credentials("a/b c+d", "p?&=#%é"))
ZONE = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("pasted", "base"),
    [
        ("http://tv.example:8080", BASE),
        ("http://tv.example:8080/", BASE),
        (" http://tv.example:8080// \n", BASE),
        ("tv.example:8080", BASE),
        ("tv.example", "http://tv.example"),
        ("//tv.example:8080", BASE),
        ("HTTP://TV.Example:8080", BASE),
        ("https://tv.example", "https://tv.example"),
        ("http://tv.example:80/", "http://tv.example"),
        ("tv.example:8080/get.php?username=u1&password=p1&type=m3u_plus&output=ts", BASE),
        ("http://tv.example:8080/player_api.php?username=u1&password=p1", BASE),
        ("http://tv.example:8080/xmltv.php", BASE),
        ("http://tv.example:8080/portal/a", f"{BASE}/portal/a"),
        ("http://tv.example:8080/portal/a/", f"{BASE}/portal/a"),
        ("http://tv.example:8080/portal/a/get.php?username=u1&password=p1", f"{BASE}/portal/a"),
        ("http://tv.example:8080/portal/a?x=1#top", f"{BASE}/portal/a"),
        ("192.0.2.7:8080/GET.PHP", "http://192.0.2.7:8080"),
        ("http://[2001:db8::7]:8080/", "http://[2001:db8::7]:8080"),
    ],
)
def test_what_people_paste_becomes_a_base(pasted: str, base: str) -> None:
    assert read_pasted(pasted).base == base


@pytest.mark.parametrize(
    ("pasted", "name", "password"),
    [
        ("http://tv.example/get.php?username=u1&password=p1&type=m3u", "u1", "p1"),
        ("tv.example/player_api.php?password=p%2F1%26&username=u%401", "u@1", "p/1&"),
        ("http://u1:p1@tv.example/", "u1", "p1"),
    ],
)
def test_credentials_are_taken_from_what_was_pasted(pasted: str, name: str, password: str) -> None:
    read = read_pasted(pasted)
    assert read.credentials == Credentials(name, password)
    assert read.base == "http://tv.example"


@pytest.mark.parametrize("query", ["", "?username=u1", "?username=&password=", "?username=u1&password="])
def test_half_of_them_are_none(query: str) -> None:
    assert read_pasted(f"http://tv.example/get.php{query}").credentials is None


@pytest.mark.parametrize(
    "pasted", ["", " ", "ftp://tv.example", "http://", "http://a b/", "u1 p1", "http://x/\n?password=secret"]
)
def test_what_is_no_address_is_refused_without_being_repeated(pasted: str) -> None:
    with pytest.raises(InvalidUrl) as refused:
        read_pasted(pasted)
    assert "secret" not in str(refused.value)


def test_credentials_never_print() -> None:
    address = XtreamAddress(BASE, Credentials("someone", "secret"))
    pasted = read_pasted("http://tv.example/get.php?username=someone&password=secret")
    for shown in (repr(address), repr(pasted), f"{address.credentials}"):
        assert "someone" not in shown
        assert "secret" not in shown


def test_addresses_of_the_api() -> None:
    assert ADDRESS.api() == f"{BASE}/player_api.php?username=u1&password=p1"
    assert ADDRESS.api("get_vod_info", {"vod_id": "5"}) == (
        f"{BASE}/player_api.php?username=u1&password=p1&action=get_vod_info&vod_id=5"
    )
    assert ADDRESS.guide() == f"{BASE}/xmltv.php?username=u1&password=p1"
    assert ADDRESS.playlist() == f"{BASE}/get.php?username=u1&password=p1&type=m3u_plus&output=ts"


def test_addresses_of_streams() -> None:
    assert ADDRESS.stream("live", 7, "m3u8") == f"{BASE}/live/u1/p1/7.m3u8"
    assert ADDRESS.stream("movie", 7, "mkv") == f"{BASE}/movie/u1/p1/7.mkv"
    assert ADDRESS.stream("series", 1001, ".mp4") == f"{BASE}/series/u1/p1/1001.mp4"
    assert ADDRESS.stream("movie", 7, "") == f"{BASE}/movie/u1/p1/7"
    assert ADDRESS.short_live(7) == f"{BASE}/u1/p1/7"
    assert ADDRESS.short_live(7, "ts") == f"{BASE}/u1/p1/7.ts"


def test_credentials_are_escaped_in_paths_and_queries() -> None:
    assert HOSTILE.stream("live", 7, "ts") == (
        f"{BASE}/portal/a/live/a%2Fb%20c%2Bd/p%3F%26%3D%23%25%C3%A9/7.ts"
    )
    query = parse_qs(urlsplit(HOSTILE.api("get_series")).query, strict_parsing=True)
    assert query == {"username": ["a/b c+d"], "password": ["p?&=#%é"], "action": ["get_series"]}
    assert "+" not in HOSTILE.api()


def test_no_credentials_walk_the_path() -> None:
    assert (
        XtreamAddress(BASE, Credentials("..", ".")).stream("live", 7, "ts") == f"{BASE}/live/%2E%2E/%2E/7.ts"
    )
    assert ADDRESS.stream("movie", 7, "../../x") == f"{BASE}/movie/u1/p1/7.%2F..%2Fx"


def test_catch_up_in_every_form_and_in_the_panels_zone() -> None:
    start = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    script = f"{BASE}/streaming/timeshift.php?username=u1&password=p1&stream=7"
    assert ADDRESS.catch_up(7, start, 90, zone=ZONE) == (
        f"{BASE}/timeshift/u1/p1/90/2026-01-01:22-04/7.ts",
        f"{BASE}/timeshift/u1/p1/90/2026-01-01_22-04/7.ts",
        f"{BASE}/timeshift/u1/p1/90/2026-01-01:22:04:05/7.ts",
        f"{script}&start=2026-01-01_22-04&duration=90",
        f"{script}&start=2026-01-01%2022%3A04%3A05&duration=90",
        f"{script}&start=2026-01-01%3A22-04&duration=90",
        f"{script}&start=2026-01-01%3A22%3A04%3A05&duration=90",
    )


def test_catch_up_knows_summer_time() -> None:
    start = datetime(2026, 7, 2, 3, 4, tzinfo=UTC)
    assert ADDRESS.catch_up(7, start, 30, zone=ZONE, extension="m3u8")[0] == (
        f"{BASE}/timeshift/u1/p1/30/2026-07-01:23-04/7.m3u8"
    )
