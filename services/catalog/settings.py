"""What an operator may change about the catalog service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from libs.addons.settings import AddonSettings
from libs.common.settings import CommonSettings, Env
from libs.protocols.tmdb.client import BASE_URL
from services.catalog.health_model import Rules

PICTURE_FIELDS = frozenset({"url", "plain_url", "host", "path"})

_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Read once at start."""

    common: CommonSettings
    max_addons: int
    max_providers: int
    catalog_deadline_s: float
    meta_deadline_s: float
    imdb_max_removed: float
    library_max_removed: float
    tmdb_url: str
    tmdb_rate: int
    tmdb_deadline_s: float
    image_url: str
    warm_up_s: float
    health: Rules
    addons: AddonSettings

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Raises SettingsError naming the variable that is wrong."""
        env = Env(environ)
        return cls(
            common=CommonSettings.from_env(env, service="catalog", default_port=8082),
            max_addons=env.integer("HEADGATE_MAX_ADDONS", 100, minimum=1, maximum=1000),
            max_providers=env.integer("HEADGATE_MAX_PROVIDERS", 20, minimum=1, maximum=200),
            catalog_deadline_s=env.seconds("HEADGATE_CATALOG_DEADLINE_S", 8.0),
            meta_deadline_s=env.seconds("HEADGATE_META_DEADLINE_S", 5.0),
            # A file that lost its second half on the way must not cost half of the ratings.
            imdb_max_removed=env.number("HEADGATE_IMDB_MAX_REMOVED", 0.1, minimum=0, maximum=1),
            # Panels answer with a part of what they have more often than they drop a third of it.
            library_max_removed=env.number("HEADGATE_LIBRARY_MAX_REMOVED", 0.3, minimum=0, maximum=1),
            tmdb_url=env.parsed("HEADGATE_TMDB_URL", BASE_URL, _web_address, "an http or https address"),
            # TMDB's ceiling is "around 40" a second and may change.
            tmdb_rate=env.integer("HEADGATE_TMDB_RATE", 40, minimum=2, maximum=1000),
            tmdb_deadline_s=env.seconds("HEADGATE_TMDB_DEADLINE_S", 2.0),
            image_url=env.parsed(
                "HEADGATE_IMAGE_URL",
                "",
                picture_template,
                "a web address, with no field but {url}, {plain_url}, {host} and {path}",
            ),
            warm_up_s=env.seconds("HEADGATE_WARM_UP_S", 6 * 3600.0),
            health=_rules(env),
            addons=AddonSettings.from_env(env, cache_bytes_named="HEADGATE_CATALOG_CACHE_BYTES"),
        )


def _rules(env: Env) -> Rules:
    probe_s = env.seconds("HEADGATE_ADDON_PROBE_S", 30.0, minimum=1, maximum=86_400)
    return Rules(
        out_after=env.integer("HEADGATE_ADDON_OUT_AFTER", 5, minimum=0, maximum=1000),
        poor_below=env.integer("HEADGATE_ADDON_POOR_BELOW", 60, minimum=0, maximum=100),
        probe_s=probe_s,
        probe_max_s=max(probe_s, env.seconds("HEADGATE_ADDON_PROBE_MAX_S", 900.0, minimum=1, maximum=86_400)),
    )


def _web_address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(text)
    return text.rstrip("/")


def picture_template(text: str) -> str:
    """A prefix becomes a template. Raises ValueError for an unknown field, and for no web address."""
    fields = _FIELD.findall(text)
    if text and not text.startswith(("https://", "http://")):
        raise ValueError(text)
    if not PICTURE_FIELDS.issuperset(fields) or re.search(r"[{}]", _FIELD.sub("", text)):
        raise ValueError(text)
    return text if fields or not text else f"{text}{{url}}"
