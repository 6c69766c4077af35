"""Lists as they arrive, whole and not."""

from __future__ import annotations

import gzip
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.protocols.m3u.errors import (
    Corrupt,
    Empty,
    Json,
    ListBroken,
    NoEntries,
    NotAList,
    OneStream,
    TooLarge,
    Truncated,
    WebPage,
)
from libs.protocols.m3u.reading import LONGEST_LINE, Reader
from libs.protocols.m3u.rows import Entry
from tests.protocols.m3u.lists import entries_of, read

LIST = """#EXTM3U x-tvg-url="http://guide.example/xmltv.php?username=u&password=p" tvg-shift="-1.5"
#EXTINF:-1 tvg-id="one" tvg-name="One" tvg-logo="http://l.example/1" group-title="News, all;HD",One, the first
http://tv.example/live/u/p/1.ts

# a remark
#EXTINF:-1 tvg-id="" tvg-name="Été" tvg-logo="" group-title="Films",Été (1968)
#EXTVLCOPT:http-user-agent=Player/1.0
http://tv.example/movie/u/p/2.mkv
#EXTINF:-1,-Name
http://tv.example/3
#EXTINF:-1 broken="a tvg-name="Four",Four
http://tv.example/4
"""


PARTS = (
    *(
        b"#EXTINF:-1",
        b"#EXTM3U",
        b"#EXTGRP:",
        b"#KODIPROP:a=b",
        b",A",
        b' tvg-id="a"',
        b"group-title=",
        b"S1E1",
    ),
    *(b"http://x/1", b"|a=b", b'"', b"'", b"=", b",", b" ", b"\n", b"\r", b"\xff", b"\xc3", b"\0", b"<"),
)


def entry(number: int) -> str:
    return f"#EXTINF:-1,Channel {number}\nhttp://tv.example/{number}\n"


@pytest.mark.parametrize("packed", [False, True])
@given(st.lists(st.integers(1, 400), max_size=8))
@settings(max_examples=40, deadline=None)
def test_every_cutting_of_the_bytes_gives_the_same_entries(packed: bool, sizes: list[int]) -> None:
    content = LIST.encode() if not packed else gzip.compress(LIST.encode())
    whole = read(Reader(), content)
    reader, entries, at = Reader(), list[Entry](), 0
    for size in (*sizes, len(content)):
        for batch in reader.feed(content[at : at + size]):
            entries += batch
        at += size
    assert entries + reader.finish() == whole
    assert [one.name for one in whole] == ["One, the first", "Été (1968)", "-Name", "Four"]


@pytest.mark.parametrize("piece", [1, 2, 3, 7])
def test_pieces_of_single_bytes_give_the_same_entries(piece: int) -> None:
    content = b"\xef\xbb\xbf" + LIST.replace("\n", "\r\n").encode()
    assert read(Reader(), content, piece=piece) == entries_of(LIST)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\n"])
def test_lines_end_in_every_way(end: str) -> None:
    assert entries_of(LIST.replace("\n", end)) == entries_of(LIST)


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    reader = Reader()
    read(reader, b"\xef\xbb\xbf" + LIST.encode())
    assert reader.header.guides == ("http://guide.example/xmltv.php?username=u&password=p",)


def test_a_list_of_latin_1_bytes_is_read_and_noted() -> None:
    reader = Reader()
    entries = read(reader, LIST.encode("cp1252"))
    assert entries == entries_of(LIST)
    assert reader.tally.noted["not_utf8"] == 1


def test_one_line_of_latin_1_does_not_spoil_the_others() -> None:
    content = (
        "#EXTINF:-1,Ünö\n".encode() + b"http://tv.example/1\n#EXTINF:-1,\xdcn\xf6\nhttp://tv.example/2\n"
    )
    assert [one.name for one in read(Reader(), content)] == ["Ünö", "Ünö"]


def test_a_list_without_its_first_line_is_read() -> None:
    assert len(entries_of(entry(1) + entry(2))) == 2


def test_a_list_is_read_to_its_end_without_a_line_break() -> None:
    assert len(entries_of("#EXTM3U\n" + entry(1).rstrip())) == 1


def test_a_packed_list_is_unpacked_whatever_it_is_called() -> None:
    content = gzip.compress(LIST.encode()) + gzip.compress(entry(5).encode())
    assert [one.name for one in read(Reader(), content, piece=10)][-1] == "Channel 5"


def test_an_entry_without_an_address_is_left_out_and_counted() -> None:
    reader = Reader()
    text = "#EXTM3U\n#EXTINF:-1,Lost\n" + entry(1) + "#EXTINF:-1,Last"
    assert [one.name for one in read(reader, text.encode())] == ["Channel 1"]
    assert (reader.tally.seen, reader.tally.kept, reader.tally.skipped) == (3, 1, {"no_address": 2})


def test_an_entry_without_an_address_keeps_its_directives_to_itself() -> None:
    text = "#EXTM3U\n#EXTINF:-1,Lost\n#EXTVLCOPT:http-user-agent=Secret\n" + entry(1)
    assert entries_of(text)[0].headers == ()


def test_an_address_without_an_entry_is_left_out_and_counted() -> None:
    reader = Reader()
    assert len(read(reader, ("http://tv.example/0\n" + entry(1)).encode())) == 1
    assert reader.tally.skipped == {"no_extinf": 1}


def test_an_entry_without_any_name_is_left_out_and_counted() -> None:
    reader = Reader()
    assert len(read(reader, ("#EXTINF:-1,\nhttp://tv.example/0\n" + entry(1)).encode())) == 1
    assert reader.tally.skipped == {"unnamed": 1}


def test_a_line_that_is_no_address_leaves_the_entry_its_own() -> None:
    reader = Reader()
    text = '#EXTINF:-1 tvg-name="Two\nlines",Two\nlines\nhttp://tv.example/1\n'
    assert read(reader, text.encode())[0].address == "http://tv.example/1"
    assert reader.tally.noted["stray_text"] == 2


def test_unknown_directives_and_remarks_mean_nothing() -> None:
    text = (
        '#EXTM3U\n#EXT-X-SESSION-DATA:DATA-ID="com.example",VALUE="1"\n#PLAYLIST:Mine\n#\n# EXTINF\n'
        + entry(1)
    )
    reader = Reader()
    assert len(read(reader, text.encode())) == 1
    assert reader.tally.skipped == {}


@pytest.mark.parametrize("piece", [1000, LONGEST_LINE, 1 << 20])
@pytest.mark.parametrize("longer", [1, 20_000, 2 * LONGEST_LINE])
def test_an_entry_with_a_line_that_is_too_long_is_left_out_whole(piece: int, longer: int) -> None:
    name = "n" * (LONGEST_LINE - len("#EXTINF:-1,") + longer)
    reader = Reader()
    content = (entry(1) + f"#EXTINF:-1,{name}\nhttp://tv.example/0\n" + entry(2)).encode()
    assert [one.name for one in read(reader, content, piece=piece)] == ["Channel 1", "Channel 2"]
    assert (reader.tally.seen, reader.tally.skipped) == (3, {"too_long": 1})


def test_an_address_that_is_too_long_takes_its_entry_along() -> None:
    reader = Reader()
    content = "#EXTINF:-1,Long\nhttp://tv.example/" + "a" * LONGEST_LINE + "\n" + entry(1)
    assert [one.name for one in read(reader, content.encode())] == ["Channel 1"]
    assert reader.tally.skipped == {"too_long": 1}


def test_a_remark_that_is_too_long_costs_no_entry() -> None:
    reader = Reader()
    content = "#EXTINF:-1,One\n#" + "a" * LONGEST_LINE + "\nhttp://tv.example/1\n"
    assert len(read(reader, content.encode())) == 1
    assert reader.tally.noted == {"too_long": 1}


def test_a_broken_line_that_is_long_is_left_out_before_it_costs_time() -> None:
    reader = Reader()
    content = '#EXTINF:-1 a="' + 'b a="' * 2000 + ",Long\nhttp://tv.example/0\n" + entry(1)
    assert len(read(reader, content.encode())) == 1
    assert reader.tally.skipped == {"broken": 1}


@pytest.mark.parametrize(
    "line",
    [
        "#EXTINF:" + " " * 250_000,
        "#EXTINF:-1" + " " * 250_000 + ",A",
        "#EXTINF:" + "9" * 250_000 + ",A",
        "#EXTINF:-1" + ' a="b"' * 40_000,
        "#EXTINF:-1" + ' a="b"' * 40_000 + ",A",
        '#EXTINF:-1 tvg-country="' + " " * 250_000 + '",A',
        '#EXTINF:-1 tvg-chno="' + " " * 250_000 + '",A',
        '#EXTINF:-1 group-title="' + ";" * 250_000 + '",A',
        '#EXTINF:-1 a="' + 'b a="' * 1500,
        "#EXTINF:-1 a='" + '"' * 7000,
        "#EXTINF:-1 a=" + " a" * 3500,
        '#EXTINF:-1 "="' + "a" * 7000,
        '#EXTM3U x-tvg-url="' + "\u00a0" * 8000 + '"',
        '#EXTM3U x-tvg-url="' + "," * 8000 + '"',
        "#EXTINF:-1," + "S1" * 120_000,
        "#EXTINF:-1,A\nhttp://x/movie/" + "a/" * 120_000,
        "#EXTINF:-1,A\nhttp://x/1|" + "a=b&" * 60_000,
    ],
)
def test_no_line_takes_long(line: str) -> None:
    """Each would take minutes where the time grows with the square of the line."""
    reader = Reader()
    started = time.process_time()
    read(reader, (f"{line}\nhttp://tv.example/0\n" * 4 + entry(1)).encode())
    assert time.process_time() - started < 3
    assert reader.tally.seen == reader.tally.kept + sum(reader.tally.skipped.values())


@given(
    st.lists(st.sampled_from(PARTS), max_size=40),
    st.integers(1, 9),
)
@settings(deadline=None)
def test_whatever_arrives_is_read_counted_or_refused(parts: list[bytes], piece: int) -> None:
    content = b"".join(parts)

    def outcome(size: int) -> tuple[object, ...]:
        reader = Reader()
        try:
            found: object = read(reader, content, piece=size)
        except ListBroken as error:
            found = error.reason
        tally = reader.tally
        assert tally.seen == tally.kept + sum(tally.skipped.values())
        return found, tally, reader.header

    assert outcome(piece) == outcome(1 << 20)


def test_words_of_a_page_in_front_of_a_list_do_not_lose_it() -> None:
    assert (
        len(entries_of("<br />\n<b>Warning</b>: mysql_connect() in /www/get.php\n#EXTM3U\n" + entry(1))) == 1
    )


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", Empty),
        (b"\xef\xbb\xbf \r\n\r\n", Empty),
        (b"<!DOCTYPE html>\n<a href='http://tv.example/'>blocked</a>\nhttp://tv.example/\n", WebPage),
        (b"\n <html>" + b"x" * (LONGEST_LINE * 2), WebPage),
        (b'{"user_info":{"auth":0}}', Json),
        (b"[]", Json),
        (b"Blocked", NotAList),
        (b"B", NotAList),
        (b"\x00\x01\x02\x03", NotAList),
        (b"http://tv.example/1.ts\n", NoEntries),
        (b"#EXTM3U\n", NoEntries),
        (b'#EXTM3U x-tvg-url="http://guide.example/"\n#EXTINF:-1,A\n', NoEntries),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6.0,\n1.ts\n", OneStream),
        (b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://tv.example/1.m3u8\n", OneStream),
        (gzip.compress(b"", mtime=0), Empty),
        (gzip.compress(LIST.encode(), mtime=0)[:-12], Truncated),
        (b"\x1f\x8b" + b"\xff" * 100, Corrupt),
    ],
)
def test_what_is_no_list_says_what_it_is(content: bytes, error: type[ListBroken]) -> None:
    with pytest.raises(error) as caught:
        read(Reader(), content, piece=5000)
    assert caught.value.reason == error.reason
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("packed", [False, True])
def test_a_list_larger_than_allowed_ends_the_reading(packed: bool) -> None:
    content = entry(1).encode() * 100
    with pytest.raises(TooLarge):
        read(Reader(max_bytes=3000), gzip.compress(content) if packed else content, piece=500)


def test_entries_come_before_the_list_has_ended() -> None:
    reader = Reader()
    batches = list(reader.feed("".join(map(entry, range(10_000))).encode()))
    assert len(batches) > 5
    assert max(map(len, batches)) < 2000


def test_memory_does_not_grow_with_the_list() -> None:
    reader, piece = Reader(), "".join(map(entry, range(500))).encode()
    tracemalloc.start()
    try:
        peaks = []
        for _ in range(2):
            for _ in range(6):
                for _batch in reader.feed(piece):
                    pass
            peaks.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2


def test_every_entry_is_kept_or_counted() -> None:
    reader = Reader()
    read(reader, (LIST + "http://tv.example/9\n#EXTINF:-1,\nhttp://tv.example/9\n#EXTINF:-1,x\n").encode())
    tally = reader.tally
    assert tally.seen == tally.kept + sum(tally.skipped.values()) == 7


def test_no_address_of_a_list_stands_in_a_repr() -> None:
    reader = Reader()
    entries = read(reader, LIST.encode())
    shown = repr((entries, reader.header, entries[0].catchup))
    assert "http" not in shown
    assert "password" not in shown
