"""Addresses in playlists, wherever they stand."""

from __future__ import annotations

import pytest

from services.streaming.media.playlists import (
    LONGEST_TAG,
    MOST_ADDRESSES,
    MOST_CHARS,
    TooMuchInIt,
    extension_of,
    is_playlist,
    rewritten,
)

BASE = "http://panel.example/live/u/p/7.m3u8"


def marked(address: str) -> str:
    return f"<{address}>"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("7_1.ts", "<http://panel.example/live/u/p/7_1.ts>"),
        ("/hls/7_1.ts?token=x", "<http://panel.example/hls/7_1.ts?token=x>"),
        ("https://cdn.example/7.ts", "<https://cdn.example/7.ts>"),
        ("//cdn.example/7.ts", "<http://cdn.example/7.ts>"),
        ("#EXTINF:10.0,", "#EXTINF:10.0,"),
        (
            '#EXT-X-KEY:METHOD=AES-128,URI="key.bin",IV=0x1',
            '#EXT-X-KEY:METHOD=AES-128,URI="<http://panel.example/live/u/p/key.bin>",IV=0x1',
        ),
        ('#EXT-X-MAP:URI="init.mp4"', '#EXT-X-MAP:URI="<http://panel.example/live/u/p/init.mp4>"'),
        ('#EXT-X-KEY:METHOD=X,URI="skd://key"', '#EXT-X-KEY:METHOD=X,URI="skd://key"'),
        ('#EXT-X-KEY:METHOD=X,URI="data:text/plain,x"', '#EXT-X-KEY:METHOD=X,URI="data:text/plain,x"'),
        ("HTTPS://cdn.example/7.ts", "<HTTPS://cdn.example/7.ts>"),
        ('#EXT-X-KEY:METHOD=X, URI="http://a/u/p"', '#EXT-X-KEY:METHOD=X, URI="<http://a/u/p>"'),
        ("#EXT-X-KEY:METHOD=X,URI='/u/p'", "#EXT-X-KEY:METHOD=X,URI='<http://panel.example/u/p>'"),
        ("#EXT-X-KEY:METHOD=X,URI=/u/p,IV=1", "#EXT-X-KEY:METHOD=X,URI=<http://panel.example/u/p>,IV=1"),
        ('  #EXT-X-MAP:URI="http://a/u/p"', '#EXT-X-MAP:URI="<http://a/u/p>"'),
        ('#EXT-X-DATERANGE:X-ASSET-LIST="http://a/u/p"', '#EXT-X-DATERANGE:X-ASSET-LIST="<http://a/u/p>"'),
        ("#EXTINF:2,http://a/u/p", "#EXTINF:2,<http://a/u/p>"),
    ],
)
def test_an_address_is_replaced(line: str, expected: str) -> None:
    assert rewritten(f"#EXTM3U\n{line}\n", BASE, marked) == f"#EXTM3U\n{expected}\n"


@pytest.mark.parametrize(
    "line",
    [
        "# made for http://panel.example/live/u/p/7.ts",
        '#EXT-X-CONTENT-STEERING:SERVER-URI="http://panel.example/u/p"',
        '#EXT-X-DEFINE:NAME="key",VALUE="/u/p"',
        "rtmp://panel.example/u/p",
        "file:///etc/passwd",
        "http://[panel.example/u/p",
        f'#EXT-X-MAP:URI="{"a" * LONGEST_TAG}"',
    ],
)
def test_what_could_tell_an_account_and_leads_nowhere_is_left_out(line: str) -> None:
    assert rewritten(f"#EXTM3U\n{line}\n", BASE, marked) == "#EXTM3U\n"


def test_more_addresses_than_anybody_plays_are_refused() -> None:
    with pytest.raises(TooMuchInIt):
        rewritten("1\n" * (MOST_ADDRESSES + 1), BASE, marked)
    with pytest.raises(TooMuchInIt):
        rewritten("1\n" * MOST_ADDRESSES, f"http://a/{'b' * (MOST_CHARS // MOST_ADDRESSES)}/c", marked)


def test_line_ends_and_a_mark_at_the_beginning_are_mended() -> None:
    assert rewritten("\ufeff#EXTM3U\r\n\r\n1.ts\r\n", "http://a/b", marked) == "#EXTM3U\n<http://a/1.ts>\n"


@pytest.mark.parametrize(
    ("content_type", "address", "expected"),
    [
        ("application/vnd.apple.mpegurl", "http://a/b", True),
        ("text/plain", "http://a/b.m3u8?x=1", True),
        ("video/mp2t", "http://a/b.ts", False),
        ("text/html", "http://a/b.ts?file=x.m3u8", False),
    ],
)
def test_a_playlist_is_known_by_its_type_or_its_name(content_type: str, address: str, expected: bool) -> None:
    assert is_playlist(content_type, address) is expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://a/7_1.ts?x=.mp4", "ts"),
        ("http://a/7.MKV", "mkv"),
        ("http://a/7", ""),
        ("http://a.b/c", ""),
        ("http://a/x.verylong", ""),
        ("1.mkv", "mkv"),
    ],
)
def test_an_ending_is_one_that_players_know(address: str, expected: str) -> None:
    assert extension_of(address) == expected
