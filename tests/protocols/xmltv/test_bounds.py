"""Guides that are sent to do harm, or are as large as if they were."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest

from libs.protocols.xmltv import unpacking
from libs.protocols.xmltv.building import LONGEST_LANGUAGE, LONGEST_NAME, LONGEST_TEXT, MOST_CREDITS
from libs.protocols.xmltv.errors import Damaged, Empty, NotAGuide, Truncated
from libs.protocols.xmltv.reading import Reader
from libs.protocols.xmltv.rows import Programme, Text
from tests.protocols.xmltv.guides import (
    HEAD,
    START_S,
    before_the_end,
    guide,
    one,
    programme,
    read,
    title,
)


def test_entities_of_a_dtd_are_never_expanded() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
    content = f"<!DOCTYPE tv [<!ENTITY l0 'lol'>{laughs}]><tv>{programme('<title>&l29;</title>')}</tv>"
    assert title(content.encode()) == "&l29;"


def test_external_entities_are_never_loaded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    content = (
        f'<!DOCTYPE tv [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;]>'
        f"<tv>{programme('<title>&x;</title>')}</tv>"
    )
    assert title(content.encode()) == "&x;"


def test_a_default_of_a_dtd_does_not_expand_either() -> None:
    content = (
        '<!DOCTYPE tv [<!ENTITY a "lol"><!ATTLIST title lang CDATA "&a;">]>'
        f"<tv>{programme('<title>T</title>')}</tv>"
    )
    (row,) = read(content.encode())
    assert isinstance(row, Programme)
    assert row.titles == (Text("T", "&a;"),)


def test_texts_are_bounded() -> None:
    found = one(f"<title>{'t' * 9_000}</title><desc>{'long ' * 500_000}</desc><category>c</category>")
    assert len(found.titles[1].text) == LONGEST_NAME
    assert len(found.descriptions[0].text) <= LONGEST_TEXT
    assert found.categories == ("c",)


def test_attributes_are_bounded() -> None:
    long = "x" * 500_000
    reader = Reader()
    rows = read(
        guide(
            programme("<title>T</title>", f'start="{" " * 500_000}20260102" channel="one"'),
            programme(f"<title lang='{long}'>T</title><icon src='{long}'/>" + f"<icon src='{long}'/>" * 20),
        ),
        reader=reader,
    )
    assert rows == [Programme(channel="one", start=START_S, titles=(Text("T", "x" * LONGEST_LANGUAGE),))]
    assert reader.skipped == {"bad_time": 1}


def test_people_are_bounded() -> None:
    assert len(one(f"<credits>{'<actor>A</actor>' * 5000}</credits>").credits) == MOST_CREDITS


def test_parts_are_bounded() -> None:
    assert len(one("<category>c</category>" * 5000 + "<date>2001</date>").categories) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"<tv>" + b"<a>" * 100,
        b"<tv><programme>" + b"<a>" * 1_000_000,
        b"<tv>" + b"".join(b"<n%d/>" % number for number in range(20_000)),
    ],
)
def test_depth_and_names_are_bounded(content: bytes) -> None:
    with pytest.raises(NotAGuide, match="another kind of XML"):
        read(content)


@pytest.mark.parametrize(
    "content",
    [
        b"<tv>" + b"a" * 2_000_000,
        b"<tv><a b='" + b"a " * 1_000_000,
        b"<tv><?php " + b"a " * 1_000_000,
        b"<!DOCTYPE tv [" + b"<!ENTITY a 'b'>" * 200_000,
    ],
)
def test_what_never_ends_is_damage_before_it_is_memory(content: bytes) -> None:
    with pytest.raises(Damaged, match="megabyte"):
        read(content)


def test_a_comment_that_never_ends_is_not_kept() -> None:
    _, error = before_the_end(b"<tv><!-- " + b"a " * 2_000_000)
    assert isinstance(error, Truncated)


def test_a_bomb_is_unpacked_in_steps() -> None:
    bomb = gzip.compress(HEAD + b"<tv>" + b" " * 50_000_000 + b"</tv>")
    assert max(len(step) for step in unpacking.Unpacker().feed(bomb)) == unpacking.STEP_BYTES
    with pytest.raises(Empty):
        read(bomb)


def test_memory_does_not_grow_with_the_guide() -> None:
    element = programme(f"<title>T</title><desc>{'word ' * 100}</desc>").encode()
    reader, rows = Reader(), 0
    tracemalloc.start()
    try:
        rows += sum(map(len, reader.feed(HEAD + b"<tv>")))
        for _ in range(100):
            rows += sum(map(len, reader.feed(element * 100)))
        rows += sum(map(len, reader.feed(b"</tv>")))
        rows += sum(map(len, reader.finish()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rows == 10_000
    assert len(element) * rows > 5_000_000
    assert peak < 2_000_000
