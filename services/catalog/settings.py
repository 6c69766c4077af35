"""What an operator may change about the catalog service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from libs.addons.settings import AddonSettings
from libs.common.settings import CommonSettings, Env


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Read once at start."""

    common: CommonSettings
    max_addons: int
    catalog_deadline_s: float
    meta_deadline_s: float
    imdb_max_removed: float
    addons: AddonSettings

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Raises SettingsError naming the variable that is wrong."""
        env = Env(environ)
        return cls(
            common=CommonSettings.from_env(env, service="catalog", default_port=8082),
            max_addons=env.integer("HEADGATE_MAX_ADDONS", 100, minimum=1, maximum=1000),
            catalog_deadline_s=env.seconds("HEADGATE_CATALOG_DEADLINE_S", 8.0),
            meta_deadline_s=env.seconds("HEADGATE_META_DEADLINE_S", 5.0),
            # A file that lost its second half on the way must not cost half of the ratings.
            imdb_max_removed=env.number("HEADGATE_IMDB_MAX_REMOVED", 0.1, minimum=0, maximum=1),
            addons=AddonSettings.from_env(env, cache_bytes_named="HEADGATE_CATALOG_CACHE_BYTES"),
        )
