"""What an operator may change about the sync service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from libs.common.settings import CommonSettings, Env

IMDB_URL = "https://datasets.imdbws.com"
ANIME_IDS_URL = "https://raw.githubusercontent.com/Fribb/anime-lists/master/anime-list-full.json"
STREMIO_API_URL = "https://api.strem.io"
STREMIO_LINK_URL = "https://link.stremio.com"
TRAKT_URL = "https://api.trakt.tv"
TRAKT_AUTH_URL = "https://auth.trakt.tv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Read once at start."""

    common: CommonSettings
    addons_refresh_s: float
    job_lease_s: float
    job_history_days: int
    imdb_url: str
    imdb_refresh_s: float
    imdb_akas: bool
    anime_ids_url: str
    anime_ids_refresh_s: float
    trakt_url: str
    trakt_auth_url: str
    trakt_write_every_s: float
    watched_share: float
    stremio_api_url: str
    stremio_link_url: str
    gateway_port: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Raises SettingsError naming the variable that is wrong."""
        env = Env(environ)
        return cls(
            common=CommonSettings.from_env(env, service="sync", default_port=8084),
            addons_refresh_s=env.seconds("HEADGATE_ADDONS_REFRESH_S", 600.0, minimum=1),
            # How long a dead worker's job waits for another one. A living worker renews it well within.
            job_lease_s=env.seconds("HEADGATE_JOB_LEASE_S", 15.0, minimum=0.3),
            job_history_days=env.integer("HEADGATE_JOB_HISTORY_DAYS", 7, minimum=1),
            imdb_url=env.parsed("HEADGATE_IMDB_URL", IMDB_URL, _web_address, "an http or https address"),
            # IMDb makes its files once a day.
            imdb_refresh_s=env.seconds("HEADGATE_IMDB_REFRESH_S", 86_400.0, minimum=60),
            imdb_akas=env.flag("HEADGATE_IMDB_AKAS", False),
            anime_ids_url=env.parsed(
                "HEADGATE_ANIME_IDS_URL", ANIME_IDS_URL, _web_address, "an http or https address"
            ),
            anime_ids_refresh_s=env.seconds("HEADGATE_ANIME_IDS_REFRESH_S", 86_400.0, minimum=60),
            trakt_url=env.parsed("HEADGATE_TRAKT_URL", TRAKT_URL, _web_address, "an http or https address"),
            trakt_auth_url=env.parsed(
                "HEADGATE_TRAKT_AUTH_URL", TRAKT_AUTH_URL, _web_address, "an http or https address"
            ),
            stremio_api_url=env.parsed(
                "HEADGATE_STREMIO_API_URL", STREMIO_API_URL, _web_address, "an http or https address"
            ),
            stremio_link_url=env.parsed(
                "HEADGATE_STREMIO_LINK_URL", STREMIO_LINK_URL, _web_address, "an http or https address"
            ),
            # Trakt takes one a second, by when they arrive.
            trakt_write_every_s=env.seconds("HEADGATE_TRAKT_WRITE_EVERY_S", 1.1, minimum=0.01),
            # Streaming's: at the end of a video its play says all there is to tell others.
            watched_share=env.number("HEADGATE_WATCHED_SHARE", 0.9, minimum=0.5, maximum=1),
            gateway_port=env.integer("HEADGATE_PORT", 8080),
        )


def _web_address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(text)
    return text.rstrip("/")
