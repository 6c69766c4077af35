"""Files are known by what they and their folders are called."""

from __future__ import annotations

import pytest

from services.streaming.providers.local_names import MOST_EPISODES, Named, named


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Metropolis (1927)", Named("movie", "Metropolis", 1927)),
        ("Metropolis (1927)/Metropolis (1927) - 1080p", Named("movie", "Metropolis", 1927)),
        ("Metropolis (1927)/m", Named("movie", "Metropolis", 1927)),
        (
            "Night.of.the.Living.Dead.1968.1080p.BluRay.x264-GRP",
            Named("movie", "Night of the Living Dead", 1968),
        ),
        ("Night.of.the.Living.Dead.1968", Named("movie", "Night of the Living Dead", 1968)),
        ("2001", Named("movie", "2001")),
        ("The Kid [imdbid-tt0012349]", Named("movie", "The Kid", imdb="tt0012349")),
        ("The Kid {imdb-tt0012349} {edition-Long}", Named("movie", "The Kid", imdb="tt0012349")),
        ("The Kid (1921) {tmdb-10098}/kid", Named("movie", "The Kid", 1921, tmdb="10098")),
        ("The Kid (1921) [tmdbid=10098]", Named("movie", "The Kid", 1921, tmdb="10098")),
        ("Show/Show S01E02", Named("series", "Show", None, 1, (2,))),
        ("Show.2008.S01E02.720p.WEB.h264", Named("series", "Show", 2008, 1, (2,))),
        ("Show (2008)/Season 1/Show - s01e02-e03 - Names", Named("series", "Show", 2008, 1, (2, 3))),
        ("Show/Season 02/S02E01-03", Named("series", "Show", None, 2, (1, 2, 3))),
        ("Show/Season 02/04 - Its name", Named("series", "Show", None, 2, (4,))),
        ("Show/Specials/Episode 7", Named("series", "Show", None, 0, (7,))),
        ("Show 1x05", Named("series", "Show", None, 1, (5,))),
        ("Show S01E01-720p", Named("series", "Show", None, 1, (1,))),
        (
            "Show {imdb-tt0106179}/Season 1/Show S01E01 [imdbid-tt0751148]",
            Named("series", "Show", None, 1, (1,), imdb="tt0106179"),
        ),
    ],
)
def test_what_a_name_says(path: str, expected: Named) -> None:
    assert named(path.split("/")) == expected


def test_no_name_says_more_episodes_than_a_file_could_hold() -> None:
    assert len(named(["Show S01E0001-E9999"]).episodes) == MOST_EPISODES


@pytest.mark.parametrize(
    "stem", ["", "'", '"\n"', "{", "S", "[imdbid-tt]", "\ufffd\ufffd", "e" * 300, "(((((" * 60]
)
def test_odd_names_are_films_without_ids(stem: str) -> None:
    told = named([stem])
    assert (told.type, told.imdb, told.tmdb) == ("movie", "", "")
