"""What an operator may change about the streaming service."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from libs.addons.settings import AddonSettings
from libs.common.contracts.embeds import EmbedMessages
from libs.common.settings import CommonSettings, Env
from services.streaming.embed_pattern import (
    OF_EPISODE,
    OF_FILM,
    Pattern,
    base_address,
    path_pattern,
    query_pattern,
)

PROVIDERS: Final = ("links", "local", "addons", "embeds")
"""Whose sources come first, unless the operator says otherwise."""
WORDS: Final = "links, local, addons and embeds by commas, addons among them"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedSettings:
    """Sites that play by TMDB's ids, all alike; none unless the operator set one."""

    urls: tuple[str, ...]
    pattern: Pattern
    messages: EmbedMessages

    @classmethod
    def from_env(cls, env: Env) -> EmbedSettings:
        """Raises SettingsError naming the variable that is wrong."""
        return cls(
            urls=env.parsed("HEADGATE_EMBED_URL", "", _addresses, "addresses like https://host, by commas"),
            pattern=Pattern(
                film=env.parsed(
                    "HEADGATE_EMBED_MOVIE_PATH", "/embed/movie/{tmdb}", _film, "a path with {tmdb} in it"
                ),
                episode=env.parsed(
                    "HEADGATE_EMBED_EPISODE_PATH",
                    "/embed/tv/{tmdb}/{season}/{episode}",
                    _episode,
                    "a path with {tmdb}, {season} and {episode} in it",
                ),
                query=env.parsed(
                    "HEADGATE_EMBED_QUERY",
                    "progress={start_s}",
                    query_pattern,
                    "parameters like color=ffffff&progress={start_s}",
                ),
            ),
            messages=env.parsed(
                "HEADGATE_EMBED_MESSAGE",
                "PLAYER_EVENT data.event data.currentTime data.duration",
                _messages,
                "a type and three members, as PLAYER_EVENT data.event data.currentTime data.duration",
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Read once at start."""

    common: CommonSettings
    streams_deadline_s: float
    addons: AddonSettings
    media_start_s: float
    media_stall_s: float
    watched_share: float
    media_dir: Path | None
    providers: tuple[str, ...]
    embeds: EmbedSettings
    hls_dir: Path
    hls_bytes: int
    hls_at_once: int
    programs_path: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Raises SettingsError naming the variable that is wrong."""
        env = Env(environ)
        common = CommonSettings.from_env(env, service="streaming", default_port=8083)
        return cls(
            common=common,
            streams_deadline_s=env.seconds("HEADGATE_STREAMS_DEADLINE_S", 4.0, minimum=0.1, maximum=60),
            addons=AddonSettings.from_env(env, cache_bytes_named="HEADGATE_STREAMS_CACHE_BYTES"),
            media_start_s=env.seconds("HEADGATE_MEDIA_START_S", 20.0, minimum=0.1, maximum=300),
            media_stall_s=env.seconds("HEADGATE_MEDIA_STALL_S", 30.0, minimum=0.1, maximum=600),
            watched_share=env.number("HEADGATE_WATCHED_SHARE", 0.9, minimum=0.5, maximum=1),
            media_dir=env.path("HEADGATE_MEDIA_DIR", None),
            hls_dir=env.path("HEADGATE_HLS_DIR", None) or common.data_dir / "hls",
            hls_bytes=env.integer("HEADGATE_HLS_BYTES", 2 * 1024**3, minimum=1024**2),
            hls_at_once=env.integer("HEADGATE_HLS_AT_ONCE", 2, minimum=1, maximum=100),
            programs_path=env.get("PATH", os.defpath),
            providers=env.parsed("HEADGATE_PROVIDERS", ",".join(PROVIDERS), _order, "some of " + WORDS),
            embeds=EmbedSettings.from_env(env),
        )


def _order(text: str) -> tuple[str, ...]:
    """Raises ValueError for what is no order of providers."""
    names = tuple(part.strip().lower() for part in text.split(","))
    if "addons" not in names or len(set(names)) != len(names) or not set(names) <= set(PROVIDERS):
        raise ValueError(text)
    return names


def _addresses(text: str) -> tuple[str, ...]:
    """Raises ValueError for what is none."""
    return tuple(dict.fromkeys(base_address(part.strip()) for part in text.split(",") if part.strip()))


def _film(text: str) -> str:
    return path_pattern(text, OF_FILM)


def _episode(text: str) -> str:
    return path_pattern(text, OF_EPISODE)


def _messages(text: str) -> EmbedMessages:
    """Raises ValueError for anything but four words."""
    type_, event, position, duration = text.split()
    return EmbedMessages(type_, event, position, duration)
