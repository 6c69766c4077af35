"""Guides as panels send them."""

from __future__ import annotations

import contextlib
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.protocols.xmltv import mending, unpacking
from libs.protocols.xmltv.errors import Damaged, Empty, NotAGuide, Truncated
from libs.protocols.xmltv.reading import Reader
from libs.protocols.xmltv.rows import Channel, Credit, EpisodeNumber, Programme, Row, Text
from tests.protocols.xmltv.guides import (
    FULL,
    HEAD,
    START,
    START_S,
    guide,
    one,
    programme,
    read,
    title,
)


def test_a_whole_guide_is_read_with_all_it_says() -> None:
    assert read(FULL) == [
        Channel(id="one", names=("One", "1 HD"), icon="http://img/one.png", urls=("http://one.example",)),
        Programme(
            channel="one",
            start=START_S,
            stop=START_S + 1800,
            titles=(Text("The Line", "en"), Text("Die Linie", "de")),
            subtitles=(Text("Pilot", "en"),),
            descriptions=(Text("A town.\n\nA line.", "en"),),
            categories=("Drama", "Series"),
            credits=(Credit("director", "A B"), Credit("actor", "C D", "Eve"), Credit("presenter", "E")),
            date="20010304",
            onscreen="S01E03",
            episode=EpisodeNumber(0, 2, episodes=10),
            icon="http://img/line.jpg",
            new=True,
            premiere=True,
            previously_shown=True,
            live=True,
            rating="12",
            rating_system="FSK",
            star_rating=7.0,
        ),
    ]


ODD = guide(
    "<channel id='é'><display-name>caf&eacute; 日本 &amp; <![CDATA[a <b> & c]]></display-name></channel>",
    *(
        programme(f"<title>T{number} &x; &#233;</title><desc>a < b <!-- > --> ]]></desc>")
        for number in range(9)
    ),
    programme("<title>broken</titel>"),
    programme("<title>last</title>"),
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_however_the_bytes_are_cut_the_rows_are_the_same(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from([ODD, gzip.compress(ODD), FULL.decode().encode("utf-16")]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=20)))
    reader, rows = Reader(), list[Row]()
    for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
        for batch in reader.feed(content[start:end]):
            rows += batch
    for batch in reader.finish():
        rows += batch
    assert rows == read(content)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.integers(len(HEAD) + 10, 2000))
def test_wherever_a_step_ends_the_rows_are_the_same(step: int, head: int) -> None:
    whole, counted = Reader(), Reader()
    expected = read(ODD, reader=whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unpacking, "STEP_BYTES", step)
        patch.setattr(mending, "HEAD_BYTES", head)
        assert read(ODD, reader=counted) == expected
    assert (counted.kept, counted.skipped) == (whole.kept, whole.skipped) == (11, {"damaged": 1})


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.integers(0, len(ODD)), st.integers(0, 60))
def test_nothing_but_typed_errors_is_raised_whatever_is_sent(noise: bytes, at: int, lost: int) -> None:
    for content in (noise, b"<tv>" + noise, ODD[:at] + noise + ODD[at + lost :]):
        with contextlib.suppress(Empty, NotAGuide, Truncated, Damaged):
            read(content)


# What stands in a guide


def test_a_minified_guide_on_one_line_is_read() -> None:
    content = guide(*(programme(f"<title>{number}</title>") for number in range(3000)))
    assert b"\n" not in content.removeprefix(HEAD)
    assert len(read(content)) == 3000


def test_rows_come_in_batches_before_the_guide_is_whole() -> None:
    content = guide(*(programme(f"<title>{number}</title>") for number in range(5000)))
    reader = Reader()
    sizes = [len(batch) for batch in reader.feed(content)]
    assert len(sizes) > 3
    assert max(sizes) < 1500


def test_children_in_any_order_and_channels_behind_programmes_are_read() -> None:
    rows = read(
        guide(
            programme("<new/><desc>D</desc><category>C</category><title>T</title>"),
            '<channel id="one"><url>u</url><display-name>N</display-name></channel>',
        )
    )
    assert rows == [
        Programme(
            channel="one",
            start=START_S,
            titles=(Text("T"),),
            descriptions=(Text("D"),),
            categories=("C",),
            new=True,
        ),
        Channel(id="one", names=("N",), urls=("u",)),
    ]


def test_elements_nobody_knows_are_passed_over() -> None:
    content = guide(
        "<meta><title>no</title></meta>",
        programme("<fancy><title>no</title></fancy><title>T</title><video><title>no</title></video>"),
    )
    assert title(content) == "T"


def test_a_namespace_and_unknown_attributes_do_not_matter() -> None:
    content = b'<tv xmlns="urn:x" a="b">' + programme("<title x='y'>T</title>").encode() + b"</tv>"
    assert title(content) == "T"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("caf&eacute;", "café"),
        ("a&nbsp;b &hellip; &rsquo;", "a b … ’"),
        ("a &LT; b &AMP; c", "a < b & c"),
        ("caf&amp;eacute;", "caf&eacute;"),
        ("&amp;amp; &amp;#233;", "&amp; &#233;"),
        ("&nosuch; thing", "&nosuch; thing"),
        ("Tom & Jerry", "Tom & Jerry"),
        ("R&B &amp", "R&B &amp"),
        ("&#233; &#xE9; &#128512;", "é é 😀"),
        ("it&#146;s", "it’s"),
        ("a&#0;&#x1F;&#xFFFF;&#55357;&#99999999;b", "ab"),
        ("1 < 2 <3 <", "1 < 2 <3 <"),
        ("a ]]> b", "a ]]> b"),
        ("<![CDATA[Tom & Jerry &eacute; <b>]]>", "Tom & Jerry &eacute; <b>"),
        ("a<!-- -- <b> & -->b", "ab"),
        ("a\x00\x08\x1fb\ufffe\uffff", "ab"),
        ("<b>bold</b> <i>words</i>", "bold words"),
        ("one<br/>two", "one two"),
        ("  a \n\t b  ", "a b"),
    ],
)
def test_text_is_read_as_it_is_meant(written: str, meant: str) -> None:
    assert title(guide(programme(f"<title>{written}</title>"))) == meant


def test_bare_ampersands_in_an_address_are_part_of_it() -> None:
    assert one('<icon src="http://img/?a=1&b=2&copy=3&eacute;"/>').icon == "http://img/?a=1&b=2&copy=3é"


def test_a_reference_to_a_quote_does_not_end_an_attribute() -> None:
    assert one('<icon src="a&QUOT;b"/>').icon == 'a"b'


def test_an_icon_may_stand_as_text() -> None:
    assert one("<icon> http://img/a.png </icon>").icon == "http://img/a.png"


def test_a_persons_pictures_are_not_their_name() -> None:
    found = one("<credits><actor>A B<image>http://img/a.jpg</image></actor><best-boy>C</best-boy></credits>")
    assert found.credits == (Credit("actor", "A B"),)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("<value>6/10</value>", 6.0),
        ("3,5 / 5", 7.0),
        ("8.1", 8.1),
        ("0/10", 0.0),
        ("11/10", None),
        ("1/0", None),
        ("****", None),
        ("-1/10", None),
    ],
)
def test_star_ratings_are_out_of_ten(written: str, meant: float | None) -> None:
    assert one(f"<star-rating>{written}</star-rating>").star_rating == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2001", "2001"),
        ("200103", "200103"),
        ("20010304", "20010304"),
        ("2001-03-04", "20010304"),
        ("20010304000000 +0000", "20010304"),
        ("soon", ""),
        ("0000", ""),
        ("", ""),
    ],
)
def test_dates_of_works_are_digits(written: str, meant: str) -> None:
    assert one(f"<date>{written}</date>").date == meant


def test_an_old_form_of_rating_without_a_value_is_read() -> None:
    found = one('<rating system="MPAA">PG</rating>')
    assert (found.rating, found.rating_system) == ("PG", "MPAA")


def test_the_first_of_what_there_should_be_one_counts() -> None:
    found = one(
        "<date>2001</date><date>2002</date><icon src='a'/><icon src='b'/><rating>x</rating><rating>y</rating>"
    )
    assert (found.date, found.icon, found.rating) == ("2001", "a", "x")


@pytest.mark.parametrize(
    ("numbers", "onscreen", "episode"),
    [
        ("<episode-num>S02E05</episode-num>", "S02E05", (1, 4)),
        ("<episode-num system='common'>S02E05</episode-num>", "S02E05", (1, 4)),
        ("<episode-num system='xmltv_ns'>S02E05</episode-num>", "", (1, 4)),
        (
            "<episode-num>S02E05</episode-num><episode-num system='xmltv_ns'>..</episode-num>",
            "S02E05",
            (1, 4),
        ),
        ("<episode-num>E9</episode-num><episode-num system='XMLTV_NS'>1.4.</episode-num>", "E9", (1, 4)),
        ("<episode-num system='dd_progid'>EP01.0002</episode-num>", "", None),
        ("<episode-num>#FFEE</episode-num>", "#FFEE", None),
    ],
)
def test_the_number_that_says_most_counts(
    numbers: str, onscreen: str, episode: tuple[int, int] | None
) -> None:
    found = one(numbers)
    assert (found.onscreen, found.episode) == (onscreen, EpisodeNumber(*episode) if episode else None)


# Rows that can't be used


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        (programme("<title>T</title>", START), "no_channel"),
        (programme("<title>T</title>", f'{START} channel=" "'), "no_channel"),
        (programme("<title>T</title>", f'{START} channel="{"x" * 300}"'), "no_channel"),
        ("<channel><display-name>N</display-name></channel>", "no_channel"),
        (programme("<title>T</title>", 'channel="one"'), "bad_time"),
        (programme("<title>T</title>", 'start="soon" channel="one"'), "bad_time"),
        (
            programme("<title>T</title>", f'{START} stop="20260102145959 +0000" channel="one"'),
            "stop_before_start",
        ),
        (programme("<desc>D</desc>"), "no_title"),
        (programme("<title> </title>"), "no_title"),
    ],
)
def test_what_can_not_be_used_is_left_out_and_counted(element: str, reason: str) -> None:
    reader = Reader()
    assert len(read(guide(element, programme("<title>T</title>")), reader=reader)) == 1
    assert (reader.seen, reader.kept, reader.skipped) == (2, 1, {reason: 1})


@pytest.mark.parametrize("stop", ["", 'stop=""', 'stop="late"', 'stop="20260102150000 +0000"'])
def test_a_stop_that_says_nothing_is_none(stop: str) -> None:
    (row,) = read(guide(programme("<title>T</title>", f'{START} {stop} channel="one"')))
    assert isinstance(row, Programme)
    assert row.stop is None


@pytest.mark.parametrize(
    ("stamps", "start", "stop"),
    [
        ('start_timestamp="1767366060" stop_timestamp="1767367800"', START_S + 60, START_S + 1800),
        ('start_timestamp="" stop_timestamp="soon"', START_S, START_S + 600),
        ('start_timestamp="20260102150000" stop_timestamp="0"', START_S, START_S + 600),
    ],
)
def test_a_panels_own_timestamps_win_over_texts(stamps: str, start: int, stop: int) -> None:
    attributes = f'{START} stop="20260102151000 +0000" {stamps} channel="one"'
    (row,) = read(guide(programme("<title>T</title>", attributes)))
    assert isinstance(row, Programme)
    assert (row.start, row.stop) == (start, stop)


def test_a_packed_guide_is_known_by_its_first_bytes() -> None:
    assert read(gzip.compress(FULL), piece=1) == read(FULL)


def test_a_packed_guide_of_several_members_is_one_guide() -> None:
    assert read(gzip.compress(FULL[:300]) + b"\0" + gzip.compress(FULL[300:]), piece=7) == read(FULL)
