"""The folder of films: what is found, what isn't, and that nothing leads out of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from libs.common.errors import Unavailable
from services.streaming.providers import local_scan
from services.streaming.providers.errors import LocalFileUnknown
from services.streaming.providers.local import Called, LocalFolder
from tests.fakes.clock import ManualClock
from tests.streaming.providers.films import MKV, MP4, TS, put

UNREADABLE = os.fsencode("Kühe.mkv".encode("latin-1"))


class Catalog:
    """Knows which titles names mean."""

    def __init__(self, **titles: str) -> None:
        self.titles = titles
        self.asked: list[Called] = []
        self.away = False

    async def __call__(self, names: Sequence[Called]) -> Sequence[str | None]:
        if self.away:
            raise Unavailable("away")
        self.asked += names
        return [self.titles.get(name.title) for name in names]


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    return folder


def folder_of(films: Path, clock: ManualClock, **titles: str) -> tuple[LocalFolder, Catalog]:
    catalog = Catalog(**titles)
    return LocalFolder(films, catalog, clock=clock), catalog


def content_of(folder: LocalFolder, file_id: int) -> bytes:
    with folder.open(file_id) as file:
        return file.read()


async def test_files_are_found_by_ids_and_by_names(films: Path, clock: ManualClock) -> None:
    put(films, "Metropolis (1927).mkv")
    put(films, "The Kid {imdb-tt0012349}.mp4", MP4)
    put(films, "Nosferatu {tmdb-653}.ts", TS)
    put(films, "Show/Season 1/Show S01E01-E02.mkv")
    folder, catalog = folder_of(films, clock, Metropolis="tt0017136", Show="tt0106179")
    await folder.refresh()
    names = {
        video: [file.name for file in folder.videos(video)]
        for video in ("tt0017136", "tt0012349", "tmdb:653", "tt0106179:1:1", "tt0106179:1:2", "tt0106179")
    }
    assert names == {
        "tt0017136": ["Metropolis (1927).mkv"],
        "tt0012349": ["The Kid {imdb-tt0012349}.mp4"],
        "tmdb:653": ["Nosferatu {tmdb-653}.ts"],
        "tt0106179:1:1": ["Show S01E01-E02.mkv"],
        "tt0106179:1:2": ["Show S01E01-E02.mkv"],
        "tt0106179": [],
    }
    assert Called("movie", "The Kid", None) not in catalog.asked


async def test_two_hubs_with_the_folder_know_a_file_by_the_same_id(films: Path, clock: ManualClock) -> None:
    put(films, "a/The Kid {imdb-tt0012349}.mkv")
    found = []
    for _ in range(2):
        folder, _catalog = folder_of(films, clock)
        await folder.refresh()
        found.append(folder.videos("tt0012349")[0].id)
    assert found[0] == found[1]
    assert content_of(folder, found[0]) == MKV


async def test_odd_names_are_found_and_opened(films: Path, clock: ManualClock) -> None:
    odd = 'it\'s "so"\n{imdb-tt0012349}.mkv'
    put(films, odd)
    put(films, b"{imdb-tt0017136} " + UNREADABLE)
    folder, _ = folder_of(films, clock)
    await folder.refresh()
    (file,) = folder.videos("tt0012349")
    assert file.name == 'it\'s "so" {imdb-tt0012349}.mkv'
    assert content_of(folder, file.id) == MKV
    (file,) = folder.videos("tt0017136")
    assert content_of(folder, file.id) == MKV


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text {imdb-tt0012349}.mkv", b"not a film at all"),
        ("empty {imdb-tt0012349}.mkv", b""),
        ("short {imdb-tt0012349}.ts", b"G"),
        ("notes {imdb-tt0012349}.txt", MKV),
        (".hidden {imdb-tt0012349}.mkv", MKV),
        ("Extras/deleted {imdb-tt0012349}.mkv", MKV),
    ],
)
async def test_what_is_no_film_is_not_offered(
    films: Path, clock: ManualClock, name: str, content: bytes
) -> None:
    put(films, name, content)
    folder, _ = folder_of(films, clock)
    await folder.refresh()
    assert folder.videos("tt0012349") == ()


async def test_pipe_is_not_waited_for(films: Path, clock: ManualClock) -> None:
    os.mkfifo(films / "{imdb-tt0012349}.mkv")
    folder, _ = folder_of(films, clock)
    await folder.refresh()
    assert folder.videos("tt0012349") == ()


async def test_links_are_followed_only_within_the_folder(films: Path, clock: ManualClock) -> None:
    put(films.parent, "outside/secret {imdb-tt0012349}.mkv")
    put(films, "inside/film.mkv")
    (films / "out").symlink_to(films.parent / "outside")
    (films / "file {imdb-tt0012349}.mkv").symlink_to(films.parent / "outside/secret {imdb-tt0012349}.mkv")
    (films / "in {imdb-tt0017136}.mkv").symlink_to(films / "inside/film.mkv")
    (films / "inside/round").symlink_to(films)
    folder, _ = folder_of(films, clock)
    await folder.refresh()
    assert folder.videos("tt0012349") == ()
    (file,) = folder.videos("tt0017136")
    assert content_of(folder, file.id) == MKV


async def test_file_that_became_a_link_to_outside_is_not_opened(films: Path, clock: ManualClock) -> None:
    put(films, "{imdb-tt0012349}.mkv")
    folder, _ = folder_of(films, clock)
    await folder.refresh()
    (file,) = folder.videos("tt0012349")
    put(films.parent, "secret.mkv")
    (films / "{imdb-tt0012349}.mkv").unlink()
    (films / "{imdb-tt0012349}.mkv").symlink_to(films.parent / "secret.mkv")
    with pytest.raises(LocalFileUnknown):
        folder.open(file.id)


@pytest.mark.parametrize("name", ["show", "show/film.mkv"])
def test_what_becomes_a_link_to_outside_once_it_was_checked_is_not_opened(films: Path, name: str) -> None:
    put(films, "show/film.mkv")
    put(films.parent, "outside/film.mkv")
    root = os.fsencode(films)
    real = local_scan.real_path(root, b"show/film.mkv")
    assert real is not None
    with local_scan.open_real(root, real) as file:
        assert file.read() == MKV
    (films / name).rename(films / "away")
    (films / name).symlink_to(films.parent / name.replace("show", "outside"))
    with pytest.raises(OSError, match=name.partition("/")[0] if name == "show" else "film"):
        local_scan.open_real(root, real)


async def test_nothing_is_known_before_the_folder_was_read(films: Path, clock: ManualClock) -> None:
    folder, _ = folder_of(films, clock)
    assert folder.videos("tt0012349") == ()
    with pytest.raises(Unavailable):
        folder.file(1)
    await folder.refresh()
    with pytest.raises(LocalFileUnknown):
        folder.file(1)


async def test_folder_that_is_away_for_a_while_keeps_what_it_had(films: Path, clock: ManualClock) -> None:
    put(films, "{imdb-tt0012349}.mkv")
    folder, _ = folder_of(films, clock)
    await folder.refresh()
    os.rename(films, films.with_name("away"))
    await folder.refresh()
    assert len(folder.videos("tt0012349")) == 1


async def test_name_is_asked_about_once_and_again_later_if_nobody_knew_it(
    films: Path, clock: ManualClock
) -> None:
    put(films, "Metropolis (1927).mkv")
    put(films, "Home video.mkv")
    folder, catalog = folder_of(films, clock, Metropolis="tt0017136")
    catalog.away = True
    await folder.refresh()
    catalog.away = False
    await folder.refresh()
    await folder.refresh()
    home, metropolis = Called("movie", "Home video", None), Called("movie", "Metropolis", 1927)
    assert catalog.asked == [home, metropolis]
    clock.advance(1000)
    await folder.refresh()
    assert catalog.asked == [home, metropolis, home]


@pytest.mark.parametrize("bound", ["MOST_ENTRIES", "MOST_FILMS", "LONGEST_S"])
async def test_huge_folder_is_read_as_far_as_the_bounds(
    films: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(local_scan, bound, 3)
    for number in range(9):
        put(films, f"{number} {{imdb-tt000000{number}}}.mkv")
    now = iter(range(1000))
    clocks: Callable[[], float] = lambda: next(now)  # noqa: E731  a clock that goes on whenever it is read
    found = local_scan.scan(os.fsencode(films), {}, monotonic=clocks)
    assert found.cut
    assert 0 < len(found.files) <= 3


async def test_folders_too_deep_are_left_out(films: Path, clock: ManualClock) -> None:
    put(films, "d/" * local_scan.DEEPEST + "{imdb-tt0012349}.mkv")
    put(films, "e/" * (local_scan.DEEPEST + 1) + "{imdb-tt0012349}.mkv")
    folder, _ = folder_of(films, clock)
    await folder.refresh()
    assert len(folder.videos("tt0012349")) == 1
