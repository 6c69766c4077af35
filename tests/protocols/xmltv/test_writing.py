"""Guides as they are served: what the DTD wants, and read back as the same."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.protocols.xmltv.reading import Reader
from libs.protocols.xmltv.rows import ROLES, Channel, Credit, EpisodeNumber, Programme, Row, Text
from libs.protocols.xmltv.writing import PIECE_BYTES, write

CONTENT = {
    "tv": "channel*, programme*",
    "channel": "display-name+, icon*, url*",
    "programme": (
        "title+, sub-title*, desc*, credits?, date?, category*, keyword*, language?, orig-language?, "
        "length?, icon*, url*, country*, episode-num*, video?, audio?, previously-shown?, premiere?, "
        "last-chance?, new?, subtitles*, rating*, star-rating*, review*, image*"
    ),
    "credits": ", ".join(f"{role}*" for role in ROLES),
    "rating": "value, icon*",
    "star-rating": "value, icon*",
}
"""What the DTD allows in each element, in its order; every other is text or empty."""
ATTRIBUTES = {
    "tv": {"generator-info-name"},
    "channel": {"id"},
    "programme": {"start", "stop", "channel"},
    "icon": {"src"},
    "actor": {"role"},
    "episode-num": {"system"},
    "rating": {"system"},
    **{name: {"lang"} for name in ("title", "sub-title", "desc")},
}


def check(element: ElementTree.Element) -> None:
    """Fails where an element is not as the DTD has it."""
    children = "".join(f"{child.tag} " for child in element)
    model = re.sub(r"([a-z-]+)([?*+]?)(?:, )?", r"(?:\1 )\2", CONTENT.get(element.tag, ""))
    assert re.fullmatch(model, children), (element.tag, children)
    assert set(element.attrib) <= ATTRIBUTES.get(element.tag, set())
    for child in element:
        check(child)


def written(rows: Iterable[Row]) -> bytes:
    rows = list(rows)
    channels = (row for row in rows if isinstance(row, Channel))
    programmes = (row for row in rows if isinstance(row, Programme))
    return b"".join(write(channels, programmes, generator='Head & "gate"'))


def read(content: bytes) -> list[Row]:
    reader = Reader()
    rows = [row for batch in reader.feed(content) for row in batch]
    rows += [row for batch in reader.finish() for row in batch]
    assert not reader.skipped
    return rows


# Texts as the reader gives them: trimmed, lines with single spaces. What XML forbids has a test of its own.
_characters = st.characters(codec="utf-8", exclude_characters="\ufffe\uffff", exclude_categories=("Cc", "Cs"))
_texts = st.text(_characters | st.sampled_from("&<>\"' ]"), max_size=30)
_lines = _texts.map(lambda text: " ".join(text.split())).filter(bool)
_addresses = _texts.map(str.strip)
_paragraphs = st.lists(_lines, min_size=1, max_size=3).map("\n\n".join)
_languages = st.sampled_from(["", "en", "pt_BR"])


def _tuples(of: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(of, max_size=3, unique=True).map(tuple)


def _worded(texts: st.SearchStrategy[str], least: int = 0) -> st.SearchStrategy[tuple[Text, ...]]:
    return st.lists(st.builds(Text, texts, _languages), min_size=least, max_size=3).map(tuple)


_people = st.builds(Credit, st.sampled_from(ROLES), _lines) | st.builds(
    Credit, st.just("actor"), _lines, _lines
)
_credits = st.lists(_people, max_size=5).map(
    lambda credits: tuple(sorted(credits, key=lambda one: ROLES.index(one.role)))
)
_counts = st.none() | st.integers(0, 99_999)
_numbers = st.builds(EpisodeNumber, _counts, _counts, _counts, _counts, _counts, _counts)
_channels = st.builds(
    Channel,
    id=_lines,
    names=st.lists(_lines, min_size=1, max_size=3, unique=True).map(tuple),
    icon=_addresses,
    urls=_tuples(_addresses.filter(bool)),
)
_starts = st.integers(0, 7_000_000_000)
_programmes = st.builds(
    Programme,
    channel=_lines,
    start=_starts,
    stop=st.none() | st.integers(7_000_000_001, 7_200_000_000),
    titles=_worded(_lines, 1),
    subtitles=_worded(_lines),
    descriptions=_worded(_paragraphs),
    categories=_tuples(_lines),
    credits=_credits,
    date=st.sampled_from(["", "2001", "200103", "20010304"]),
    onscreen=_lines.map(lambda text: f"#{text}") | st.just(""),
    episode=st.none() | _numbers.filter(lambda number: number != EpisodeNumber()),
    icon=_addresses,
    new=st.booleans(),
    premiere=st.booleans(),
    previously_shown=st.booleans(),
    rating=st.just(""),
    star_rating=st.none() | st.integers(0, 1000).map(lambda hundredths: hundredths / 100),
) | st.builds(
    Programme, channel=_lines, start=_starts, titles=_worded(_lines, 1), rating=_lines, rating_system=_lines
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_channels, max_size=3), st.lists(_programmes, min_size=1, max_size=4))
def test_what_is_written_is_as_the_dtd_has_it_and_read_back_as_the_same(
    channels: list[Channel], programmes: list[Programme]
) -> None:
    content = written([*channels, *programmes])
    check(ElementTree.fromstring(content))
    assert read(content) == [*channels, *programmes]


def test_people_come_in_the_order_of_their_roles() -> None:
    people = (Credit("guest", "A"), Credit("actor", "B", "X"), Credit("director", "C"), Credit("actor", "D"))
    content = written([Programme(channel="one", start=0, titles=(Text("T"),), credits=people)])
    check(ElementTree.fromstring(content))
    (row,) = read(content)
    assert isinstance(row, Programme)
    assert [one.name for one in row.credits] == ["C", "B", "D", "A"]


def test_a_channel_without_a_name_has_its_id_for_one() -> None:
    assert read(written([Channel(id="one")])) == [Channel(id="one", names=("one",))]


def test_a_programme_without_a_title_is_valid_all_the_same() -> None:
    check(ElementTree.fromstring(written([Programme(channel="one", start=0)])))


def test_what_is_live_is_not_said_since_the_dtd_has_no_word_for_it() -> None:
    content = written([Programme(channel="one", start=0, titles=(Text("T"),), live=True)])
    check(ElementTree.fromstring(content))
    assert b"live" not in content


def test_characters_that_xml_forbids_are_left_out() -> None:
    forbidden = "\x00\x08\x0b\x1f\ud800\udfff\ufffe\uffff"
    content = written(
        [Programme(channel=f"o{forbidden}ne", start=0, titles=(Text(f'T{forbidden}\r\n&"<U'),))]
    )
    found = ElementTree.fromstring(content)
    assert found[0].get("channel") == "one"
    assert found[0][0].text == 'T\r\n&"<U'


def test_lines_and_tabs_in_an_attribute_are_kept() -> None:
    content = written([Channel(id="one", names=("N",), icon="a\tb\nc")])
    assert read(content) == [Channel(id="one", names=("N",), icon="a\tb\nc")]


def test_a_guide_of_nothing_is_valid() -> None:
    root = ElementTree.fromstring(written([]))
    check(root)
    assert root.get("generator-info-name") == 'Head & "gate"'


def test_times_are_in_utc() -> None:
    content = written(
        [Programme(channel="one", start=1_767_366_000, stop=1_767_367_800, titles=(Text("T"),))]
    )
    assert b'start="20260102150000 +0000" stop="20260102153000 +0000"' in content


def test_pieces_and_memory_do_not_grow_with_the_guide() -> None:
    def programmes() -> Iterator[Programme]:
        for number in range(20_000):
            yield Programme(channel="one", start=number * 60, titles=(Text("T" * 200),))

    tracemalloc.start()
    try:
        total, largest = 0, 0
        for piece in write([], programmes(), generator="g"):
            total, largest = total + len(piece), max(largest, len(piece))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total > 5_000_000
    assert largest < PIECE_BYTES + 1000
    assert peak < 1_000_000
