"""By which ids TMDB can be asked, and what its answers are kept under."""

from __future__ import annotations

import pytest

from services.catalog.metadata.model import Question, question_of


@pytest.mark.parametrize(
    ("type_", "id_", "question"),
    [
        ("movie", "tt0017136", Question("movie", "imdb", "tt0017136", "")),
        ("series", "tt0903747:1:2", Question("tv", "imdb", "tt0903747", "")),
        ("anime", "tt0903747", Question(None, "imdb", "tt0903747", "")),
        ("movie", "tmdb:19", Question("movie", "tmdb", "19", "")),
        ("series", "tvdb:81189", Question("tv", "tvdb", "81189", "")),
        ("anime", "tmdb:19", None),
        ("movie", "tvdb:81189", None),
        ("series", "kitsu:1", None),
        ("movie", "own:1", None),
        ("movie", "", None),
    ],
)
def test_an_id_asks_what_it_says(type_: str, id_: str, question: Question | None) -> None:
    """Films and series share numbers at TMDB, so a number without its kind asks nothing."""
    assert question_of(type_, id_, "") == question


def test_no_two_questions_are_kept_under_one_name() -> None:
    questions = [
        Question(kind, system, id_, language, episodes)
        for kind in ("movie", "tv", None)
        for system in ("imdb", "tmdb")
        for id_ in ("1", "12")
        for language in ("", "de", "de-DE")
        for episodes in (False, True)
    ]
    assert len({question.name for question in questions}) == len(questions)
