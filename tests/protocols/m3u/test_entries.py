"""What an entry says, in every way it is written."""

from __future__ import annotations

import pytest

from libs.protocols.m3u.reading import Reader
from libs.protocols.m3u.rows import Catchup, CatchupMode, EpisodePlace, Header, Kind, Pairs
from tests.protocols.m3u.lists import entries_of, one, read


def header(line: str) -> Header:
    reader = Reader()
    read(reader, (line + "\n#EXTINF:-1,A\nhttp://tv.example/1\n").encode())
    return reader.header


def test_an_entry_as_panels_write_it() -> None:
    entry = one(
        '#EXTINF:-1 tvg-id="a.b" tvg-name="A B" tvg-logo="http://l.example/1.png" group-title="UK",A & B'
    )
    assert (entry.tvg_id, entry.tvg_name, entry.logo) == ("a.b", "A B", "http://l.example/1.png")
    assert (entry.name, entry.groups, entry.kind, entry.duration_s) == ("A & B", ("UK",), "live", None)


@pytest.mark.parametrize(
    ("line", "name", "group"),
    [
        ('#EXTINF:-1 group-title="Movies, New",A, B', "A, B", "Movies, New"),
        ('#EXTINF:-1 GROUP-Title="UK",A', "A", "UK"),
        ('#extinf:-1 group-title="UK",A', "A", "UK"),
        ('#EXTINF:-1 group-title="UK" , A ', "A", "UK"),
        ('#EXTINF:-1,group-title="UK",A', "A", "UK"),
        ('#EXTINF:-1, group-title="UK",A', "A", "UK"),
        ('#EXTINF:-1 tvg-id="a", group-title="UK",A', "A", "UK"),
        ('#EXTINF:-1 tvg-id="a"group-title="UK",A', "A", "UK"),
        ('#EXTINF:-1  tvg-id = "a"   group-title = "UK",A', "A", "UK"),
        ("#EXTINF:-1 group-title='UK',A", "A", "UK"),
        ("#EXTINF:-1 tvg-id=a group-title=UK,A", "A", "UK"),
        ("#EXTINF:-1 group-title=UK News tvg-id=a,A", "A", "UK News"),
        ('#EXTINF:-1 tvg-name="One group-title="UK",A', "A", "UK"),
        ('#EXTINF:-1 tvg-name=One" group-title="UK",A', "A", "UK"),
        ('#EXTINF:-1 group-title="UK,A', "A", "UK"),
        ('#EXTINF:-1 tvg-name="The "Best" One" group-title="UK",A', "A", "UK"),
        ('#EXTINF:-1 tvg-name="A "quoted", B" group-title="UK",A', "A", "UK"),
        ('#EXTINF:-1 group-title="UK",The "Best" One', 'The "Best" One', "UK"),
        ('#EXTINF:-1 group-title="UK" A', "A", "UK"),
        ('#EXTINF: group-title="UK",A', "A", "UK"),
        ('#EXTINF group-title="UK",A', "A", "UK"),
        ('#EXTINF:-1\tgroup-title="UK",A', "A", "UK"),
        ('#EXTINF:0.0 group-title="UK",A', "A", "UK"),
        ('#EXTINF:-1 tvg-id="" group-title="UK" tvg-logo="",-A', "-A", "UK"),
        ('#EXTINF:-1 group-title="UK",a=b', "a=b", "UK"),
        ('#EXTINF:-1 group-title="UK",#EXTINF:-1,A', "#EXTINF:-1,A", "UK"),
    ],
)
def test_attributes_are_read_in_every_way_they_are_written(line: str, name: str, group: str) -> None:
    entry = one(line)
    assert (entry.name, entry.groups) == (name, (group,))


def test_a_value_with_its_own_quotes_is_kept() -> None:
    assert one('#EXTINF:-1 tvg-name="The "Best" One" group-title="UK",A').tvg_name == 'The "Best" One'


def test_a_mended_line_is_noted() -> None:
    reader = Reader()
    read(reader, b'#EXTINF:-1 tvg-name="One group-title="UK",A\nhttp://tv.example/1\n')
    assert reader.tally.noted == {"mended": 1}


@pytest.mark.parametrize(
    "line", ['#EXTINF:-1 tvg-name="A",', '#EXTINF:-1 tvg-id="A",', '#EXTINF:-1 tvg-name="A"']
)
def test_an_entry_without_a_name_is_called_as_the_guide_calls_it(line: str) -> None:
    assert one(line).name == "A"


def test_control_characters_are_no_part_of_a_name() -> None:
    assert one("#EXTINF:-1,A\x00B\x07\u2028C").name == "AB C"


@pytest.mark.parametrize(
    ("told", "number", "sub_number"),
    [("5", 5, None), ("007", 7, None), ("5.1", 5, 1), ("5-2", 5, 2), ("", None, None), ("BBC", None, None)],
)
def test_a_channel_number_may_have_a_second_part(
    told: str, number: int | None, sub_number: int | None
) -> None:
    entry = one(f'#EXTINF:-1 tvg-chno="{told}",A')
    assert (entry.number, entry.sub_number) == (number, sub_number)


@pytest.mark.parametrize(
    ("told", "shift_h"),
    [
        ("-4.5", -4.5),
        ("+2", 2.0),
        ("1,5", 1.5),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("3600", None),
        ("x", None),
    ],
)
def test_a_shift_is_in_hours(told: str, shift_h: float | None) -> None:
    assert one(f'#EXTINF:-1 tvg-shift="{told}",A').shift_h == shift_h


def test_the_shift_of_the_header_holds_where_an_entry_says_none() -> None:
    assert one("#EXTINF:-1,A", header='#EXTM3U tvg-shift="-3"').shift_h == -3
    assert one('#EXTINF:-1 tvg-shift="0",A', header='#EXTM3U tvg-shift="-3"').shift_h == 0


@pytest.mark.parametrize(
    ("told", "duration_s"), [("-1", None), ("0", None), ("90", 90.0), ("1.5", 1.5), ("", None)]
)
def test_a_duration_below_nought_is_none(told: str, duration_s: float | None) -> None:
    assert one(f"#EXTINF:{told},A").duration_s == duration_s


def test_groups_are_a_list_without_repeats() -> None:
    assert one('#EXTINF:-1 group-title="UK; HD;;UK",A').groups == ("UK", "HD")


def test_a_group_directive_holds_until_an_empty_one_or_a_group_title() -> None:
    entries = entries_of(
        "#EXTINF:-1,A\n#EXTGRP:News;UK\nhttp://tv.example/1\n"
        "#EXTINF:-1,B\nhttp://tv.example/2\n"
        '#EXTINF:-1 group-title="Own",C\nhttp://tv.example/3\n'
        "#EXTINF:-1,D\nhttp://tv.example/4\n"
        "#EXTGRP:Sport\n#EXTINF:-1,E\nhttp://tv.example/5\n"
        "#EXTINF:-1,F\n#EXTGRP:\nhttp://tv.example/6\n"
    )
    assert [entry.groups for entry in entries] == [
        ("News", "UK"),
        ("News", "UK"),
        ("Own",),
        (),
        ("Sport",),
        (),
    ]


@pytest.mark.parametrize(
    ("told", "radio"), [("true", True), ("TRUE", True), ("1", True), ("false", False), ("", False)]
)
def test_radio_is_told_by_a_word(told: str, radio: bool) -> None:
    assert one(f'#EXTINF:-1 radio="{told}",A').radio is radio


def test_countries_and_languages_are_lists() -> None:
    entry = one('#EXTINF:-1 tvg-country="UK;IE" tvg-language="English, Welsh",A')
    assert (entry.countries, entry.languages) == (("UK", "IE"), ("English", "Welsh"))
    entry = one('#EXTINF:-1 provider-countries="uk|ie" provider-languages="eng",A')
    assert (entry.countries, entry.languages) == (("uk", "ie"), ("eng",))


def test_media_flags_are_kept() -> None:
    entry = one('#EXTINF:-1 media="true" media-dir="Films/Old" media-size="1234" realtime="false",A')
    assert (entry.media, entry.media_dir, entry.media_size_bytes, entry.realtime) == (
        True,
        "Films/Old",
        1234,
        False,
    )
    assert one('#EXTINF:-1 media-size="big",A').media_size_bytes is None


@pytest.mark.parametrize(
    ("line", "catchup"),
    [
        (
            'catchup="default" catchup-source="http://x/{utc}" catchup-days="3"',
            ("default", "http://x/{utc}", 3, 0.0),
        ),
        (
            'catchup="append" catchup-source="?u={utc}" catchup-correction="-4.0"',
            ("append", "?u={utc}", None, -4.0),
        ),
        ('catchup="SHIFT"', ("shift", "", None, 0.0)),
        ('catchup="flussonic-hls" catchup-days="7"', ("flussonic", "", 7, 0.0)),
        ('catchup="flussonic-ts"', ("fs", "", None, 0.0)),
        ('catchup-type="xc" catchup-days="2"', ("xc", "", 2, 0.0)),
        ('catchup="vod" catchup-days="-1"', ("vod", "", None, 0.0)),
        ('timeshift="3"', ("shift", "", 3, 0.0)),
        ('tvg-rec="5"', ("shift", "", 5, 0.0)),
        ('catchup="strange" catchup-source="http://x/{utc}"', ("default", "http://x/{utc}", None, 0.0)),
        ('catchup="strange"', None),
        ('catchup="" catchup-days="7"', None),
        ('catchup="disabled"', None),
        ('catchup="xc" catchup-days="0"', None),
        ('timeshift="0"', None),
        ("", None),
    ],
)
def test_catch_up_is_read_in_every_mode(
    line: str, catchup: tuple[CatchupMode, str, int | None, float] | None
) -> None:
    found = one(f"#EXTINF:-1 {line},A").catchup
    assert found == (
        None
        if catchup is None
        else Catchup(mode=catchup[0], source=catchup[1], days=catchup[2], correction_h=catchup[3])
    )


def test_catch_up_of_the_header_holds_where_an_entry_says_none() -> None:
    head = '#EXTM3U catchup="append" catchup-source="?u={utc}" catchup-days="7" catchup-correction="1"'
    assert one("#EXTINF:-1,A", header=head).catchup == Catchup(
        mode="append", source="?u={utc}", days=7, correction_h=1.0
    )
    assert one('#EXTINF:-1 catchup="xc" catchup-days="2",A', header=head).catchup == Catchup(
        mode="xc", days=2, correction_h=1.0
    )
    assert one('#EXTINF:-1 catchup-days="0",A', header=head).catchup is None
    assert one("#EXTINF:-1,A", "http://tv.example/movie/u/p/1.mkv", header=head).catchup is None


@pytest.mark.parametrize(
    ("address", "directives", "headers"),
    [
        (
            "http://x/1|User-Agent=A%2F1&Referer=http://r/",
            (),
            (("Referer", "http://r/"), ("User-Agent", "A/1")),
        ),
        ("http://x/1|user-agent=A/1&!X-Token=t", (), (("User-Agent", "A/1"), ("X-Token", "t"))),
        ("http://x/1", ("#EXTVLCOPT:http-user-agent=A/1 (x; y)",), (("User-Agent", "A/1 (x; y)"),)),
        ("http://x/1", ("#EXTVLCOPT:http-referrer=http://r/?a=b",), (("Referer", "http://r/?a=b"),)),
        ("http://x/1|User-Agent=A", ("#EXTVLCOPT:http-user-agent=B",), (("User-Agent", "A"),)),
        ("http://x/1", ("#EXTVLCOPT:network-caching=1000", "#EXTVLCOPT:program=7"), ()),
        ("http://x/1|seekable=0&reconnect_at_eof=1", (), ()),
        ("http://x/1|User-Agent=A%0d%0aX-Evil: 1&X Y=1", (), ()),
    ],
)
def test_request_headers_are_read_from_everywhere(
    address: str, directives: tuple[str, ...], headers: Pairs
) -> None:
    entry = one("#EXTINF:-1,A", address, *directives)
    assert (entry.address, entry.headers) == ("http://x/1", headers)


def test_headers_of_the_connection_are_not_taken_from_a_list() -> None:
    told = "Host=inside&Content-Length=5&Transfer-Encoding=chunked&connection=close&X-A=b%0d%0aX-B: c&X-C=d"
    assert one("#EXTINF:-1,A", f"http://x/1|{told}").headers == (("X-C", "d"),)


def test_request_headers_may_be_attributes() -> None:
    entry = one('#EXTINF:-1 http-referrer="http://r/" http-user-agent="A",A')
    assert entry.headers == (("Referer", "http://r/"), ("User-Agent", "A"))


def test_a_bar_in_an_address_need_not_be_followed_by_headers() -> None:
    assert one("#EXTINF:-1,A", "http://x/a|b.ts").address == "http://x/a|b.ts"


def test_directives_hold_for_one_address_before_and_behind_its_line() -> None:
    entries = entries_of(
        "#KODIPROP:inputstream=inputstream.adaptive\n#EXTINF:-1,A\n#KODIPROP:a.b=c=d\nhttp://x/1\n"
        "#EXTINF:-1,B\nhttp://x/2\n"
    )
    assert [entry.properties for entry in entries] == [
        (("inputstream", "inputstream.adaptive"), ("a.b", "c=d")),
        (),
    ]


@pytest.mark.parametrize(
    ("address", "name", "attributes", "kind", "place"),
    [
        ("http://x/live/u/p/1.ts", "A", "", "live", None),
        ("http://x/u/p/1", "A", "", "live", None),
        ("http://x/movie/u/p/1.mkv", "A S01 E02", "", "movie", None),
        ("http://x/sub/movie/u/p/1.mkv?token=1", "A", "", "movie", None),
        ("http://x/series/u/p/1.mkv", "A B S01 E02", "", "episode", EpisodePlace("A B", 1, 2)),
        ("http://x/series/u/p/1.mkv", "A B", "", "episode", None),
        ("http://x/series/a/index.m3u8", "A", "", "live", None),
        ("http://x/movie/index.m3u8", "A", "", "live", None),
        ("http://x/u/p/1.mp4", "A", "", "movie", None),
        ("http://x/1.avi?x=1", "A", "", "movie", None),
        ("http://x/1.ts", "A", 'media="true"', "movie", None),
        ("http://x/1.ts", "A - s1e10 The Title", "", "episode", EpisodePlace("A", 1, 10)),
        ("http://x/1.ts", "A (2018) S01.E02", "", "episode", EpisodePlace("A (2018)", 1, 2)),
        ("http://x/1.ts", "A S2024E00123", "", "episode", EpisodePlace("A", 2024, 123)),
        ("http://x/1.ts", "ÉS01E02", "", "live", None),
        ("http://x/live/u/p/1.ts", "A S01E02", "", "live", None),
        ("http://x/1.ts", "A S01E02", 'realtime="true"', "live", None),
        ("http://x/1.mp3", "A S01E02", 'radio="true"', "live", None),
        ("http://x/1.ts", "A S01E02", 'catchup="shift"', "live", None),
    ],
)
def test_what_an_entry_is_is_told_by_its_address_its_name_and_its_flags(
    address: str, name: str, attributes: str, kind: Kind, place: EpisodePlace | None
) -> None:
    entry = one(f"#EXTINF:-1 {attributes},{name}", address)
    assert (entry.kind, entry.place) == (kind, place)


def test_a_playlist_type_of_vod_holds_for_one_address() -> None:
    entries = entries_of(
        "#EXTM3U\n#EXTINF:-1,A\n#EXT-X-PLAYLIST-TYPE:VOD\nhttp://x/1\n#EXTINF:-1,B\nhttp://x/2\n"
    )
    assert [entry.kind for entry in entries] == ["movie", "live"]


@pytest.mark.parametrize(
    ("line", "guides"),
    [
        ('#EXTM3U x-tvg-url="http://g/1"', ("http://g/1",)),
        ('#EXTM3U url-tvg="http://g/1.xml.gz"', ("http://g/1.xml.gz",)),
        ('#EXTM3U x-tvg-url="http://g/1" url-tvg="http://g/1"', ("http://g/1",)),
        ('#EXTM3U x-tvg-url="http://g/1?a=1,2, https://g/2"', ("http://g/1?a=1,2", "https://g/2")),
        ("#EXTM3U url-tvg=http://g/1", ("http://g/1",)),
        ('#EXTM3U tvg-shift="-4.5" x-tvg-url="http://g/1 catchup-correction="-2.5"', ("http://g/1",)),
        ('#EXTM3U: X-TVG-URL="http://g/1"', ("http://g/1",)),
        ("#EXTM3U", ()),
    ],
)
def test_guides_are_a_list(line: str, guides: tuple[str, ...]) -> None:
    assert header(line).guides == guides


def test_a_header_with_a_missing_quote_loses_nothing() -> None:
    found = header('#EXTM3U tvg-shift="-4.5" x-tvg-url="http://g/1 catchup-correction="-2.5"')
    assert (found.shift_h, found.correction_h) == (-4.5, -2.5)


def test_lists_put_together_have_the_guides_of_all() -> None:
    reader = Reader()
    text = '#EXTM3U x-tvg-url="http://g/1"\n#EXTINF:-1,A\nhttp://x/1\n'
    text += '#EXTM3U x-tvg-url="http://g/2" tvg-shift="1"\n#EXTINF:-1,B\nhttp://x/2\n'
    first, second = read(reader, text.encode())
    assert reader.header.guides == ("http://g/1", "http://g/2")
    assert (first.shift_h, second.shift_h) == (None, 1.0)
