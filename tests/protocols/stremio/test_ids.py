"""Video ids are split by prefix and from the right."""

import pytest

from libs.protocols.stremio.ids import VideoId, is_imdb, split_video_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tt0111161", VideoId("imdb", "tt0111161")),
        ("tt0108778:1:2", VideoId("imdb", "tt0108778", 1, 2)),
        ("tt0108778:0:3", VideoId("imdb", "tt0108778", 0, 3)),
        ("kitsu:11", VideoId("kitsu", "kitsu:11")),
        ("kitsu:11:5", VideoId("kitsu", "kitsu:11", None, 5)),
        ("mal:1:5", VideoId("mal", "mal:1", None, 5)),
        ("tmdb:603", VideoId("tmdb", "tmdb:603")),
        ("tmdb:603:1:2", VideoId("tmdb", "tmdb:603", 1, 2)),
        ("tmdb603:1:2", VideoId("tmdb", "tmdb:603", 1, 2)),
        ("tvdb:5:2:1", VideoId("tvdb", "tvdb:5", 2, 1)),
        ("tvdb:5:2", VideoId("tvdb", "tvdb:5:2")),
        ("hg:5", VideoId("hg", "hg:5")),
        ("hg:5:1:2", VideoId("hg", "hg:5", 1, 2)),
        ("hg:5:1700000000", VideoId("hg", "hg:5:1700000000")),
        ("yt_id:UC1:vid:2", VideoId("yt_id", "yt_id:UC1:vid:2")),
        ("ttv:1:2", VideoId("ttv", "ttv:1:2")),
        ("local", VideoId("", "local")),
        ("", VideoId("", "")),
    ],
)
def test_video_id_is_split(text: str, expected: VideoId) -> None:
    assert split_video_id(text) == expected


def test_tt_alone_is_not_imdb() -> None:
    assert is_imdb("tt1")
    assert not is_imdb("ttv:1")
