"""What is asked for one film or one series."""

from __future__ import annotations

from collections.abc import Iterator

from tests.fakes.panel import names, rows
from tests.fakes.panel.draws import Draws, mixed
from tests.fakes.panel.generator import Library
from tests.fakes.panel.rows import Row

_FIRST_EPISODE = 100_000
_A_SERIES = 1024
_A_SEASON = 128
_SECOND = 64
"""Added to the number of an episode in the id of its second stream."""


def vod_info(library: Library, stream_id: int) -> Row:
    """An id that isn't there has an empty list for `info`, and no `movie_data`."""
    row = library.row("vod", stream_id)
    index = library.index_of("vod", stream_id)
    if row is None or index is None:
        return {"info": []}
    kept = ("stream_id", "name", "added", "category_id", "container_extension", "custom_sid", "direct_source")
    data = {key: row[key] for key in kept} | {"category_ids": [int(row["category_id"])]}
    return {
        "info": _film(row, library.work("vod", index), Draws(library.seed + 41, index)),
        "movie_data": data,
    }


def _film(row: Row, of: names.Work, draws: Draws) -> Row:
    told_id = next((row[key] for key in ("tmdb", "tmdb_id") if row.get(key) not in rows.NO_ID), None)
    cast, plot, released = names.people(draws, 5), names.plot(of, draws), rows.date(of.year, draws)
    return {
        "movie_image": row["stream_icon"],
        "cover_big": row["stream_icon"],
        "tmdb_id": int(told_id) if told_id else draws.pick(rows.NO_ID),
        "name": row["name"],
        "o_name": of.title,
        "backdrop_path": [rows.picture(draws, "wide")],
        "youtube_trailer": "",
        "genre": rows.genres(draws, ", "),
        "plot": plot,
        "description": plot,
        "cast": cast,
        "actors": cast,
        "director": names.people(draws, 1),
        "rating": float(row["rating"] or 0),
        "releasedate": released,
        "release_date": released,
        **_length(draws.between(70, 190) * 60 + draws.below(60)),
        "bitrate": draws.between(800, 9000),
        **_tracks(draws),
        "subtitles": [],
        "age": "",
        "country": "",
        "kinopoisk_url": "",
        "status": "Released",
    }


def series_info(library: Library, series_id: int) -> Row | list[Row]:
    """An id that isn't there: `[]` alone."""
    row = library.row("series", series_id)
    index = library.index_of("series", series_id)
    if row is None or index is None:
        return []
    draws = Draws(library.seed + 43, index)
    episodes = {
        str(season): list(_episodes(library, index, season)) for season in season_counts(library, index)
    }
    seasons = [
        {
            "air_date": rows.date(2000 + int(season) % 25, draws),
            "episode_count": len(listed),
            "id": index * 20 + int(season) + 1,
            "name": f"Season {season}" if season != "0" else "Specials",
            "overview": "",
            "season_number": int(season),
            "cover": "",
            "cover_big": "",
        }
        for season, listed in episodes.items()
    ]
    info = {key: value for key, value in row.items() if key not in ("num", "series_id", "stream_type")}
    return {"seasons": [] if draws.chance(5) else seasons, "info": info, "episodes": episodes}


def season_counts(library: Library, index: int) -> dict[int, int]:
    """How many episodes each season has; days that touched the series may have brought some to the last."""
    draws = Draws(library.seed + 47, index)
    seasons = 1 + min(draws.below(6), draws.below(6))
    counts = {0: draws.between(1, 3)} if draws.chance(5) else {}
    counts |= {season: draws.between(4, 13) for season in range(1, seasons + 1)}
    for day in library.touched("series", index) or ():
        counts[seasons] += 1 if library.aspect(day, index) in (0, 1) else 0
    return counts


def episode_id(index: int, season: int, number: int) -> int:
    return _FIRST_EPISODE + index * _A_SERIES + season * _A_SEASON + number


def has_episode(library: Library, id_: int) -> bool:
    index, place = divmod(id_ - _FIRST_EPISODE, _A_SERIES)
    season, number = divmod(place, _A_SEASON)
    if not 0 <= index < library.size("series") or library.touched("series", index) is None:
        return False
    if number > _SECOND and _is_doubled(library, index):
        number -= _SECOND
    return 1 <= number <= season_counts(library, index).get(season, 0)


def _is_doubled(library: Library, index: int) -> bool:
    """Some series have each episode twice, as two streams."""
    return mixed(library.seed + 59, index) % 20 == 0


def episode_extension(library: Library, id_: int) -> str:
    return ("mp4", "mp4", "mkv")[mixed(library.seed + 53, id_) % 3]


def _episodes(library: Library, index: int, season: int) -> Iterator[Row]:
    for number in range(1, season_counts(library, index)[season] + 1):
        yield _episode(library, index, season, number)
        if _is_doubled(library, index):
            second = str(episode_id(index, season, number + _SECOND))
            yield _episode(library, index, season, number) | {"id": second}


def _episode(library: Library, index: int, season: int, number: int) -> Row:
    id_ = episode_id(index, season, number)
    draws = Draws(library.seed + 53, id_)
    of = library.work("series", index)
    return {
        "id": str(id_),
        "episode_num": number,
        "title": draws.pick((f"Episode {number}", f"{of.title} S{season:02}E{number:02}", "Pilot")),
        "container_extension": episode_extension(library, id_),
        "info": {
            "movie_image": rows.picture(draws),
            "plot": names.plot(of, draws),
            "releasedate": rows.date(min(of.year + season, 2026), draws),
            "rating": draws.below(10),
            **_length(draws.between(18, 64) * 60),
            "bitrate": draws.below(6000),
            **_tracks(draws),
        },
        "custom_sid": "",
        "added": str(rows.MADE_AT - draws.below(rows.SPAN_S)),
        "season": season,
        "direct_source": "",
    }


def _length(length_s: int) -> Row:
    hours, rest = divmod(length_s, 3600)
    return {"duration_secs": length_s, "duration": f"{hours:02}:{rest // 60:02}:{rest % 60:02}"}


def _tracks(draws: Draws) -> Row:
    width, height = draws.pick(((1920, 1080), (1280, 720), (3840, 2160), (720, 576)))
    return {
        "video": {"codec_name": draws.pick(("h264", "hevc")), "width": width, "height": height},
        "audio": {"codec_name": draws.pick(("aac", "ac3", "eac3")), "channels": draws.pick((2, 6))},
    }
