"""Files as services elsewhere export them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

SEEN_AT = "2024-01-05T20:00:00.000Z"


def film(number: int, *, plays: int = 1, at: str = SEEN_AT) -> dict[str, Any]:
    ids = {"trakt": number, "imdb": f"tt{number:07}", "tmdb": number}
    return {
        "plays": plays,
        "last_watched_at": at,
        "movie": {"title": f"Film {number}", "year": 1927, "ids": ids},
    }


def play(episode: int, *, at: str = SEEN_AT) -> dict[str, Any]:
    show = {"title": "Dark", "ids": {"imdb": "tt5753856", "tmdb": 70523}}
    numbers = {"season": 1, "number": episode, "title": "Part"}
    return {"id": episode, "watched_at": at, "type": "episode", "episode": numbers, "show": show}


def listed(number: int) -> dict[str, Any]:
    movie = {"title": f"Film {number}", "ids": {"imdb": f"tt{number:07}"}}
    return {"rank": 1, "id": number, "listed_at": SEEN_AT, "type": "movie", "movie": movie}


def packed(members: Mapping[str, Any]) -> bytes:
    """A zip file; what isn't bytes becomes JSON."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, told in members.items():
            archive.writestr(name, told if isinstance(told, bytes) else json.dumps(told))
    return out.getvalue()


def trakt() -> bytes:
    """Two films, one of them also in its history; three episodes; one title to be seen; a place; and what
    isn't viewing."""
    paused = {**listed(9), "progress": 40.0, "paused_at": SEEN_AT}
    del paused["listed_at"]
    return packed(
        {
            "watched/watched-movies.json": [film(1, plays=3), film(2)],
            "watched/watched-history-1.json": [
                play(1),
                play(1, at="2024-02-01T20:00:00.000Z"),
                play(2),
                play(3),
            ],
            "watched/watched-playback.json": [paused],
            "lists/lists-watchlist.json": [listed(7)],
            "lists/lists-list-favourites.json": [listed(8)],
            "ratings-movies.json": [{"rated_at": SEEN_AT, "rating": 8, "movie": film(3)["movie"]}],
            "user-profile.json": {"username": "ada"},
            "inner.zip": packed({"watched-movies.json": [film(4)]}),
        }
    )


def stremio_film(id_: str = "tt0017136", **state: Any) -> dict[str, Any]:
    return {
        "_id": id_,
        "type": "movie",
        "name": "Metropolis",
        "removed": False,
        "temp": False,
        "_mtime": SEEN_AT,
        "state": {"lastWatched": SEEN_AT, "timesWatched": 1, "flaggedWatched": 1, **state},
    }
