"""What panels send instead of a guide, before it and behind it."""

from __future__ import annotations

import gzip

import pytest

from libs.protocols.xmltv.errors import Empty, NotAGuide
from tests.protocols.xmltv.guides import FULL, HEAD, guide, programme, read


@pytest.mark.parametrize(
    "before", [b"\n\n  ", b"\xef\xbb\xbf\n", b"<br />\n<b>Warning</b>: x in <b>/y.php</b>\n"]
)
def test_what_a_panel_sends_before_the_guide_is_passed_over(before: bytes) -> None:
    assert read(before + FULL) == read(FULL)


def test_what_a_server_appends_is_passed_over() -> None:
    for content in (FULL + b"<!-- 0.1 s --><div>x", gzip.compress(FULL) + b"\0\0junk", FULL + b"\0"):
        assert read(content) == read(FULL)


@pytest.mark.parametrize("content", [b"", b" \r\n ", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_nothing_is_said_to_be_nothing(content: bytes) -> None:
    with pytest.raises(Empty, match="sent nothing"):
        read(content)


@pytest.mark.parametrize("content", [b"<tv/>", HEAD + b"<tv></tv>", HEAD + b"<tv><other/></tv>"])
def test_a_guide_without_rows_is_empty(content: bytes) -> None:
    with pytest.raises(Empty, match="holds no rows"):
        read(content)


def test_a_guide_without_one_usable_row_is_empty() -> None:
    with pytest.raises(Empty, match="Not one row"):
        read(guide(programme("")))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "a web page"),
        (b"<html><head/></html>" + b"x" * 70_000, "a web page"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><p/></html>', "a web page"),
        (b'{"user_info":{"auth":0}}', "JSON"),
        (b"[]", "JSON"),
        (b"#EXTM3U\n#EXTINF:-1,One\nhttp://x", "a playlist"),
        (b"Access Denied", "something else"),
        (b"\x89PNG\r\n\x1a\n\0\0", "something else"),
        (b'<?xml version="1.0"?><rss><channel id="x"/></rss>', "another kind of XML"),
    ],
)
def test_something_else_is_said_to_be_that(content: bytes, what: str) -> None:
    with pytest.raises(NotAGuide, match=what):
        read(content)
