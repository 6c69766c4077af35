"""A list as players get it."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.protocols.m3u.kinds import kind_of
from libs.protocols.m3u.reading import Reader
from libs.protocols.m3u.rows import Catchup, Entry, Kind
from libs.protocols.m3u.writing import lines, opening, pieces, plain_lines
from tests.protocols.m3u.lists import one, read

CHANNEL = Entry(kind="live", name="One", address="http://hub.example/live/u/p/1.ts")


def read_again(*entries: Entry) -> list[Entry]:
    return read(Reader(), b"".join(pieces(entries)))


def with_(**changes: object) -> Entry:
    return msgspec.structs.replace(CHANNEL, **changes)


def test_a_bare_channel_is_written_as_panels_write_it() -> None:
    assert lines(CHANNEL) == (
        '#EXTINF:-1 tvg-id="" tvg-name="" tvg-logo="" group-title="",One\nhttp://hub.example/live/u/p/1.ts\n'
    )


def test_everything_else_stands_in_front_of_what_strict_readers_match() -> None:
    entry = with_(
        tvg_id="a.b",
        tvg_name="A B",
        logo="http://l.example/1.png",
        groups=("UK", "HD"),
        number=5,
        sub_number=1,
        shift_h=-1.5,
        radio=True,
        catchup=Catchup(mode="append", source="?u={utc}&d=${duration:60}", days=7, correction_h=1.0),
        headers=(("Cookie", "a=b; c"), ("Referer", "http://r/"), ("User-Agent", "A/1")),
        properties=(("inputstream", "inputstream.adaptive"),),
    )
    assert lines(entry).split("\n") == [
        '#EXTINF:-1 tvg-chno="5.1" tvg-shift="-1.5" radio="true" catchup="append"'
        ' catchup-source="?u={utc}&d=${duration:60}" catchup-days="7" catchup-correction="1"'
        ' tvg-id="a.b" tvg-name="A B" tvg-logo="http://l.example/1.png" group-title="UK;HD",One',
        "#EXTVLCOPT:http-referrer=http://r/",
        "#EXTVLCOPT:http-user-agent=A/1",
        "#KODIPROP:inputstream=inputstream.adaptive",
        "http://hub.example/live/u/p/1.ts|Cookie=a%3Db%3B%20c",
        "",
    ]
    assert read_again(entry) == [entry]


def test_the_guide_is_told_in_both_ways_it_is_looked_for() -> None:
    guide = "http://hub.example/xmltv.php?username=u&password=p"
    assert opening([guide]) == f'#EXTM3U x-tvg-url="{guide}" url-tvg="{guide}"\n'.encode()
    assert opening() == b"#EXTM3U\n"
    reader = Reader()
    read(reader, opening([guide, "http://g.example/2"]) + lines(CHANNEL).encode())
    assert reader.header.guides == (guide, "http://g.example/2")


@pytest.mark.parametrize(
    "name",
    [
        "A, B",
        ", A",
        "A = B",
        "-A",
        "#EXTM3U",
        "#EXTINF:-1,B",
        "http://x/1",
        "|",
        "Ünï 東京 🎬",
        "tvg-id=x",
        "A  B",
    ],
)
def test_a_name_stays_what_it_is(name: str) -> None:
    assert [entry.name for entry in read_again(with_(name=name), CHANNEL)] == [name, "One"]


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ('A" tvg-id="evil",B', "A' tvg-id='evil',B"),
        ("A\n#EXTINF:-1,Evil\nhttp://evil.example/", "A #EXTINF:-1,Evil http://evil.example/"),
        ("A\r\nhttp://evil.example/", "A http://evil.example/"),
        ("A\u2028http://evil.example/\x85\x0b\x0c\x1cB", "A http://evil.example/ B"),
        ("\x00\ufeffA\ud800B", "A B"),
    ],
)
def test_no_name_can_forge_an_entry(hostile: str, harmless: str) -> None:
    entry = with_(name=hostile, tvg_id=hostile, tvg_name=hostile, groups=(hostile,))
    written = lines(entry)
    assert len(written.splitlines()) == 2
    assert "\ud800" not in written
    (found,) = read_again(entry)
    assert (found.name, found.address) == (harmless, CHANNEL.address)


@pytest.mark.parametrize(
    "address",
    [
        'http://x/1"\n#EXTINF:-1,Evil\nhttp://evil.example/',
        "#EXTINF:-1,Evil",
        "http://x/1|User-Agent=Evil",
        "http://x/a b",
        "http://x/\u2028b\ud800",
    ],
)
def test_no_address_can_forge_an_entry(address: str) -> None:
    entry = with_(address=address, logo=address, catchup=Catchup(mode="default", source=address))
    found = read_again(entry, CHANNEL)
    assert [one.name for one in found] == (["One"] if address.startswith("#") else ["One", "One"])
    assert len(lines(entry).splitlines()) == 2
    assert all(not one.headers and "\n" not in one.address for one in found)


@pytest.mark.parametrize("value", ["A\nhttp://evil.example/", "A\r\n#EXTINF:-1,B"])
def test_no_header_and_no_property_can_forge_an_entry(value: str) -> None:
    entry = with_(headers=(("User-Agent", value), ("X-A", value)), properties=(("a", value), (value, "a")))
    assert len(read_again(entry)) == 1
    assert len(lines(entry).splitlines()) == 5


def test_a_value_that_looks_like_an_attribute_is_none() -> None:
    """Some readers look for an attribute's name anywhere in the line."""
    text = lines(with_(tvg_name="tvg-logo=evil catchup-source = x", groups=("radio=true",)))
    assert re.findall(r"[\w-]+\s*=", text) == ["tvg-id=", "tvg-name=", "tvg-logo=", "group-title="]


def test_a_group_is_not_split_at_its_own_semicolon() -> None:
    assert read_again(with_(groups=("A; B", "C")))[0].groups == ("A/ B", "C")


@pytest.mark.parametrize(
    ("changes", "name"),
    [({"name": "", "tvg_name": "A"}, "A"), ({"name": " ", "tvg_id": "a"}, "a"), ({"name": ""}, "-")],
)
def test_a_line_is_never_without_a_name(changes: dict[str, str], name: str) -> None:
    assert read_again(with_(**changes))[0].name == name


@pytest.mark.parametrize(
    ("address", "name", "kind"),
    [
        ("http://x/movie/u/p/1.mkv", "A", "movie"),
        ("http://x/1", "A", "movie"),
        ("http://x/series/u/p/1.mkv", "A S01 E02", "episode"),
        ("http://x/1", "A S01 E02", "episode"),
        ("http://x/1", "A S01 E02", "live"),
        ("http://x/1.mp4", "A", "live"),
        ("http://x/1", "A", "live"),
    ],
)
def test_an_entry_is_read_as_what_it_was_written(address: str, name: str, kind: Kind) -> None:
    assert read_again(with_(address=address, name=name, kind=kind))[0].kind == kind


def test_panels_paths_need_no_other_word_for_films() -> None:
    assert len(lines(with_(kind="movie", address="http://x/movie/u/p/1.mkv")).splitlines()) == 2
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in lines(with_(kind="movie", address="http://x/1"))


def test_pieces_are_of_bounded_size_and_memory_is_flat() -> None:
    def channels(count: int) -> Iterator[Entry]:
        for number in range(count):
            yield with_(name=f"Channel {number}")

    assert max(map(len, pieces(channels(2000)))) < 70_000
    tracemalloc.start()
    try:
        size = sum(map(len, pieces(channels(10_000))))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 500_000 < size


def test_a_plain_list_holds_names_and_addresses_alone() -> None:
    entry = with_(name='A, "B"', tvg_id="a", groups=("C",))
    assert b"".join(pieces([entry], write=plain_lines)) == (
        b"#EXTM3U\n#EXTINF:-1,A, 'B'\nhttp://hub.example/live/u/p/1.ts\n"
    )


def test_a_list_of_nothing_is_a_header() -> None:
    assert b"".join(pieces([], ["http://g/"])) == opening(["http://g/"])


letters = st.characters(
    codec="utf-8",
    exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"),
    exclude_characters='"=;,|\ufeff',
    include_characters=" ",
)
texts = st.text(letters, max_size=20).map(lambda text: " ".join(text.split()))
names = texts.map(lambda text: text or "A, B; C|")
lists = st.lists(texts.map(lambda text: text or "A"), max_size=3, unique=True).map(tuple)
quarters = st.integers(-48, 48).map(lambda quarter: quarter / 4)
addresses = st.from_regex(
    r"https?://[a-z]{1,5}\.example/[a-zA-Z0-9/._~-]{0,20}(\?[a-z]=[a-z0-9%&=]{0,9})?", fullmatch=True
)
header_values = st.from_regex(r"[A-Za-z0-9/.;()=& %+]{0,10}[A-Za-z0-9]", fullmatch=True).map(str.strip)
headers = st.dictionaries(st.sampled_from(["User-Agent", "Referer"]), header_values)
catchups = st.builds(
    Catchup,
    mode=st.sampled_from(["default", "append", "shift", "flussonic", "fs", "xc", "vod"]),
    source=st.sampled_from(["", "?u={utc}&l=${now}", "http://x.example/{Y}-{m}"]),
    days=st.none() | st.integers(1, 60),
    correction_h=quarters,
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    name, address = draw(names), draw(addresses)
    radio, media, vod = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    realtime, catchup = draw(st.none() | st.booleans()), draw(st.none() | catchups)
    live = radio or bool(realtime) or catchup is not None
    kind, place = kind_of(address, name, vod=vod or media, live=live)
    number = draw(st.none() | st.integers(0, 99_999))
    return Entry(
        kind=kind,
        name=name,
        address=address,
        duration_s=draw(st.none() | st.integers(1, 99_999).map(float)),
        tvg_id=draw(texts),
        tvg_name=draw(texts),
        logo=draw(addresses | st.just("")),
        number=number,
        sub_number=None if number is None else draw(st.none() | st.integers(0, 99)),
        shift_h=draw(st.none() | quarters),
        groups=draw(lists),
        radio=radio,
        catchup=catchup if kind == "live" else None,
        countries=draw(lists),
        languages=draw(lists),
        media=media,
        media_dir=draw(texts),
        media_size_bytes=draw(st.none() | st.integers(0, 10**12)),
        realtime=realtime,
        headers=tuple(sorted(draw(headers).items())),
        properties=tuple(draw(st.dictionaries(st.sampled_from(["a", "b.c"]), header_values)).items()),
        place=place,
    )


@given(st.lists(entries(), min_size=1, max_size=3))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_is_read_the_same(some: list[Entry]) -> None:
    assert read_again(*some) == some


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
@settings(deadline=None)
def test_whatever_a_channel_is_called_it_stays_one_channel(name: str, group: str, address: str) -> None:
    entry = with_(name=name, tvg_id=name, tvg_name=group, groups=(group, name), logo=address, media_dir=name)
    found = read_again(CHANNEL, entry, with_(address=f"http://x/{address}"), CHANNEL)
    assert [one.address for one in found[:2]] == [CHANNEL.address] * 2
    assert len(found) == 4


def test_a_list_that_is_passed_on_is_read_the_same() -> None:
    entry = one(
        '#EXTINF:-1 tvg-chno="7" catchup="xc" catchup-days="3" group-title="A;B",C, D',
        "http://x/live/u/p/1.ts|User-Agent=A&X-B=c",
        "#KODIPROP:a=b",
    )
    assert read_again(entry) == [entry]
