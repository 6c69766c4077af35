"""A meta with its gaps filled: what an addon said stays, but for texts in a language that was chosen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

import msgspec

from libs.common.contracts.tmdb import TmdbChoice
from libs.protocols.tmdb.images import image_url
from services.catalog.metadata.model import Facts

WANTED: Mapping[str, tuple[str, ...]] = {
    "poster": ("poster",),
    "background": ("background",),
    "description": ("description",),
    "genres": ("genres", "genre"),
    "cast": ("cast",),
    "runtime": ("runtime",),
    "releaseInfo": ("releaseInfo", "year", "released"),
}
"""What a whole title has, and the members that addons write it in."""

SERIES = "series"
"""The type of titles that are nothing without their episodes. What Stremio calls `tv` are channels."""

CATEGORIES = {"genres": "Genres", "cast": "Cast", "director": "Directors", "writer": "Writers"}
"""Stremio reads these from links alone where a meta has any."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOTHING = frozenset({"", "N/A", "n/a", "null", "0"})

Members = dict[str, object]


def lacks_episodes(meta: bytes) -> bool:
    """Whether it is a series that says nothing of its episodes."""
    members = _members(meta)
    return members.get("type") == SERIES and _is_empty(members.get("videos"))


def is_whole(meta: bytes) -> bool:
    """Whether nothing is missing that a title's page shows."""
    members = _members(meta)
    linked = _linked(members)
    return not lacks_episodes(meta) and all(
        CATEGORIES.get(name) in linked or any(_has(members, each) for each in written)
        for name, written in WANTED.items()
    )


def completed(meta: bytes, facts: Facts, choice: TmdbChoice) -> bytes:
    """The meta with what it lacks; the very same bytes where it lacks nothing."""
    members = _members(meta)
    told = members_of(facts, choice)
    linked = _linked(members)
    new: Members = {
        name: value
        for name, value in told.items()
        if not any(_has(members, each) for each in WANTED.get(name, (name,)))
        and CATEGORIES.get(name) not in linked
    }
    if choice.language:
        local = {"name": facts.local_name, "description": facts.local_description}
        new.update((name, text) for name, text in local.items() if text and members.get(name) != text)
    if members.get("type") == SERIES and facts.episodes and _is_empty(members.get("videos")):
        new["videos"] = _videos(str(members.get("id")), facts)
    links = members.get("links")
    if isinstance(links, list) and links and (more := _links(new)):
        new["links"] = [*links, *more]
    return msgspec.json.encode({**members, **new}) if new else meta


def described(facts: Facts, type_: str, id_: str, choice: TmdbChoice) -> bytes:
    """A meta of what TMDB alone knows."""
    made: Members = {"id": id_, "type": type_, "name": facts.local_name or facts.name or id_}
    if type_ == SERIES and facts.episodes:
        made["videos"] = _videos(id_, facts)
    return msgspec.json.encode({**made, **members_of(facts, choice)})


def members_of(facts: Facts, choice: TmdbChoice) -> Members:
    """The facts as members of a meta; what isn't known isn't there."""
    members: Members = {
        "name": facts.local_name or facts.name,
        "description": facts.local_description or facts.description,
        "poster": image_url(facts.poster, choice.poster_size),
        "background": image_url(facts.background, choice.background_size),
        "logo": image_url(facts.logo, "w500"),
        "genres": facts.genres,
        "cast": facts.cast,
        "director": facts.directors,
        "writer": facts.writers,
        "runtime": f"{facts.runtime_min} min" if facts.runtime_min > 0 else "",
        "released": _moment(facts.released),
        "releaseInfo": facts.years,
        "imdb_id": facts.imdb_id,
    }
    return {name: value for name, value in members.items() if value}


def _videos(id_: str, facts: Facts) -> list[Members]:
    """Players ask for sources by these ids, which all addons know where they are IMDb's."""
    series = id_ if id_.startswith("tt") else facts.imdb_id or id_
    return [
        {
            name: value
            for name, value in {
                "id": f"{series}:{episode.season}:{episode.number}",
                "title": episode.name or f"Episode {episode.number}",
                "season": episode.season,
                "episode": episode.number,
                "released": _moment(episode.released),
                "overview": episode.description,
                "thumbnail": image_url(episode.still, "w300"),
            }.items()
            if value not in ("", None)
        }
        for episode in facts.episodes
    ]


def _moment(day: str) -> str:
    return f"{day}T00:00:00.000Z" if _DATE.fullmatch(day) else ""


def _is_empty(videos: object) -> bool:
    return not isinstance(videos, msgspec.Raw) or bytes(videos).replace(b" ", b"") in (b"[]", b"null")


def _members(meta: bytes) -> Members:
    """Episodes stay as they were written: a series has thousands, and nothing is asked of them."""
    raw = msgspec.json.decode(meta, type=dict[str, msgspec.Raw])
    return {name: each if name == "videos" else msgspec.json.decode(each) for name, each in raw.items()}


def _has(members: Mapping[str, object], name: str) -> bool:
    value = members.get(name)
    if isinstance(value, str):
        return value.strip() not in _NOTHING
    return bool(value)


def _linked(members: Mapping[str, object]) -> frozenset[str]:
    """Categories of its links, spelled as Stremio's own addons spell them."""
    links = members.get("links")
    spelled = {category.lower(): category for category in CATEGORIES.values()}
    found = (
        (link.get("category") for link in links if isinstance(link, dict)) if isinstance(links, list) else ()
    )
    return frozenset(
        spelled[each.lower()] for each in found if isinstance(each, str) and each.lower() in spelled
    )


def _links(new: Mapping[str, object]) -> list[Members]:
    return [
        {"name": name, "category": category, "url": f"stremio:///search?search={quote(name, safe='')}"}
        for member, category in CATEGORIES.items()
        for name in _texts(new.get(member))
    ]


def _texts(value: object) -> Sequence[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, tuple) else []
