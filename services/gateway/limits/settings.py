"""Every limit as an operator may set it."""

from dataclasses import dataclass
from typing import Final

from libs.common.ratelimit import (
    ALLOWED,
    ALLOWED_RATE,
    STYLES,
    Limit,
    Rate,
    Style,
    parse_limit,
    parse_rate,
)
from libs.common.settings import Env

DRAFT: Final[Style] = "draft10"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """`address` and `warm` are counted by each process alone, the others together where there is a Redis."""

    address: Rate
    warm: Rate
    anonymous: Limit
    account: Limit
    premium: Limit
    api: Limit
    install: Limit
    premium_install: Limit
    search: Limit
    install_search: Limit
    sign_in: Limit
    headers: Style

    @classmethod
    def from_env(cls, env: Env) -> "LimitSettings":
        """Raise SettingsError naming the variable that is wrong."""

        def limit(name: str, default: str) -> Limit:
            variable = "HEADGATE_LIMIT_" + name.upper().replace("-", "_")
            return env.rule(variable, default, lambda text: parse_limit(name, text), ALLOWED)

        def rate(name: str, default: str) -> Rate:
            variable = "HEADGATE_LIMIT_" + name.upper()
            return env.rule(variable, default, lambda text: parse_rate(name, text), ALLOWED_RATE)

        return cls(
            address=rate("address", "100/s burst 500"),
            warm=rate("warm", "200/s burst 400"),
            anonymous=limit("anonymous", "5/s burst 10"),
            account=limit("account", "10/s burst 20"),
            premium=limit("premium", "50/s burst 100"),
            api=limit("api", "20/s burst 40"),
            install=limit("install", "10/s burst 80"),
            premium_install=limit("premium-install", "50/s burst 100"),
            search=limit("search", "2/s burst 10"),
            install_search=limit("install-search", "5/s burst 60"),
            sign_in=limit("sign-in", "1/s burst 20"),
            headers=env.choice("HEADGATE_LIMIT_HEADERS", DRAFT, STYLES),
        )

    @property
    def shared(self) -> tuple[Limit, ...]:
        return (
            self.anonymous,
            self.account,
            self.premium,
            self.api,
            self.install,
            self.premium_install,
            self.search,
            self.install_search,
            self.sign_in,
        )
