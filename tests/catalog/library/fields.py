"""The fields that players read and the type of each, and whether an answer has them."""

from __future__ import annotations

from typing import Any

import msgspec

NUMBER = (int, float)
DIGITS = "digits"
"""Text that holds a whole number: strict players read it as one."""

LIVE = {
    "num": int,
    "name": str,
    "stream_type": str,
    "stream_id": int,
    "stream_icon": str,
    "epg_channel_id": (str, type(None)),
    "added": DIGITS,
    "is_adult": DIGITS,
    "category_id": DIGITS,
    "category_ids": [int],
    "custom_sid": str,
    "tv_archive": int,
    "direct_source": str,
    "tv_archive_duration": int,
    "thumbnail": str,
}
VOD = {
    "num": int,
    "name": str,
    "title": str,
    "year": str,
    "stream_type": str,
    "stream_id": int,
    "stream_icon": str,
    "rating": str,
    "rating_5based": NUMBER,
    "tmdb": str,
    "added": DIGITS,
    "is_adult": DIGITS,
    "category_id": DIGITS,
    "category_ids": [int],
    "container_extension": str,
    "custom_sid": str,
    "direct_source": str,
}
TITLE = {
    "name": str,
    "title": str,
    "year": str,
    "cover": str,
    "plot": str,
    "cast": str,
    "director": str,
    "genre": str,
    "releaseDate": str,
    "release_date": str,
    "last_modified": DIGITS,
    "rating": str,
    "rating_5based": NUMBER,
    "backdrop_path": [str],
    "youtube_trailer": str,
    "episode_run_time": DIGITS,
    "tmdb": str,
    "category_id": DIGITS,
    "category_ids": [int],
}
SERIES_ROW = {**TITLE, "num": int, "series_id": int, "stream_type": str}
CATEGORY = {"category_id": DIGITS, "category_name": str, "parent_id": int}
SEASON = {
    "air_date": str,
    "episode_count": int,
    "id": int,
    "name": str,
    "overview": str,
    "season_number": int,
    "cover": str,
    "cover_big": str,
}
EPISODE = {
    "id": DIGITS,
    "episode_num": int,
    "title": str,
    "container_extension": str,
    "info": {
        "movie_image": str,
        "plot": str,
        "releasedate": str,
        "rating": NUMBER,
        "duration_secs": int,
        "duration": str,
        "bitrate": int,
        "video": dict,
        "audio": dict,
    },
    "custom_sid": str,
    "added": DIGITS,
    "season": int,
    "direct_source": str,
}
VOD_INFO = {
    "info": {
        **dict.fromkeys(
            (
                "movie_image",
                "cover_big",
                "tmdb_id",
                "name",
                "o_name",
                "youtube_trailer",
                "genre",
                "plot",
                "description",
                "cast",
                "actors",
                "director",
                "releasedate",
                "release_date",
                "duration",
                "age",
                "country",
                "kinopoisk_url",
                "status",
            ),
            str,
        ),
        "backdrop_path": [str],
        "rating": NUMBER,
        "duration_secs": int,
        "bitrate": int,
        "video": dict,
        "audio": dict,
        "subtitles": list,
    },
    "movie_data": {
        "stream_id": int,
        "name": str,
        "title": str,
        "year": str,
        "added": DIGITS,
        "category_id": DIGITS,
        "category_ids": [int],
        "container_extension": str,
        "custom_sid": str,
        "direct_source": str,
    },
}
LISTING = {
    "id": DIGITS,
    "epg_id": DIGITS,
    "title": str,
    "lang": str,
    "start": str,
    "end": str,
    "description": str,
    "channel_id": str,
    "start_timestamp": DIGITS,
    "stop_timestamp": DIGITS,
    "stream_id": DIGITS,
}
TABLE = {**LISTING, "now_playing": int, "has_archive": int}
ACCOUNT = {
    "user_info": {
        "username": str,
        "password": str,
        "message": str,
        "auth": int,
        "status": str,
        "exp_date": DIGITS,
        "is_trial": DIGITS,
        "active_cons": DIGITS,
        "created_at": DIGITS,
        "max_connections": DIGITS,
        "allowed_output_formats": [str],
    },
    "server_info": {
        "url": str,
        "port": DIGITS,
        "https_port": DIGITS,
        "server_protocol": str,
        "rtmp_port": DIGITS,
        "timezone": str,
        "timestamp_now": int,
        "time_now": str,
        "process": bool,
    },
}


def check(value: Any, wanted: Any, where: str = "$") -> None:
    """Every field is there, none else, and each is of its type: a bool is no number."""
    if isinstance(wanted, dict):
        assert isinstance(value, dict), where
        assert value.keys() == wanted.keys(), where
        for name, of in wanted.items():
            check(value[name], of, f"{where}.{name}")
    elif isinstance(wanted, list):
        assert isinstance(value, list), where
        for place, one in enumerate(value):
            check(one, wanted[0], f"{where}[{place}]")
    elif wanted == DIGITS:
        assert isinstance(value, str), where
        assert value.isdecimal(), where
    else:
        assert isinstance(value, wanted), where
        assert wanted is bool or not isinstance(value, bool), where


def plain(value: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))
