"""The addresses of IPTV apps: who signs in by them, what they name, and what is none."""

from __future__ import annotations

import pytest

from services.gateway.players.addresses import Login, Past, file_of, login_of, parameters, past_of

LOGIN = Login("ada-kids", "abcdefgh2345")


@pytest.mark.parametrize(
    "path",
    [
        "/player_api.php?username=ada-kids&password=abcdefgh2345",
        "/player_api.php?password=ABCDEFGH2345&username=Ada-Kids&action=get_series",
        "/get.php?username=ada-kids&password=abcdefgh2345&type=m3u_plus&output=ts",
        "/xmltv.php?username=ada-kids&password=abcdefgh2345",
        "/live/ada-kids/abcdefgh2345/1.ts",
        "/movie/ada-kids/abcdefgh2345/1.mkv",
        "/series/Ada-Kids/abcdefgh2345/1.mp4",
        "/timeshift/ada-kids/abcdefgh2345/60/2026-01-02:10-00/1.ts",
        "/streaming/timeshift.php?username=ada-kids&password=abcdefgh2345&stream=1&start=1&duration=1",
        "/ada-kids/abcdefgh2345/1",
        "/ada-kids/abcdefgh2345/1.ts",
        "/live/ada%2Dkids/abcdefgh2345/1.ts",
    ],
)
def test_who_signs_in_is_read(path: str) -> None:
    assert login_of(path) == LOGIN


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/admin/users/12",
        "/title/movie/tt0000001",
        "/browse/movie/1",
        "/rows/movie/123456789012",
        "/settings/rows/titles",
        "/api/v1/me",
        "/sources/abcdefghijkl/off",
        "/static/abcdefgh2345/app.js",
        "/player_api.php/more",
        "/live/ada",
        "/Ada/abcdefgh2345/1",
    ],
)
def test_other_addresses_are_nobodys(path: str) -> None:
    assert login_of(path) is None


def test_an_address_without_a_login_is_one_of_players_all_the_same() -> None:
    assert login_of("/player_api.php") == Login("", "")
    assert not Login("", "").proof
    assert not Login("a/b", "c").proof
    assert not Login("a" * 200, "c").proof


def test_a_login_is_not_shown() -> None:
    assert "abcdefgh2345" not in repr(LOGIN)
    assert "ada-kids" not in repr(LOGIN)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("12.ts", (12, "ts")),
        ("12", (12, "")),
        ("12.M3U8", (12, "m3u8")),
        ("a.ts", None),
        ("12.", None),
        ("-1.ts", None),
        ("12345678901", None),
        ("", None),
    ],
)
def test_files(name: str, found: tuple[int, str] | None) -> None:
    assert file_of(name) == found


@pytest.mark.parametrize(
    ("start", "duration", "by_query", "past"),
    [
        ("2026-01-02:10-30", "60", False, Past(1767349800, 3600)),
        ("2026-01-02_10-30", "60", False, Past(1767349800, 3600)),
        ("2026-01-02:10:30:15", "60", False, Past(1767349815, 3600)),
        ("2026-01-02 10:30:15", "60", True, Past(1767349815, 3600)),
        ("2026-01-02:10-30", "60", True, Past(1767349800, 3600)),
        ("1767349800", "3600", True, Past(1767349800, 3600)),
        ("1767349800", "60", False, Past(1767349800, 3600)),
        ("2026-01-02:10-30", "99999", False, Past(1767349800, 86400)),
        ("2026-13-02:10-30", "60", False, None),
        ("yesterday", "60", False, None),
        ("2026-01-02:10-30", "", False, None),
        ("2026-01-02:10-30", "0", False, None),
        ("2026-01-02:10-30", "-5", False, None),
    ],
)
def test_the_past_in_every_form(start: str, duration: str, by_query: bool, past: Past | None) -> None:
    assert past_of(start, duration, by_query=by_query) == past


def test_the_first_of_a_parameter_counts() -> None:
    assert parameters("a=1&a=2&b=") == {"a": "1", "b": ""}
    assert parameters("&".join(f"n{number}=1" for number in range(100))) == {}
