"""How videos, titles and events stand in tables, and how many of them are named in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from libs.common.db import Dialect, Row, Value
from services.streaming.viewing_model import (
    Episode,
    Event,
    Next,
    Owner,
    Place,
    Title,
    TitleKey,
    Video,
    VideoKey,
)

OWNED: Final = "account_id = :account_id AND profile_id = :profile_id"
OWNER: Final = ("account_id", "profile_id")
VIDEO: Final = (
    "video_id",
    "title_id",
    "type",
    "season",
    "episode",
    "position_ms",
    "duration_ms",
    "finished",
    "watched",
    "watched_at",
    "marked_at",
    "plays",
    "at",
)
TITLE: Final = (
    "title_id",
    "type",
    "name",
    "poster",
    "last_video_id",
    "last_at",
    "dismissed_at",
    "listed_at",
    "unlisted_at",
    "watched_at",
    "completed",
    "aired",
    "airs_at",
    "next_video_id",
    "next_season",
    "next_episode",
    "next_name",
    "continues_at",
    "videos",
)
EVENT: Final = (
    "kind",
    "video_id",
    "title_id",
    "type",
    "season",
    "episode",
    "position_ms",
    "duration_ms",
    "at",
    "recorded_at",
)

_TELLING = msgspec.json.Decoder(tuple[Episode, ...])


def named(dialect: Dialect, members: int) -> str:
    """A table `w` of the texts in `:keys`, each row with columns k0, k1, …: one statement for any number."""
    if dialect == "sqlite":
        columns = ", ".join(f"json_extract(value, '$[{n}]') AS k{n}" for n in range(members))
        return f"(SELECT {columns} FROM json_each(:keys)) AS w"  # noqa: S608  # numbers only
    columns = ", ".join(f"(value ->> {n}) AS k{n}" for n in range(members))
    return f"(SELECT {columns} FROM json_array_elements(CAST(CAST(:keys AS TEXT) AS JSON)) AS e(value)) AS w"  # noqa: S608


def given(dialect: Dialect, column: str) -> str:
    """That the column is one of the texts in `:ids`. After IN, PostgreSQL expects more of them than it asks
    an index for."""
    if dialect == "sqlite":
        return f"{column} IN (SELECT value FROM json_each(:ids))"  # noqa: S608  names from our code
    texts = "SELECT value FROM json_array_elements_text(CAST(CAST(:ids AS TEXT) AS JSON)) AS e(value)"
    return f"{column} = ANY(ARRAY({texts}))"


def gathered(dialect: Dialect, *columns: str) -> str:
    """All rows as one text, an array of arrays, NULL or empty for none: handed over one by one, they cost
    more than to find them."""
    if dialect == "sqlite":
        return f"json_group_array(json_array({', '.join(columns)}))"
    return f"CAST(json_agg(json_build_array({', '.join(columns)})) AS TEXT)"


def nested(dialect: Dialect, column: str) -> str:
    """A column that holds JSON, as a part of such a text."""
    return f"json({column})" if dialect == "sqlite" else f"CAST({column} AS JSON)"


def keys_text(keys: Iterable[VideoKey | TitleKey]) -> str:
    return msgspec.json.encode([(owner.account_id, owner.profile_id, id_) for owner, id_ in keys]).decode()


def ids_text(ids: Sequence[str]) -> str:
    return msgspec.json.encode([(id_,) for id_ in ids]).decode()


def upsert(table: str, columns: Sequence[str], key: str) -> str:
    """Makes a row of an owner what is bound, whatever it was."""
    every = (*OWNER, *columns)
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name != key)
    return (
        f"INSERT INTO {table} ({', '.join(every)}) VALUES ({', '.join(f':{name}' for name in every)})"  # noqa: S608
        f" ON CONFLICT (account_id, profile_id, {key}) DO UPDATE SET {changes}"
    )


def bound(owner: Owner) -> dict[str, str]:
    return {"account_id": owner.account_id, "profile_id": owner.profile_id}


def owner_of(row: Row) -> Owner:
    return Owner(row["account_id"], row["profile_id"])


def place_values(place: Place) -> dict[str, Value]:
    return msgspec.structs.asdict(place)


def video_values(owner: Owner, video: Video) -> dict[str, Value]:
    values = msgspec.structs.asdict(video)
    return {**bound(owner), **place_values(values.pop("place")), **values}


def title_values(owner: Owner, title: Title) -> dict[str, Value]:
    values = msgspec.structs.asdict(title)
    following: Next | None = values.pop("next")
    return {
        **bound(owner),
        **values,
        "next_video_id": None if following is None else following.video_id,
        "next_season": None if following is None else following.season,
        "next_episode": None if following is None else following.episode,
        "next_name": "" if following is None else following.name,
    }


def event_values(event: Event, recorded_at: int) -> dict[str, Value]:
    return {
        **bound(event.owner),
        **place_values(event.place),
        "kind": event.kind,
        "position_ms": event.position_ms,
        "duration_ms": event.duration_ms,
        "at": event.at,
        "recorded_at": recorded_at,
    }


def place_of(row: Mapping[str, Value] | Row) -> Place:
    return Place(row["video_id"], row["title_id"], row["type"], row["season"], row["episode"])  # type: ignore[arg-type]  # columns are not typed


def video_of(row: Row, prefix: str = "") -> Video | None:
    """None where a join found none."""
    if row[f"{prefix}video_id"] is None:
        return None
    values = {name: row[prefix + name] for name in VIDEO}
    return Video(
        place=place_of(values),
        position_ms=values["position_ms"],
        duration_ms=values["duration_ms"],
        finished=bool(values["finished"]),
        watched=bool(values["watched"]),
        watched_at=values["watched_at"],
        marked_at=values["marked_at"],
        plays=values["plays"],
        at=values["at"],
    )


def title_of(row: Row) -> Title:
    following = None
    if row["next_video_id"] is not None:
        following = Next(row["next_video_id"], row["next_season"], row["next_episode"], row["next_name"])
    return Title(
        **{name: row[name] for name in TITLE if not name.startswith("next_")},
        next=following,
    )


def joined_video(alias: str = "v", prefix: str = "v_") -> str:
    """The columns of a video beside those of its title."""
    return ", ".join(f"{alias}.{name} AS {prefix}{name}" for name in VIDEO)


def told(episodes: Sequence[Episode]) -> str:
    return msgspec.json.encode(episodes).decode()


def episodes_of(text: str) -> tuple[Episode, ...]:
    return _TELLING.decode(text)
