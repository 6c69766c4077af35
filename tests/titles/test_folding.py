"""The form in which titles are compared."""

from __future__ import annotations

import pytest

from libs.titles.folding import MAX_CHARS, fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("  The  MATRIX: Reloaded! ", "the matrix reloaded"),
        ("Ocean's_8", "oceans 8"),
        ("Amélie's Łódź, l’été", "amelies lodz lete"),
        ("Straße – Æon", "strasse aeon"),
        ("E\u0301toile", "etoile"),
        ("ﬁlm ½ ²", "film 1 2 2"),
        ("Йога", "иога"),
        ("千と千尋", "千と千尋"),
        ("-_'", ""),
        ("", ""),
    ],
)
def test_a_title_is_compared_by_its_words(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_letters_that_become_several_make_nothing_longer() -> None:
    assert len(fold("ß" * 1000)) == MAX_CHARS
    assert fold("ß" * 149 + "a and more") == "ss" * 149 + "a"
