"""What an operator may change about the auth service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from libs.common.contracts.accounts import REGISTRATION_MODES, RegistrationMode
from libs.common.settings import CommonSettings, Env

CLOSED: RegistrationMode = "closed"

DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Read once at start. Sessions and refresh tokens live that long after their last use."""

    common: CommonSettings
    access_token_s: int
    refresh_token_days: int
    registration: RegistrationMode
    session_days: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Raises SettingsError naming the variable that is wrong."""
        env = Env(environ)
        return cls(
            common=CommonSettings.from_env(env, service="auth", default_port=8081),
            access_token_s=env.integer("HEADGATE_ACCESS_TOKEN_S", 900, minimum=30, maximum=DAY_S),
            refresh_token_days=env.integer("HEADGATE_REFRESH_TOKEN_DAYS", 30, minimum=1, maximum=3650),
            registration=env.choice("HEADGATE_REGISTRATION", CLOSED, REGISTRATION_MODES),
            session_days=env.integer("HEADGATE_SESSION_DAYS", 30, minimum=1, maximum=3650),
        )
