"""Files as they arrive, whole and not."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence

import pytest

from libs.protocols.imdb import reading
from libs.protocols.imdb.errors import Corrupt, HeaderChanged, NoRows, NotGzip, Truncated
from libs.protocols.imdb.ids import IdSet
from libs.protocols.imdb.reading import LONGEST_LINE, Reader
from libs.protocols.imdb.rows import DATA_SETS, Row, SetName
from tests.fakes.imdb import AKAS, EPISODES, PAGE, RATINGS, TITLES, packed, tsv


def read(reader: Reader, content: bytes, *, piece: int = 1 << 20) -> list[Row]:
    rows: list[Row] = []
    for start in range(0, len(content), piece):
        for batch in reader.feed(content[start : start + piece]):
            rows += batch
    return rows + reader.finish()


def reader_of(name: SetName) -> Reader:
    return Reader(DATA_SETS[name])


def rows_of(name: SetName, lines: Iterable[Sequence[object]]) -> tuple[list[Row], Reader]:
    reader = reader_of(name)
    return read(reader, packed(name, lines)), reader


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_every_size_of_piece_gives_the_same_rows(piece: int) -> None:
    rows = read(reader_of("ratings"), packed("ratings", RATINGS), piece=piece)
    assert rows == [(10, 87, 9000), (20, 74, 1200), (21, 91, 300), (22, 60, 40), (10_000_000, 55, 11)]


def test_episodes_without_a_place_are_left_out() -> None:
    rows, reader = rows_of("episodes", EPISODES)
    assert rows == [(20, 1, 1, 21), (20, 1, 2, 22), (20, 1, 3, 23)]
    assert (reader.seen, reader.kept, reader.skipped) == (4, 3, {"unplaced": 1})


def test_only_rows_of_wanted_titles_are_kept() -> None:
    wanted = IdSet()
    wanted.add(22)
    reader = Reader(DATA_SETS["episodes"], among=wanted)
    assert read(reader, packed("episodes", EPISODES)) == [(20, 1, 2, 22)]
    assert (reader.seen, reader.kept, reader.outside) == (4, 1, 3)


def test_titles_are_read_without_quoting_and_without_those_of_episodes() -> None:
    rows, reader = rows_of("titles", TITLES)
    assert rows == [
        (10, "movie", 'The "Signal"', "Das Signal", 1927, None, 94, "Drama,Mystery", False),
        (20, "tvSeries", "The Line", "", 2001, 2004, None, "Drama", False),
        (10_000_000, "movie", "Neu", "", None, None, None, "", False),
    ]
    assert reader.skipped == {"episode_title": 1}


def test_akas_are_named_by_title_and_place() -> None:
    rows, _ = rows_of("akas", AKAS)
    assert rows[:2] == [(10, 1, "Das Signal", "DE", "de"), (10, 2, "The Signal", "", "")]


def test_a_type_nobody_knows_is_kept_and_counted() -> None:
    rows, reader = rows_of("titles", [("tt0000001", "hologram", "A", "A", 0, 2031, None, None, None)])
    assert rows[0][1] == "hologram"
    assert reader.noted == {"unknown_type": 1}


@pytest.mark.parametrize("rating", ["NaN", "nan", "inf", "-inf", "0.9", "10.1", "-3", "100"])
def test_ratings_that_are_none_are_skipped(rating: str) -> None:
    rows, reader = rows_of("ratings", [("tt0000001", rating, 5), ("tt0000002", "5.0", 5)])
    assert rows == [(2, 50, 5)]
    assert reader.skipped == {"rating_out_of_range": 1}


@pytest.mark.parametrize(
    "line",
    [
        ("tt0000001", None, 5),
        ("tt0000001", "5.0", "many"),
        ("tt0000001", "5.0", -5),
        ("tt0000001", "5.0", None),
        ("nm0000001", "5.0", 5),
        ("tt", "5.0", 5),
        ("", "5.0", 5),
        ("tt0000001", "5.0"),
        ("tt0000001", "5.0", 5, 5),
        ("tt0000001", "5,0", 5),
    ],
)
def test_a_bad_row_spoils_itself_alone(line: tuple[object, ...]) -> None:
    rows, reader = rows_of("ratings", [line, ("tt0000002", "5.0", 5)])
    assert rows == [(2, 50, 5)]
    assert reader.skipped == {"malformed": 1}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (("tt999999999", "5.0", 5), "id_out_of_range"),
        (("tt0000001", "5.0", 2**31), "number_out_of_range"),
    ],
)
def test_numbers_no_table_holds_are_skipped(line: tuple[object, ...], reason: str) -> None:
    assert rows_of("ratings", [line, ("tt0000002", "5.0", 5)])[1].skipped == {reason: 1}


def test_whose_rows_can_not_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = [("tt0000001", "NaN", 5), ("tt0000003", "5.0"), ("nm0000004", "5.0", 5)]
    _, reader = rows_of("ratings", [*bad, ("tt0000002", "5.0", 5), ("tt0000002", "6.0", 5)])
    assert reader.spoilt == [1, 3]
    monkeypatch.setattr(reading, "MOST_SPOILT", 1)
    assert rows_of("ratings", [*bad, ("tt0000002", "5.0", 5)])[1].spoilt == [1]


def test_a_row_that_comes_twice_counts_once() -> None:
    rows, reader = rows_of("ratings", [("tt0000001", "5.0", 5), ("tt0000001", "6.0", 6)])
    assert rows == [(1, 50, 5)]
    assert reader.skipped == {"repeated": 1}


def test_a_line_that_is_no_utf_8_spoils_itself_alone() -> None:
    content = tsv("titles", TITLES).replace(b"The Line", b"The \xff Line", 1)
    reader = reader_of("titles")
    assert len(read(reader, gzip.compress(content))) == 2
    assert reader.skipped["malformed"] == 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("titles", ("tt0000001", "movie", None, None, 0, None, None, None, None)),
        ("titles", ("tt0000001", "movie", "A\0", "A", 0, None, None, None, None)),
        ("akas", ("tt0000001", 1, None, None, None, None, None, 0)),
    ],
)
def test_a_title_without_a_name_is_skipped(name: SetName, line: tuple[object, ...]) -> None:
    reader = reader_of(name)
    with pytest.raises(NoRows):
        read(reader, packed(name, [line]))
    assert reader.skipped == {"unnamed": 1}


def test_columns_that_slipped_are_malformed() -> None:
    """As IMDb has published them: the adult flag holding a year."""
    slipped = ("tt0000001", "movie", "A", "A", 2019, None, None, "Drama", None)
    good = ("tt0000002", "movie", "B", "B", 0, None, None, None, None)
    assert rows_of("titles", [slipped, good])[1].skipped == {"malformed": 1}


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    content = b"\xef\xbb\xbf" + tsv("ratings", RATINGS).replace(b"\n", b"\r\n")
    assert len(read(reader_of("ratings"), gzip.compress(content))) == 5


def test_a_last_line_without_its_end_counts() -> None:
    assert len(read(reader_of("ratings"), gzip.compress(tsv("ratings", RATINGS).rstrip()))) == 5


def test_a_file_of_several_members_is_one_file() -> None:
    content = tsv("ratings", RATINGS)
    members = gzip.compress(content[:50]) + b"\0\0" + gzip.compress(content[50:])
    assert len(read(reader_of("ratings"), members, piece=5)) == 5


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_cut_file_is_refused_at_its_end(share: float) -> None:
    content = packed("ratings", RATINGS)
    with pytest.raises(Truncated, match="cut short"):
        read(reader_of("ratings"), content[: int(len(content) * share)])


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(Truncated, match="empty"):
        read(reader_of("ratings"), b"")


def test_a_damaged_file_is_refused() -> None:
    content = bytearray(packed("ratings", RATINGS))
    content[-6] ^= 0xFF  # in the check sum
    with pytest.raises(Corrupt):
        read(reader_of("ratings"), bytes(content))


def test_what_follows_the_file_is_damage_too() -> None:
    with pytest.raises(Corrupt):
        read(reader_of("ratings"), packed("ratings", RATINGS) + b"<html>")


def test_a_page_instead_of_a_file_is_said_to_be_one() -> None:
    with pytest.raises(NotGzip, match="web page"):
        read(reader_of("ratings"), b"\n " + PAGE)


def test_something_else_is_said_to_be_that() -> None:
    with pytest.raises(NotGzip, match="something else"):
        read(reader_of("ratings"), b"{}", piece=1)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (b"tconst\taverageRating\tvotes\n", "without numVotes and with votes"),
        (b"averageRating\ttconst\tnumVotes\n", "in another order"),
        (b"tconst\taverageRating\tnumVotes\tnumCritics\n", "with numCritics"),
        (b"tt0000001\t5.0\t5\n", "without tconst"),
    ],
)
def test_a_changed_header_is_refused_and_says_how(header: bytes, said: str) -> None:
    with pytest.raises(HeaderChanged, match=said):
        read(reader_of("ratings"), gzip.compress(header + b"tt0000001\t5.0\t5\n"))


def test_a_file_of_nothing_has_no_header() -> None:
    with pytest.raises(HeaderChanged):
        read(reader_of("ratings"), gzip.compress(b""))


def test_a_header_alone_is_no_data_set() -> None:
    with pytest.raises(NoRows, match="no rows"):
        read(reader_of("ratings"), packed("ratings", []))


def test_a_file_without_one_usable_row_is_refused() -> None:
    with pytest.raises(NoRows, match="Not one"):
        read(reader_of("ratings"), packed("ratings", [("tt0000001", "NaN", 5)]))


def test_a_file_without_lines_ends_the_reading_before_the_memory() -> None:
    with pytest.raises(Corrupt, match="no lines"):
        read(reader_of("ratings"), gzip.compress(b"a" * (LONGEST_LINE + 600_000)))
