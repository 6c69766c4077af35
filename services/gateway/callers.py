"""Who is asking: install tokens, page sessions, access tokens and API keys turned into identities."""

from collections.abc import Mapping
from typing import Final

import msgspec
import structlog

from libs.common.access_token import REFUSED
from libs.common.cache import Cache, Lives, Loaded, LoadTimedOut
from libs.common.clock import Clock
from libs.common.contracts.auth import FORGET_HEADER, AuthClient, Resolved
from libs.common.deadline import Deadline
from libs.common.errors import Unauthenticated, Unavailable, UpstreamTimedOut
from libs.common.identity import Identity, ProofKind
from libs.common.proofs import AWAY_S, key_of, lives_of
from libs.common.ratelimit import LocalRate, Rate
from services.gateway.access_tokens import JwksVerifier

log = structlog.get_logger(__name__)

KNOWN_S: Final = 30.0
"""How long another replica's revocation may go unseen while Redis is away; with Redis it is heard at once."""
HELD_UP_S: Final = 0.5
"""With an identity at hand that is over its time, a player waits no longer than this for a slow auth."""
UNKNOWN_S: Final = 3.0
"""Short, so that a token made a moment ago works, yet a scan doesn't reach auth with every guess."""
ASKING_S: Final = 10.0
MAX_TOKEN_CHARS: Final = 512
"""Ours have fewer than 50."""
NEWCOMERS: Final = Rate("newcomers", count=50, period_s=1, burst=100)
"""Tokens never heard of that are given an account's room while there is too little for everybody."""
HERE: Final = "here"
AT_AUTH: Final = "auth"
"""Where there is room for so many of them."""

_decode = msgspec.json.Decoder(Resolved).decode


class Callers:
    """Remembers answers of auth by token hash, so equal tokens are found without comparing secrets.

    `cache` must be `near`. With auth away a token not remembered raises Unavailable (fail-closed), and one
    remembered goes on for up to `AWAY_S` (fail-open), or no household could watch while auth restarts. The
    bound: nothing is revoked while auth is away, and what was revoked before is forgotten here at once. Only
    a revocation through another replica, unheard because Redis was away too, could outlast its `KNOWN_S`, by
    an hour at most.
    """

    def __init__(self, auth: AuthClient, access_tokens: JwksVerifier, *, cache: Cache, clock: Clock) -> None:
        self._auth = auth
        self._access_tokens = access_tokens
        self._cache = cache
        self._clock = clock
        self._is_away = False
        self._newcomers = LocalRate(NEWCOMERS, clock)

    @property
    def generation(self) -> int:
        """Goes up whenever something is revoked, here or elsewhere; whoever keeps an identity compares it."""
        return self._cache.changes

    async def by_install_token(self, token: str, *, deadline: Deadline) -> Identity | None:
        return await self._find("install-tokens", token, deadline)

    async def by_session(self, token: str, *, deadline: Deadline) -> Identity | None:
        return await self._find("sessions", token, deadline)

    async def by_player_login(self, proof: str, *, deadline: Deadline) -> Identity | None:
        return await self._find("player-logins", proof, deadline)

    async def by_api_key(self, key: str, *, deadline: Deadline) -> Identity:
        """Raises Unauthenticated."""
        identity = await self._find("api-keys", key, deadline)
        if identity is None:
            raise Unauthenticated("The API key is not valid. It may have expired or been revoked.")
        return identity

    async def by_access_token(self, token: str, *, deadline: Deadline) -> Identity:
        """As the account is now, not as it was when the token was signed. Raises Unauthenticated."""
        signed = await self._access_tokens.verify(token, deadline=deadline)
        identity = await self._find("families", signed.session_id, deadline)
        if identity is None or identity.account_id != signed.account_id:
            raise Unauthenticated(REFUSED)
        return identity

    def seems_known(self, kind: ProofKind, token: str) -> bool:
        """Whether it is worth asking on behalf of this token while there is too much to do.

        By what is in memory. Of those not heard of in a while some are: people sit down at any time, and so
        many made-up tokens hold nobody up.
        """
        return _may_be_ours(token) and self._has_room(HERE, kind, token)

    def seems_signed(self, token: str) -> bool:
        """The same of an access token, which proves by itself that auth has made it."""
        is_good = self._access_tokens.is_good(token) if token.isascii() else False
        return self._newcomers.take(HERE) >= 0 if is_good is None else is_good

    async def forget_session(self, token: str) -> None:
        """On return this gateway knows the session no more, and the others are being told."""
        if _may_be_ours(token):
            await self._cache.invalidate(key_of("sessions", token))

    async def hear(self, headers: Mapping[str, str]) -> None:
        """Auth says with an answer whom it changed: nothing that proves them is remembered longer.

        Before the answer is handed on, so that whoever has it can rely on it.
        """
        for account_id in headers.get(FORGET_HEADER, "").split(","):
            if account_id:
                await self._cache.invalidate(_caller(account_id))

    async def _find(self, kind: ProofKind, token: str, deadline: Deadline) -> Identity | None:
        """Asked once however many wait; a revocation meanwhile is not undone by the answer."""
        if not _may_be_ours(token):
            return None
        key = key_of(kind, token)

        async def load() -> Loaded:
            # Its own time: whoever waits beside the first asker may have more left than that one.
            resolved = await self._asked(kind, token)
            value = msgspec.json.encode(resolved)
            if resolved.identity is None:
                return Loaded(value, Lives(UNKNOWN_S))
            return Loaded(
                value, lives_of(resolved, known_s=KNOWN_S), tags=(key, _caller(resolved.identity.account_id))
            )

        try:
            lookup = await self._cache.get_or_load(key, load, wait_s=min(HELD_UP_S, deadline.remaining_s))
        except LoadTimedOut:
            # Nothing older to answer with: the same flight is waited for to its end.
            lookup = await self._cache.get_or_load(key, load, wait_s=deadline.remaining_s)
        return _decode(lookup.entry.value).identity

    def _has_room(self, where: str, kind: ProofKind, token: str) -> bool:
        entry = self._cache.held(key_of(kind, token))
        if entry is None:
            return self._newcomers.take(where) >= 0
        return _decode(entry.value).identity is not None

    async def _asked(self, kind: ProofKind, token: str) -> Resolved:
        # A family's id stands in a token that auth has signed.
        is_guess = kind != "families" and not self._has_room(AT_AUTH, kind, token)
        deadline = Deadline.after(self._clock, ASKING_S)
        try:
            resolved = await self._auth.resolve(kind, token, deadline=deadline, is_guess=is_guess)
        except (Unavailable, UpstreamTimedOut) as error:
            if not self._is_away:
                log.warning("auth_away", code=error.code, known_for_s=AWAY_S)
            self._is_away = True
            raise
        if self._is_away:
            log.info("auth_back")
        self._is_away = False
        return resolved


def _may_be_ours(token: str) -> bool:
    """What is empty, too long or not even text is nobody's, and is neither hashed nor asked about."""
    return 0 < len(token) <= MAX_TOKEN_CHARS and token.isascii()


def _caller(account_id: str) -> str:
    return f"caller:{account_id}"
