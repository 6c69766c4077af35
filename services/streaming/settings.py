"""What an operator may change about the streaming service."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from libs.addons.settings import AddonSettings
from libs.common.settings import CommonSettings, Env

PROVIDERS: Final = ("links", "local", "addons", "embeds")
"""Whose sources come first, unless the operator says otherwise."""
WORDS: Final = "links, local, addons and embeds by commas, addons among them"


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
    hls_dir: Path
    hls_bytes: int
    hls_at_once: int
    programs_path: str | None

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
            hls_at_once=env.integer("HEADGATE_HLS_AT_ONCE", os.cpu_count() or 1, minimum=1, maximum=100),
            programs_path=env.get("PATH"),
            providers=env.parsed("HEADGATE_PROVIDERS", ",".join(PROVIDERS), _order, "some of " + WORDS),
        )


def _order(text: str) -> tuple[str, ...]:
    """Raises ValueError for what is no order of providers."""
    names = tuple(part.strip().lower() for part in text.split(","))
    if "addons" not in names or len(set(names)) != len(names) or not set(names) <= set(PROVIDERS):
        raise ValueError(text)
    return names
