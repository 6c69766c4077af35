"""How a profile wants its sources: what is left out, what comes first, how much there may be of a kind."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity

PATH: Final = "/api/v1/settings/playback"
MOST_KEYWORDS: Final = 50
MAX_KEYWORD_CHARS: Final = 60
MOST_PATTERNS: Final = 20
MAX_PATTERN_CHARS: Final = 200
MOST_LANGUAGES: Final = 20
MAX_SIZE_BYTES: Final = 1024**4

Lines = Literal[4320, 2160, 1440, 1080, 720, 576, 480, 360, 240]
Codec = Literal["h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2", "vc1"]
Quality = Literal[
    "remux",
    "bluray",
    "web-dl",
    "webrip",
    "hdtv",
    "dvd",
    "screener",
    "telecine",
    "telesync",
    "cam",
]
Language: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^([a-z]{2}|multi)$(?!\n)", examples=["en"])]
Keyword: TypeAlias = Annotated[
    str, msgspec.Meta(min_length=1, max_length=MAX_KEYWORD_CHARS, pattern=r"^[^\u0000-\u001f]*$")
]
Keywords: TypeAlias = Annotated[tuple[Keyword, ...], msgspec.Meta(max_length=MOST_KEYWORDS)]
Pattern: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=MAX_PATTERN_CHARS,
        pattern=r"^[^\u0000-\u001f]*$",
        examples=["\\bs\\d+ extras\\b"],
    ),
]
Patterns: TypeAlias = Annotated[tuple[Pattern, ...], msgspec.Meta(max_length=MOST_PATTERNS)]
Size: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=MAX_SIZE_BYTES)]
AtMost: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Absent members are as they are for whoever has chosen nothing.

    What a source does not say is never held against it: a limit leaves out only what is known to be beyond
    it. `resolutions` in the order they are liked, others behind them, the higher the better; `languages` and
    `codecs` likewise. `only_languages` leaves out what is said to be in other languages alone. `keywords` and
    `patterns` are looked for in names and texts, whatever the case; patterns are regular expressions in the
    syntax of RE2. `addons_first` keeps the order of the owner's addons before everything but what fails.
    """

    resolutions: Annotated[tuple[Lines, ...], msgspec.Meta(max_length=9)] = ()
    min_resolution: Lines | None = None
    max_resolution: Lines | None = None
    max_film_bytes: Size | None = None
    max_episode_bytes: Size | None = None
    languages: Annotated[tuple[Language, ...], msgspec.Meta(max_length=MOST_LANGUAGES)] = ()
    only_languages: bool = False
    hdr: Literal["any", "prefer", "avoid", "never"] = "any"
    codecs: Annotated[tuple[Codec, ...], msgspec.Meta(max_length=7)] = ()
    no_codecs: Annotated[tuple[Codec, ...], msgspec.Meta(max_length=7)] = ()
    no_qualities: Annotated[tuple[Quality, ...], msgspec.Meta(max_length=10)] = ()
    include: Keywords = ()
    exclude: Keywords = ()
    prefer: Keywords = ()
    include_patterns: Patterns = ()
    exclude_patterns: Patterns = ()
    prefer_patterns: Patterns = ()
    per_resolution: AtMost | None = None
    per_addon: AtMost | None = None
    addons_first: bool = False
    check_titles: bool = True


class SourceSettingsClient:
    """Typed calls about a profile's own settings."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def get(self, identity: Identity, *, deadline: Deadline) -> SourceSettings:
        return await self._service.call(
            "GET", PATH, identity=identity, deadline=deadline, into=SourceSettings
        )

    async def put(
        self, identity: Identity, settings: SourceSettings, *, deadline: Deadline
    ) -> SourceSettings:
        return await self._service.call(
            "PUT", PATH, identity=identity, deadline=deadline, body=settings, into=SourceSettings
        )
