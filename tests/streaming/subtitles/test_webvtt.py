"""SubRip and WebVTT to what browsers read."""

from __future__ import annotations

import time

import pytest

from services.streaming.subtitles.webvtt import webvtt

SUBRIP = """1
00:00:01,500 --> 00:00:03,000
<font color="#ffff00">Good evening.</font>
{\\an8}<i>Who is there?</i>

2
00:00:04,000 --> 00:00:05,000
I <3 you --> and you
"""


def test_subrip_becomes_webvtt() -> None:
    assert webvtt(SUBRIP.encode()) == (
        "WEBVTT\n\n"
        "00:00:01.500 --> 00:00:03.000\nGood evening.\n<i>Who is there?</i>\n\n"
        "00:00:04.000 --> 00:00:05.000\nI &lt;3 you → and you\n\n"
    )


def test_cues_without_an_empty_line_between_them_lose_no_speech() -> None:
    told = "1\n00:00:01,0 --> 00:00:02,5\nOne\n2\n00:00:03,0 --> 00:00:04,0\nTwo\nlines"
    assert webvtt(told.encode()) == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nOne\n\n00:00:03.000 --> 00:00:04.000\nTwo\nlines\n\n"
    )


def test_webvtt_keeps_its_tags_and_where_its_cues_stand() -> None:
    told = (
        "WEBVTT - of Ada\n\nSTYLE\n::cue {}\n\nfirst\n01:02.000 --> 01:03.000 line:0\n<v Ada>Yes\n".replace(
            "\n", "\r\n"
        )
    )
    assert webvtt(told.encode()) == "WEBVTT\n\n00:01:02.000 --> 00:01:03.000 line:0\n<v Ada>Yes\n\n"


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        ("\ufeff" + SUBRIP.replace("Good", "Добрый"), "utf-8"),
        (SUBRIP.replace("Good", "Добрый"), "utf-16"),
        (SUBRIP.replace("Good", "Добрый"), "windows-1251"),
    ],
)
def test_letters_are_read_as_they_were_written(data: str, charset: str) -> None:
    assert "Добрый evening." in webvtt(data.encode(charset), charset)


@pytest.mark.parametrize("charset", ["", "idna", "no such", "iso-8859-99"])
def test_what_nobody_says_how_to_read_is_read_as_most_of_it_is(charset: str) -> None:
    assert "Château" in webvtt(SUBRIP.replace("Good", "Château").encode("cp1252"), charset)


@pytest.mark.parametrize("data", [b"", b"<html>no</html>", b"PK\x03\x04\x00", b"[Script Info]\nTitle: no"])
def test_what_is_no_subtitle_is_nothing(data: bytes) -> None:
    assert webvtt(data) == ""


@pytest.mark.parametrize(
    "data",
    [
        b"0" * 2_000_000,
        b" " * 2_000_000,
        b"00:" * 600_000,
        b"00:00:01,000 --> 00:00:02,000\n" + b"<font" * 400_000,
        b"00:00:01,000 --> 00:00:02,000\n" + b"{\\" * 1_000_000,
        b"00:00:01,000 --> 00:00:02,000\nx\n" * 60_000,
    ],
    ids=("digits", "spaces", "times", "tags", "places", "cues"),
)
def test_two_megabytes_of_anything_take_no_seconds(data: bytes) -> None:
    began = time.process_time()
    webvtt(data)
    assert time.process_time() - began < 3
