"""Names as panels and releases write them."""

from __future__ import annotations

import time

import pytest

from libs.titles.decoration import Plain, undecorated
from libs.titles.folding import MAX_CHARS

THE_MATRIX = (
    "EN| The Matrix (1999) [4K]",
    "EN - The Matrix (1999)",
    "FR - The Matrix (1999) FHD",
    "[4K] The Matrix (1999)",
    "4K-EN - The Matrix (1999)",
    "1080p-EN - The Matrix (1999)",
    "|VIP| The Matrix (1999)",
    "VIP | The Matrix (1999)",
    "[EN] The Matrix (1999)",
    "(EN) The Matrix (1999)",
    "EN: The Matrix (1999)",
    "EN ★ The Matrix (1999)",
    "┃EN┃ The Matrix (1999)",
    "NF - The Matrix (1999)",
    "D+ - The Matrix (1999)",
    "A+ - The Matrix (1999) (US)",
    "AMZ - The Matrix - 1999",
    "EN - The Matrix - 1999",
    "The Matrix (1999) (4K) (US)",
    "The Matrix [MULTI-SUB] (1999)",
    "The Matrix ᴴᴰ (1999)",
    "The.Matrix.1999.1080p",
    "The.Matrix.1999.MULTi.1080p.BluRay.x264-FGT",
    "The_Matrix_1999_720p",
    "The Matrix 1999 1080p WEB-DL",
    "The Matrix (1999) DUBLADO",
    "The Matrix (1999) [L]",
    "The Matrix (1999) - LEG",
    "The Matrix (16+) (1999)",
    "The Matrix  (1999) 8.7",
    "AR-SUBS - The Matrix (1999)",
    "EX-YU | The Matrix (1999)",
    "PT/BR - The Matrix (1999)",
    "4K | EN | The Matrix (1999)",
    " |EN|  The   Matrix [1999] ",
)


@pytest.mark.parametrize("written", THE_MATRIX)
def test_what_panels_put_around_a_title_is_taken_off(written: str) -> None:
    plain = undecorated(written)

    assert (plain.text, plain.year) == ("The Matrix", 1999)


@pytest.mark.parametrize(
    ("written", "text", "year"),
    [
        ("The Matrix (CAM)", "The Matrix", None),
        ("The Matrix ⁴ᴷ", "The Matrix", None),
        ("DE - Matrix (1999) UHD HDR", "Matrix", 1999),
        ("Love.Simon.2018.1080p", "Love Simon", 2018),
        ("2001.A.Space.Odyssey.1968.REMASTERED.2160p.UHD.BluRay.x265", "2001 A Space Odyssey", 1968),
        ("Blade.Runner.2049.2017.2160p.WEB-DL", "Blade Runner 2049", 2017),
        ("Blade Runner 2049 1080p", "Blade Runner 2049", None),
        ("Parasite.MULTi.1080p.WEB", "Parasite", None),
        ("Tom &amp; Jerry (2021)", "Tom & Jerry", 2021),
        ("WALL·E (2008)", "WALL·E", 2008),
        ("No - 2012", "No", 2012),
        ("US - Us (2019)", "Us", 2019),
        ("PL - Ida (2013)", "Ida", 2013),
        ("EN - 300 (2006)", "300", 2006),
        ("IT - It (2017)", "It", 2017),
        ("Dog Days (spanish)", "Dog Days", None),
        ("Ocean's 8 (4K)", "Ocean's 8", None),
        ("Blindspotting (CAM)", "Blindspotting", None),
        ("Deadpool 2 UNRATED (R)", "Deadpool 2 UNRATED", None),
    ],
)
def test_a_title_and_its_year_are_told_apart(written: str, text: str, year: int | None) -> None:
    plain = undecorated(written)

    assert (plain.text, plain.year) == (text, year)


@pytest.mark.parametrize(
    "title",
    [
        "It",
        "IT",
        "Up",
        "24",
        "2012",
        "1917",
        "1984",
        "9-1-1",
        "Blade Runner 2049",
        "American Beauty 1999",
        "Rocky Ii",
        "X-Men: Days Of Future Past",
        "IT: CHAPTER TWO",
        "Broken Leg",
        "Cam",
        "Multi",
        "12 Monkeys",
        "8 Mile",
        "How to Be a Latin Lover",
        "(500) Days of Summer",
        "[REC]",
        "M",
        "V - The Final Battle",
        "S.W.A.T.",
        "24/7 The Matrix",
        "Bill Engvall 15º Off Cool",
        "Face/Off",
        "Romeo + Juliet",
        "千と千尋の神隠し",
        "Амели",
    ],
)
def test_what_belongs_to_a_title_stays(title: str) -> None:
    assert undecorated(title) == Plain(title)


@pytest.mark.parametrize("title", ["2012", "24", "It", "1917"])
def test_a_name_is_never_taken_for_a_mark_of_nothing(title: str) -> None:
    assert undecorated(f"{title} (4K)").text == title
    assert undecorated(f"EN - {title}").text == title


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("EN - Heat (1995)", "en"),
        ("4K-FR - Heat", "fr"),
        ("720p-FR - Heat", "fr"),
        ("|DE| Heat", "de"),
        ("PT/BR - Heat", "pt"),
        ("SE| Heat", "sv"),
        ("Heat (1995) (ITA)", "it"),
        ("Heat DUBLADO", "pt"),
        ("EX-YU | Heat", ""),
        ("NF - Heat", ""),
        ("4K - Heat", ""),
        ("MULTI - Heat", ""),
        ("Heat", ""),
    ],
)
def test_a_mark_names_a_language_or_none(written: str, language: str) -> None:
    assert undecorated(written).language == language


def test_marks_are_kept_in_the_order_they_were_met() -> None:
    assert undecorated("4K | EN | Heat (1995) [MULTI-SUB] HDR").marks == ("4K", "EN", "MULTI", "SUB", "HDR")


def test_technical_words_behind_a_title_make_it_a_release() -> None:
    assert undecorated("Heat.1995.1080p.BluRay").is_release
    assert not undecorated("Heat (1995) [4K]").is_release


@pytest.mark.parametrize(
    "written", ["", " ", "|", "()", "EN - ", "[4K]", "(1999)", " - 1999", "1999 1080p", "-|:"]
)
def test_names_with_nothing_in_them_are_read_too(written: str) -> None:
    assert undecorated(written).year is None or undecorated(written).text


@pytest.mark.parametrize(
    "repeated",
    [
        "[4K] ",
        "a.b-",
        "9",
        " ",
        "(",
        "|",
        "EN - ",
        "1999 ",
        "(1999)",
        "a ",
        "&amp;",
        "EN|",
        "(4K)",
        "(HD ",
        "\ufdfa",
        "ᴴ",
    ],
)
def test_no_name_takes_long_however_it_was_made(repeated: str) -> None:
    name = repeated * 20_000

    began = time.process_time()
    plain = undecorated(name)

    assert time.process_time() - began < 0.02
    assert len(plain.text) <= MAX_CHARS


def test_words_behind_a_year_are_told_beside_the_title() -> None:
    plain = undecorated("Metropolis (1927) restored in colour")

    assert (plain.text, plain.year, plain.behind) == ("Metropolis", 1927, "restored in colour")
    assert undecorated("Metropolis (1927) [4K] HDR").behind == ""
