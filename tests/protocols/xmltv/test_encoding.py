"""Guides in the encoding they declare, and in others."""

from __future__ import annotations

import pytest

from libs.protocols.xmltv.rows import Programme
from tests.protocols.xmltv.guides import programme, read, title

ANGLES = ("« Äpfel für Zoë »", "« Café »")


def declared(name: str | None, text: str, encoding: str) -> bytes:
    head = f'<?xml version="1.0" encoding="{name}"?>' if name else ""
    return f"{head}<tv>{programme(f'<title>{text}</title>')}</tv>".encode(encoding)


@pytest.mark.parametrize(
    "name",
    ["ISO-8859-1", "windows-1251", "utf-16", "utf-7", "nonsense", "rot13", "unicode_escape", None, "UTF-8"],
)
@pytest.mark.parametrize("text", [*ANGLES, "Ночь", "日本"])
def test_utf_8_is_read_whatever_is_declared(name: str | None, text: str) -> None:
    assert title(declared(name, text, "utf-8")) == text


@pytest.mark.parametrize("name", ["UTF-8", None, "nonsense", "ISO-8859-1", "windows-1252"])
@pytest.mark.parametrize("text", [*ANGLES, "it’s 5 €"])
def test_windows_1252_is_read_where_it_or_utf_8_is_declared(name: str | None, text: str) -> None:
    assert title(declared(name, text, "cp1252")) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ISO-8859-2", "Śpij, KOŚCIÓŁ"),
        ("windows-1251", "Ночь и день"),
        ("KOI8-R", "Ночь и день"),
        ("gb18030", "一二三四 新闻"),
        ("shift_jis", "ニュース 表示"),
    ],
)
def test_another_encoding_is_read_where_it_is_declared(name: str, text: str) -> None:
    assert title(declared(name, text, name)) == text


def test_a_declared_encoding_is_believed_from_the_first_bytes_that_are_no_utf_8() -> None:
    """Two letters that would be UTF-8 by chance come after one that can't be."""
    rows = read(declared("ISO-8859-2", "Ś</title><sub-title>ÓŁ</sub-title><title>x", "ISO-8859-2"))
    assert isinstance(rows[0], Programme)
    assert (rows[0].titles[0].text, rows[0].subtitles[0].text) == ("Ś", "ÓŁ")


def test_pieces_of_several_makers_are_each_read_as_they_are() -> None:
    parts = ("Café 日本".encode(), "Café".encode("cp1252"), "日本".encode()[:-1])
    content = b"<tv>" + b"".join(
        programme("<title>TEXT</title>").encode().replace(b"TEXT", part) for part in parts
    )
    rows = read(content + b"</tv>")
    assert [row.titles[0].text for row in rows if isinstance(row, Programme)] == [
        "Café 日本",
        "Café",
        "日\ufffd",
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_byte_order_mark_and_utf_16_are_understood(encoding: str) -> None:
    assert title(declared("UTF-16", "Ночь", encoding)) == "Ночь"
