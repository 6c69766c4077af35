"""Drawn posters and bars."""

import pytest

from services.gateway.pages.draw import MARGIN, MAX_LINES, MOTIFS, TONES, bar, columns, poster_art

TITLES = (
    "M",
    "",
    "A Trip to the Moon",
    "The Man Who Laughs",
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb, in Its Longest Possible Title",
    "七人の侍",
)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("shape", ["poster", "landscape", "square"])
def test_every_title_stays_inside_its_poster(title: str, shape: str) -> None:
    art = poster_art(title, "1927", shape=shape)  # type: ignore[arg-type]
    assert 1 <= len(art.lines) <= MAX_LINES
    assert art.lines[0].y - art.text_size >= 0
    assert art.lines[-1].y < art.note_y <= art.height
    assert max(len(line.text) for line in art.lines) * art.text_size * 0.5 <= art.width - 2 * MARGIN
    assert 1 <= art.tone <= TONES
    assert 1 <= art.motif <= MOTIFS


def test_the_same_title_is_the_same_picture() -> None:
    assert poster_art("Metropolis", "1927") == poster_art("Metropolis", "1927")


def test_a_title_too_long_ends_in_an_ellipsis() -> None:
    assert poster_art(TITLES[-2]).lines[-1].text.endswith("…")


def test_a_bar_ends_where_the_whole_ends() -> None:
    parts = bar([("a", 50), ("b", 30), ("nothing", 0), ("c", 90)], 100)
    assert [(part.start, part.width) for part in parts] == [(0, 50), (50, 30), (80, 20)]


def test_the_rarest_failure_and_the_only_answer_are_drawn() -> None:
    drawn = columns([1.0, 0.999, 0.5, 0.001, 0.0, None])
    assert [(one.good, one.bad) for one in drawn] == [(24, 0), (23, 1), (12, 12), (1, 23), (0, 24), (0, 0)]
    assert [one.x for one in drawn] == [0, 4, 8, 12, 16, 20]
