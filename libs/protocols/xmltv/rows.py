"""What a guide says, as values: channels, and programmes that name a channel by its id."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

ROLES = (
    "director",
    "actor",
    "writer",
    "adapter",
    "producer",
    "composer",
    "editor",
    "presenter",
    "commentator",
    "guest",
)
"""In the order in which the DTD wants them."""


class Text(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`language` is as the guide writes it ("en", "pt_BR", "deu"), "" where it names none."""

    text: str
    language: str = ""


class Credit(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`role` is one of ROLES; `character` is whom an actor plays."""

    role: str
    name: str
    character: str = ""


class EpisodeNumber(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Zero-based, as xmltv_ns has it: the first episode of season 1 is (0, 0). The totals count from one."""

    season: int | None = None
    episode: int | None = None
    part: int | None = None
    seasons: int | None = None
    episodes: int | None = None
    parts: int | None = None


class Channel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="channel"):
    id: str
    names: tuple[str, ...] = ()
    icon: str = ""
    urls: tuple[str, ...] = ()


class Programme(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="programme"):
    """Times are epoch seconds. `date` is YYYY, YYYYMM or YYYYMMDD of the work, not of the broadcast.

    `onscreen` is the episode's number as it is shown, `episode` what is understood of it or of xmltv_ns.
    `star_rating` is out of 10.
    """

    channel: str
    start: int
    stop: int | None = None
    titles: tuple[Text, ...] = ()
    subtitles: tuple[Text, ...] = ()
    descriptions: tuple[Text, ...] = ()
    categories: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    date: str = ""
    onscreen: str = ""
    episode: EpisodeNumber | None = None
    icon: str = ""
    new: bool = False
    premiere: bool = False
    previously_shown: bool = False
    live: bool = False
    rating: str = ""
    rating_system: str = ""
    star_rating: float | None = None


Row: TypeAlias = Channel | Programme
