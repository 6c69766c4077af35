"""Where a source stands among all: what can't be played or won't start last, then what its viewer likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from libs.common.contracts.addon_health import Badge, SourceHealth
from libs.common.contracts.source_settings import SourceSettings
from libs.common.contracts.streaming import StreamFacts
from services.streaming.ranking.understanding import Source

USUAL_LINE_BPS: Final = 60_000_000
"""What most lines carry and most players read, where nobody measured it."""
SPARE: Final = 0.8
"""Of a line so much is there for a film; the rest is for its peaks and for others in the house."""
FILM_S: Final = 6_600
EPISODE_S: Final = 2_700
"""How long one is, where only its size is known."""
UNKNOWN_LINES: Final = 600
"""Where a source that doesn't say it stands: below what says that it is good."""
_CINEMA: Final = frozenset({"cam", "telesync", "telecine", "screener"})
_QUALITIES: Final = ("remux", "bluray", "web-dl", "webrip", "hdtv", "dvd", "screener", "telecine", "telesync")
_CODECS: Final = ("av1", "hevc", "h264", "vp9", "vc1", "mpeg4", "mpeg2")
_HDR: Final = ("dv", "hdr10+", "hdr10", "hlg", "hdr")
_FEW_SEEDERS: Final = 3
_LATE_MS: Final = (2_000, 5_000)
"""What takes longer to begin is late, and later."""
_FAILING: Final[Mapping[Badge, int]] = {"fair": 1, "poor": 2}
"""How far an addon sinks: catalog says who does, by the operator's bound."""


@dataclass(frozen=True, slots=True)
class Player:
    """What is known of a player. Empty and None: nothing, so that nothing is held against a source."""

    codecs: frozenset[str] = frozenset()
    max_height: int | None = None
    bandwidth_bps: int | None = None


ANY_PLAYER: Final = Player()


class Place(NamedTuple):
    """What counts, in this order; of each the smaller comes first."""

    unplayable: int
    """3 for what opens elsewhere."""
    cinema: int
    not_ready: int
    failing: int
    by_addon: int
    unliked: int
    language: int
    resolution: int
    hdr: int
    quality: int
    codec: int
    far: int
    late: int
    slow: int
    addon: int
    item: int


BEFORE_LATE: Final = Place._fields.index("late")


class Standing(NamedTuple):
    """What speaks for one of those who offer a file before another; of each the smaller comes first."""

    elsewhere: int
    not_ready: int
    failing: int
    far: int
    late: int
    slow: int
    addon: int
    item: int


def standing_of(
    source: Source, health: SourceHealth, *, is_near: bool, begins_ms: int | None, addon: int, item: int
) -> Standing:
    return Standing(
        1 if source.stream.kind == "external" else 0,
        _not_ready(source),
        failing(health),
        0 if is_near else 1,
        0 if begins_ms is None else sum(begins_ms > late_ms for late_ms in _LATE_MS),
        0 if health.score is None else (100 - health.score) // 10,
        addon,
        item,
    )


def place_of(
    facts: StreamFacts,
    best: Standing,
    settings: SourceSettings,
    player: Player,
    *,
    is_episode: bool,
    is_liked: bool,
) -> Place:
    """Of a file, by what is known of it and by whoever offers it best."""
    is_near = not best.far
    return Place(
        3 if best.elsewhere else _unplayable(facts, player, is_near=is_near, is_episode=is_episode),
        1 if facts.quality in _CINEMA else 0,
        best.not_ready,
        best.failing,
        best.addon if settings.addons_first else 0,
        0 if is_liked else 1,
        _language(facts.languages, settings.languages) if settings.languages else 0,
        _resolution(facts.resolution, settings.resolutions, is_near=is_near),
        _hdr(facts.hdr, settings.hdr),
        _index(facts.quality, _QUALITIES),
        _codec(facts.codec, settings.codecs),
        best.far,
        best.late,
        best.slow,
        best.addon,
        best.item,
    )


def failing(health: SourceHealth) -> int:
    """0 for an addon that answers well or of which little is known, 2 for one that mostly fails."""
    return 0 if health.pinned else _FAILING.get(health.badge, 0)


def bits_of(facts: StreamFacts, *, is_episode: bool) -> int | None:
    """How much a second of it takes, as said or by its size. A season's size says nothing about it."""
    if facts.bitrate_bps is not None or facts.size_bytes is None:
        return facts.bitrate_bps
    if facts.seasons and not facts.episodes:
        return None
    return facts.size_bytes * 8 // ((EPISODE_S if is_episode else FILM_S) * max(1, len(facts.episodes)))


def too_much_for(facts: StreamFacts, player: Player, *, is_near: bool, is_episode: bool) -> int | None:
    """How much of a line it needs, if that is more than there is. What is in the house needs none."""
    if is_near and player.bandwidth_bps is None:
        return None
    needed = bits_of(facts, is_episode=is_episode)
    line = USUAL_LINE_BPS if player.bandwidth_bps is None else int(player.bandwidth_bps * SPARE)
    return needed if needed is not None and needed > line else None


def _unplayable(facts: StreamFacts, player: Player, *, is_near: bool, is_episode: bool) -> int:
    """2 for what the player can't show, 1 for what is too much for its line."""
    if facts.codec is not None and player.codecs and facts.codec not in player.codecs:
        return 2
    if (
        player.max_height is not None
        and facts.resolution is not None
        and facts.resolution > player.max_height
    ):
        return 2
    return 0 if too_much_for(facts, player, is_near=is_near, is_episode=is_episode) is None else 1


def _not_ready(source: Source) -> int:
    """What has to be fetched first, or hardly anybody shares, starts late or never."""
    if source.ready is False:
        return 2
    if source.stream.kind == "torrent" and source.seeders is not None and source.seeders < _FEW_SEEDERS:
        return 2 if source.seeders == 0 else 1
    return 0


def _language(languages: Sequence[str], liked: Sequence[str]) -> int:
    """What isn't said may be any; several may hold the right one."""
    found = [liked.index(language) for language in languages if language in liked]
    if found:
        return min(found)
    return len(liked) if not languages or "multi" in languages else len(liked) + 1


def _resolution(lines: int | None, liked: Sequence[int], *, is_near: bool) -> int:
    if lines is None:
        # What is in the house isn't made little of because its name says little.
        lines = 1_080 if is_near else UNKNOWN_LINES
    return liked.index(lines) - len(liked) if lines in liked else 10_000 - lines


def _hdr(hdr: Sequence[str], wish: str) -> int:
    if wish == "prefer":
        return _HDR.index(hdr[0]) if hdr else len(_HDR)
    return 1 if wish in {"avoid", "never"} and hdr else 0


def _codec(codec: str | None, liked: Sequence[str]) -> int:
    if codec in liked:
        return liked.index(codec) - len(liked)
    return _index(codec, _CODECS)


def _index(value: str | None, order: Sequence[str]) -> int:
    return order.index(value) if value in order else len(order)
