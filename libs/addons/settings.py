"""What an operator may change about asking addons: the same for every service that does."""

from __future__ import annotations

from dataclasses import dataclass

from libs.addons.lives import Wishes
from libs.common.settings import Env


@dataclass(frozen=True, slots=True, kw_only=True)
class AddonSettings:
    """Read once at start. `cache_bytes` is the service's own share of memory."""

    timeout_s: float
    concurrency: int
    cache_bytes: int
    gateway_port: int
    wishes: Wishes

    @classmethod
    def from_env(cls, env: Env, *, cache_bytes_named: str) -> AddonSettings:
        """Raises SettingsError naming the variable that is wrong."""
        return cls(
            timeout_s=env.seconds("HEADGATE_ADDON_TIMEOUT_S", 20.0),
            concurrency=env.integer("HEADGATE_ADDON_CONCURRENCY", 8, minimum=1),
            cache_bytes=env.integer(cache_bytes_named, 32 * 1024 * 1024),
            # The gateway's socket, which no addon may be: asking it would go in circles.
            gateway_port=env.integer("HEADGATE_PORT", 8080),
            wishes=Wishes.from_env(env),
        )
