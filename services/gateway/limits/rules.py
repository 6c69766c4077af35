"""Which limits a request meets: by who asks, by what for, and whether the answer was at hand."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from libs.common.clock import Clock
from libs.common.identity import Identity
from libs.common.metrics import Metrics
from libs.common.ratelimit import (
    MAX_PER_SECOND,
    Engine,
    Headers,
    Limit,
    LocalRate,
    Rate,
    Style,
    Verdict,
    limit_headers,
    policy_text,
    rule_of,
    standing_text,
)
from libs.common.states import LimitState
from services.gateway.limits.refusals import Refusals
from services.gateway.limits.settings import DRAFT, LimitSettings

Wish = Literal["call", "search", "rows", "sign_in"]
"""What a request is for: searches and sign-ins cost more than others, a home screen asks for many rows."""

TIERS: Final = ("anonymous", "free", "premium", "api")
OWNER_ROLE: Final = "owner"
ALL_KEYS: Final = "api-keys"
KEYS_AT_ONCE: Final = 5
"""All keys of an account together may do what so many may, or each new key would bring more of the hub."""


@dataclass
class Counts:
    """Requests by tier, limit and outcome, for metrics and for the page of an administrator."""

    by_label: defaultdict[tuple[str, ...], int] = field(default_factory=lambda: defaultdict(int))

    def admitted(self, tier: str, limit: str) -> None:
        self.by_label[tier, limit, "admitted"] += 1

    def denied(self, tier: str, limit: str) -> None:
        self.by_label[tier, limit, "denied"] += 1

    def of(self, limit: str, outcome: str) -> int:
        return sum(self.by_label[tier, limit, outcome] for tier in TIERS)


class Limits:
    """`network` is where a request comes from, as addresses are counted (`libs.common.networks`).

    In a household's hub (`alone`: no server of anybody else's behind it) its owner is not limited beyond what
    protects it from a program gone wild.
    """

    def __init__(
        self, settings: LimitSettings, engine: Engine, *, clock: Clock, metrics: Metrics, alone: bool
    ) -> None:
        self.headers: Style = settings.headers
        self.refusals = Refusals(clock)
        self._settings = settings
        self._engine = engine
        self._alone = alone
        self._addresses = LocalRate(settings.address, clock)
        self._warm = LocalRate(settings.warm, clock)
        self._keys = [LocalRate(rate, clock) for rate in _of_all_keys(settings.api)]
        self._warm_policy = policy_text((settings.warm,))
        self._counts = Counts()
        self._met = _met(settings)
        self._measure(metrics)

    def take_address(self, network: str) -> int:
        """Before anybody is identified: what is left of the tolerance, negative when refused."""
        return self._take_local(self._addresses, "anonymous", network)

    def address_verdict(self, left_us: int) -> Verdict:
        return self._addresses.verdict(left_us)

    def take_warm(self, identity: Identity) -> int:
        """For an answer from memory, which costs too little to ask Redis about; like `take_address`."""
        return self._take_local(self._warm, tier_of(identity), identity.account_id)

    def take_at_hand(self, network: str, identity: Identity) -> int:
        """`take_address` and `take_warm` at once. What they refuse is not counted: it meets each again."""
        if self._addresses.take(network) < 0:
            return -1
        left_us = self._warm.take(identity.account_id)
        if left_us >= 0:
            self._counts.admitted("anonymous", self._addresses.rate.name)
            self._counts.admitted(tier_of(identity), self._warm.rate.name)
        return left_us

    def warm_verdict(self, left_us: int) -> Verdict:
        return self._warm.verdict(left_us)

    def warm_headers(self, left_us: int) -> Headers:
        """As `limit_headers` of the verdict: a warm answer has no time for a verdict."""
        rate = self._warm.rate
        if self.headers != DRAFT:
            return limit_headers(self._warm.verdict(left_us).standings, self.headers)
        remaining, part_us = divmod(left_us, rate.interval_us)
        text = standing_text(rate.name, remaining, rate.interval_us - part_us)
        return (("RateLimit-Policy", self._warm_policy), ("RateLimit", text))

    async def take(
        self, identity: Identity, network: str, wish: Wish, *, installed: bool = False
    ) -> Verdict | None:
        """For work to be done; `installed` by an addon address. None for whom no limit holds."""
        if self._alone and OWNER_ROLE in identity.roles and wish != "sign_in":
            return None
        tier = tier_of(identity)
        limits = self._met[tier, installed, wish]
        verdict = await self._engine.take(subject_of(identity, network, wish), limits)
        if verdict.admitted:
            for limit in limits:
                self._counts.admitted(tier, limit.name)
            return self._refused_with_others(identity) or verdict
        self._counts.denied(tier, verdict.limit)
        who = {"network": network} if _is_by_address(identity, wish) else {"account_id": identity.account_id}
        self.refusals.note(tier, verdict.limit, **who)
        return verdict

    def _refused_with_others(self, identity: Identity) -> Verdict | None:
        """What refuses a key that is within its own limit while its account's keys together are not."""
        for counted in self._keys if identity.key_id else ():
            left_us = self._take_local(counted, "api", identity.account_id)
            if left_us < 0:
                return counted.verdict(left_us)
        return None

    def snapshot(self) -> tuple[LimitState, ...]:
        where = self._engine.where
        local = [
            self._state(rate.name, rule_of((rate,)), "memory")
            for rate in (self._settings.address, self._settings.warm, *(keys.rate for keys in self._keys))
        ]
        shared = [self._state(limit.name, rule_of(limit.policies), where) for limit in self._settings.shared]
        return (*local, *shared)

    def _state(self, name: str, rule: str, where: str) -> LimitState:
        return LimitState(
            name=name,
            rule=rule,
            admitted=self._counts.of(name, "admitted"),
            refused=self._counts.of(name, "denied"),
            where=where,
        )

    def _take_local(self, counted: LocalRate, tier: str, subject: str) -> int:
        left_us = counted.take(subject)
        if left_us >= 0:
            self._counts.admitted(tier, counted.rate.name)
        else:
            self._counts.denied(tier, counted.rate.name)
            who = {"network": subject} if counted is self._addresses else {"account_id": subject}
            self.refusals.note(tier, counted.rate.name, **who)
        return left_us

    def _measure(self, metrics: Metrics) -> None:
        metrics.counted_elsewhere(
            "limit_requests_total",
            "Requests that met a limit, by tier and outcome.",
            ("tier", "limit", "outcome"),
            lambda: self._counts.by_label,
        )
        engine = self._engine
        metrics.counted_elsewhere(
            "limit_decided_alone_total",
            "Requests judged without Redis while it was out.",
            (),
            lambda: {(): engine.decided_alone},
        )
        out = metrics.gauge(
            "limit_redis_out", "1 while limits are not counted in Redis, though they should be."
        )
        out.set_function(lambda: float(engine.out))


def _of_all_keys(one: Limit) -> tuple[Rate, ...]:
    """For the keys of one account together, by each gateway alone."""
    for policy in one.policies:
        if isinstance(policy, Rate):
            times = min(KEYS_AT_ONCE, MAX_PER_SECOND * policy.period_s // policy.count)
            return (Rate(ALL_KEYS, policy.count * times, policy.period_s, policy.burst * times),)
    return ()


def tier_of(identity: Identity) -> str:
    if identity.is_anonymous:
        return "anonymous"
    if identity.key_id:
        return "api"
    return identity.tier if identity.tier in TIERS else "free"


def subject_of(identity: Identity, network: str, wish: Wish) -> str:
    """Who is counted. Guesses at a sign-in are counted by where they come from, whoever they say they are."""
    if _is_by_address(identity, wish):
        return f"address:{network}"
    return f"key:{identity.key_id}" if identity.key_id else f"account:{identity.account_id}"


def _is_by_address(identity: Identity, wish: Wish) -> bool:
    return identity.is_anonymous or wish == "sign_in"


def _met(settings: LimitSettings) -> Mapping[tuple[str, bool, Wish], tuple[Limit, ...]]:
    called = {
        "anonymous": settings.anonymous,
        "free": settings.account,
        "premium": settings.premium,
        "api": settings.api,
    }
    met: dict[tuple[str, bool, Wish], tuple[Limit, ...]] = {}
    for tier, limit in called.items():
        rows = settings.premium_install if tier == "premium" else settings.install
        rows = settings.anonymous if tier == "anonymous" else rows
        for installed in (False, True):
            usual = rows if installed else limit
            met[tier, installed, "call"] = (usual,)
            met[tier, installed, "rows"] = (rows,)
            met[tier, installed, "search"] = (
                usual,
                settings.install_search if installed else settings.search,
            )
            met[tier, installed, "sign_in"] = (settings.sign_in,)
    return met
