"""One form for every way to write a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.identity.names import MAX_FORMS, Name, names_of


def first(written: str, year: int | None = None) -> Name:
    return names_of(written, year=year)[0]


@pytest.mark.parametrize(
    "ways",
    [
        ("Amélie", "AMELIE", "amelie"),
        ("Smørgås & Løve", "Smorgas and Love", "SMØRGÅS &amp; LØVE"),
        ("Straße", "Strasse"),
        ("The Thing", "Thing, The", "thing", "THING THE"),
        ("L'Avventura", "L’avventura", "Avventura, L'"),
        ("Les Misérables", "Misérables, Les"),
        ("Der Untergang", "Untergang"),
        ("Rocky II", "Rocky 2", "Rocky Two", "Rocky: Part II", "Rocky (Part 2)", "Rocky Teil 2"),
        ("Rocky V", "Rocky 5"),
        ("Ocean's Eleven", "Oceans 11", "Ocean’s 11"),
        ("The Thirty-Nine Steps", "The 39 Steps", "39 Steps"),
        ("Spider-Man", "Spider Man", "Spiderman"),
        ("S.W.A.T.", "SWAT", "S W A T"),
        ("Kill Bill: Vol. 2", "Kill Bill - Vol.2", "EN - Kill Bill: Vol 2 (2004)", "|EN| Kill Bill 2 [4K]"),
        ("Romeo + Juliet", "Romeo & Juliet", "Romeo and Juliet"),
        ("Astérix et Obélix", "Asterix & Obelix", "Asterix und Obelix"),
        ("Face/Off", "Face Off", "FACE-OFF"),
        ("Alien³", "Alien 3"),
        ("千と千尋の神隠し", "千と千尋の神隠し (2001)"),
        ("Ёлки", "Елки"),
        ("लगान", "लगान (2001)", "लगान।"),
    ],
)  # fmt: skip
def test_ways_to_write_one_name_have_one_key(ways: tuple[str, ...]) -> None:
    assert len({first(way).key for way in ways}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rocky II", "Rocky III"),
        ("Rocky", "Rocky II"),
        ("Airplane!", "Airplane II: The Sequel"),
        ("Mickey (Part 1)", "Mickey (Part 2)"),
        ("Blade Runner", "Blade Runner 2049"),
        ("Star Wars: Episode IV - A New Hope", "Star Wars: Episode V - The Empire Strikes Back"),
        ("が", "か"),
        ("की", "का"),
        ("ที่", "ที"),
        ("[REC]", "[REC] 2"),
        ("Malcolm", "Malcolm X"),
    ],
)
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert first(one).key != first(other).key


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("Dune (2021)", 2021),
        ("Dune [1984]", 1984),
        ("Dune (1984 film)", 1984),
        ("A Trip to the Moon (Georges Méliès, 1902)", 1902),
        ("1917 (2019)", 2019),
        ("Dune", None),
        ("2012", None),
    ],
)
def test_a_year_in_brackets_is_the_titles(written: str, year: int | None) -> None:
    assert first(written).year == year


def test_a_year_behind_the_name_may_be_part_of_it() -> None:
    whole, without = names_of("Blade Runner 2049", year=None)
    assert (whole.text, whole.year, whole.guessed) == ("blade runner 2049", None, False)
    assert (without.text, without.year, without.guessed) == ("blade runner", 2049, True)
    assert [name.text for name in names_of("Blade Runner 2049", year=2017)] == ["blade runner 2049"]
    assert [name.text for name in names_of("The Invaders 1912", year=1912)] == ["invaders 1912", "invaders"]


@pytest.mark.parametrize(
    ("written", "forms"),
    [
        ("Dr. Strangelove or: How I Learned to Stop Worrying", "dr strangelove"),
        ("Evil Mind (The Clairvoyant)", "clairvoyant"),
        ("The Mindsnatchers aka Demon Within", "demon within"),
        ("Dune: Part One", "dune"),
    ],
)
def test_a_shorter_form_is_kept_beside_the_whole_name(written: str, forms: str) -> None:
    assert forms in {name.text for name in names_of(written, year=None)[1:]}


def test_a_subtitle_with_a_number_is_not_left_out() -> None:
    assert [name.text for name in names_of("Enoch Arden: Part II", year=None)] == ["enoch arden 2"]


@pytest.mark.parametrize("written", ["The", "A", "II", "24", "(500)", "[REC]", "EN", "X", "I"])
def test_something_is_left_of_every_name(written: str) -> None:
    assert first(written).key


@pytest.mark.parametrize("written", ["", " ", "!!!", "()", "[]", "…"])
def test_what_has_no_letter_and_no_digit_has_no_name(written: str) -> None:
    assert names_of(written, year=None) == []


@given(st.text(max_size=300), st.none() | st.integers(1874, 2100))
def test_any_text_is_read_and_a_form_is_never_empty(written: str, year: int | None) -> None:
    for name in names_of(written, year=year):
        assert name.key == name.text.replace(" ", "") != ""
        assert all(number in name.text.split() for number in name.numbers)


@pytest.mark.parametrize(
    "unit", ["(", "([{", " / ", ", or", "a, ", " : ", "1 ", "i ", "(a) ", " aka ", "&amp;", "ไ", "٣ "]
)
def test_a_name_has_few_forms_however_it_is_written(unit: str) -> None:
    assert len(names_of(unit * 100_000, year=None)) <= MAX_FORMS
