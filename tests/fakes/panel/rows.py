"""One row of a list, in the shapes and with the types that panels were seen to send.

Numbers of rows ("num") are not here: panels count what they send, so that the list numbers them.
"""

from __future__ import annotations

from typing import Any, Literal

from tests.fakes.panel import names, words
from tests.fakes.panel.draws import Draws

Kind = Literal["live", "vod", "series"]
Row = dict[str, Any]
KINDS: tuple[Kind, ...] = ("live", "vod", "series")

MADE_AT = 1_799_900_000
"""When the library of day 0 was complete; a day before the clock of tests starts."""
SPAN_S = 3 * 365 * 86_400
"""Over which its rows were added."""
ID_KEYS: dict[Kind, str] = {"live": "stream_id", "vod": "stream_id", "series": "series_id"}
CHANGE_KEYS: dict[Kind, str] = {"live": "added", "vod": "added", "series": "last_modified"}
PICTURES = "http://img.example"
NO_ID = (None, "", 0, "0")
"""What panels write instead of an id of TMDB. Most of them leave it out."""


def picture(draws: Draws, size: str = "small") -> str:
    name = f"{draws.below(1 << 30):08x}"
    return f"{PICTURES}/images/{name}{name}{name}{name}_{size}.jpg"


def rating(draws: Draws) -> tuple[str, float | int]:
    """Out of ten as text, out of five as a number; whole ones without a fraction, as PHP writes them."""
    if draws.chance(8):
        return "", 0
    tenths = draws.between(20, 92)
    fives = (tenths + 1) // 2
    return (
        str(tenths // 10) if tenths % 10 == 0 else f"{tenths / 10:.1f}",
        fives // 10 if fives % 10 == 0 else fives / 10,
    )


def film_row(stream_id: int, of: names.Work, draws: Draws) -> Row:
    name = names.film_name(of, draws)
    icon = "" if draws.chance(5) else picture(draws)
    score, fives = rating(draws)
    return {
        "num": 0,
        "name": name,
        "stream_type": "movie",
        "stream_id": stream_id,
        "stream_icon": icon,
        "rating": score,
        "rating_5based": fives,
        "added": str(MADE_AT - draws.below(SPAN_S)),
        "category_id": None,
        "container_extension": draws.pick(("mp4", "mp4", "mp4", "mp4", "mkv", "avi")),
        "custom_sid": draws.pick(("", "", None)),
        "direct_source": "",
    }


def channel_row(stream_id: int, draws: Draws) -> Row:
    name = names.channel_name(draws)
    kept_days = draws.pick(("3", "3", "5", "7")) if draws.chance(5) else ""
    return {
        "num": 0,
        "name": name,
        "stream_type": draws.pick(("live",) * 17 + ("radio_streams", "radio_streams", "created_live")),
        "stream_id": stream_id,
        "stream_icon": picture(draws, "logo") if draws.chance(40) else "",
        "epg_channel_id": guide_id(name) if draws.chance(40) else None,
        "added": str(MADE_AT - draws.below(SPAN_S)),
        "category_id": None,
        "custom_sid": "",
        "tv_archive": 1 if kept_days else 0,
        "direct_source": "",
        # Text where there is an archive, a number where there is none: so in each capture.
        "tv_archive_duration": kept_days or 0,
    }


def guide_id(name: str) -> str:
    """Of a channel's name, its quality left out: copies of one channel share a guide."""
    country, _, rest = name.removeprefix("VIP ").partition(": ")
    for quality in (" FHD (1080p)", " HD (720p)", " FHD", " HD", " SD", " 4K", " backup"):
        rest = rest.removesuffix(quality)
    return "".join(letter for letter in rest if letter.isalnum()) + "." + country[:5].lower()


def series_row(series_id: int, of: names.Work, draws: Draws) -> Row:
    is_told = draws.chance(55)  # where the panel found nothing, much is empty at once
    score = draws.between(4, 9)
    return {
        "num": 0,
        "name": names.series_name(of, draws),
        "stream_type": None,
        "series_id": series_id,
        "cover": picture(draws),
        "plot": f"{names.plot(of, draws)} {names.plot(of, draws)}",
        "cast": names.people(draws, 10) if draws.chance(96) else "",
        "director": names.people(draws, 1) if is_told else "",
        "genre": genres(draws),
        "releaseDate": date(of.year, draws) if is_told else "",
        "last_modified": "0" if draws.chance(12) else str(MADE_AT - draws.below(SPAN_S)),
        "rating": str(score),
        "rating_5based": score // 2 if score % 2 == 0 else score / 2,
        "backdrop_path": [picture(draws, "wide") for _ in range(4)] if is_told else None,
        "youtube_trailer": f"{draws.below(1 << 31):011x}" if is_told else "",
        "episode_run_time": str(draws.between(20, 60)) if is_told else "0",
        "category_id": None,
    }


def genres(draws: Draws, between: str = " / ") -> str:
    return between.join(dict.fromkeys(draws.pick(words.GENRES) for _ in range(draws.between(1, 3))))


def date(year: int, draws: Draws) -> str:
    return f"{year}-{draws.between(1, 12):02}-{draws.between(1, 28):02}"


def enrich(kind: Kind, row: Row, of: names.Work | None, draws: Draws) -> None:
    """What panels of the XUI and XC_VM kind add to each row. `of` is None for channels."""
    row["category_ids"] = [int(row["category_id"])] if row["category_id"] else []
    if of is None:
        row |= {"is_adult": draws.pick((0, "0", "None")), "thumbnail": ""}
        return
    row |= {"title": of.title, "year": str(of.year), "release_date": date(of.year, draws)}
    if kind == "vod":
        row |= {"plot": names.plot(of, draws), "cast": names.people(draws, 4)}
        row |= {"director": names.people(draws, 1), "genre": genres(draws, ", ")}
        row |= {"youtube_trailer": "", "episode_run_time": str(draws.between(70, 180)), "is_adult": 0}


def name_tmdb(row: Row, tmdb_id: int | None, draws: Draws) -> None:
    """Under one of the names panels have for it, as a number or as text; None: as panels say "none"."""
    key = draws.pick(("tmdb", "tmdb_id"))
    if tmdb_id is not None:
        row[key] = draws.pick((tmdb_id, str(tmdb_id)))
    elif draws.chance(20):
        row[key] = draws.pick(NO_ID)
