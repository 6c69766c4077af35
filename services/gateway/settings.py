"""What an operator may change about the gateway."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.common.contracts.accounts import REGISTRATION_MODES, RegistrationMode
from libs.common.networks import IPNetwork
from libs.common.settings import CommonSettings, Env
from services.gateway.abuse.model import MODES, Mode
from services.gateway.limits.settings import LimitSettings

CLOSED: RegistrationMode = "closed"
PROTECTED: Mode = "on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Read once at start; `public_url` and `trusted_proxies` live in `common`."""

    common: CommonSettings
    response_cache_bytes: int
    api_body_max_bytes: int
    api_timeout_s: float
    stremio_timeout_s: float
    events_timeout_s: float
    registration: RegistrationMode
    session_days: int
    abuse_protection: Mode
    abuse_allow: tuple[IPNetwork, ...]
    head_timeout_s: float
    max_connections_per_address: int
    limits: LimitSettings

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Raise SettingsError naming the variable that is wrong."""
        env = Env(environ)
        return cls(
            common=CommonSettings.from_env(env, service="gateway", default_port=8080),
            response_cache_bytes=env.integer(
                "HEADGATE_RESPONSE_CACHE_BYTES", 32 * 1024 * 1024, minimum=1024 * 1024
            ),
            api_body_max_bytes=env.integer("HEADGATE_API_BODY_MAX_BYTES", 1024 * 1024, minimum=1000),
            api_timeout_s=env.seconds("HEADGATE_API_TIMEOUT_S", 30.0),
            stremio_timeout_s=env.seconds("HEADGATE_STREMIO_TIMEOUT_S", 20.0),
            events_timeout_s=env.seconds("HEADGATE_EVENTS_TIMEOUT_S", 3600.0),
            registration=env.choice("HEADGATE_REGISTRATION", CLOSED, REGISTRATION_MODES),
            session_days=env.integer("HEADGATE_SESSION_DAYS", 30, minimum=1, maximum=400),
            abuse_protection=env.choice("HEADGATE_ABUSE_PROTECTION", PROTECTED, MODES),
            abuse_allow=env.networks("HEADGATE_ABUSE_ALLOW"),
            head_timeout_s=env.seconds("HEADGATE_HEAD_TIMEOUT_S", 15.0, minimum=0.1, maximum=600),
            max_connections_per_address=env.integer("HEADGATE_MAX_CONNECTIONS_PER_ADDRESS", 1000, minimum=1),
            limits=LimitSettings.from_env(env),
        )
