"""Who is asking, and the signed header that carries it from the gateway to the services."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Literal, TypeAlias

import msgspec

from libs.common.clock import CLOCK_SKEW_S, Clock
from libs.common.errors import Unauthenticated
from libs.common.secrets import SecretKey

HEADER = "X-Headgate-Identity"
SERVICE_ROLE = "service"
_MAC_BYTES = 32

ProofKind: TypeAlias = Literal["sessions", "families", "install-tokens", "api-keys", "player-logins"]
"""What proves an identity. A family of refresh tokens does by its id, which a signed access token carries; a
player login as its user name, a slash and its password."""


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who is asking. An empty `account_id` is nobody; the role "service" is a service calling by itself, or,
    of no tier, for somebody unknown.

    `key_id` names the API key that proved it, and `scopes` what that key allows; both are empty for every
    other proof, which allows whatever its roles do. `session_id` is the page session's or the refresh
    family's, where one proved it. `network` is where the request came from, for the audit log; only requests
    that may change something carry it.
    """

    account_id: str = ""
    profile_id: str = ""
    tier: str = "anonymous"
    roles: tuple[str, ...] = ()
    key_id: str = ""
    scopes: tuple[str, ...] = ()
    session_id: str = ""
    network: str = ""

    @property
    def is_anonymous(self) -> bool:
        return not self.account_id

    @property
    def is_known(self) -> bool:
        """Whether an account asks, or a service of its own accord."""
        return bool(self.account_id) or (SERVICE_ROLE in self.roles and self.tier != ANONYMOUS.tier)

    def as_service(self) -> Identity:
        """The same identity with the role that `/internal/…` wants: a service acting for this account."""
        if SERVICE_ROLE in self.roles:
            return self
        return msgspec.structs.replace(self, roles=(*self.roles, SERVICE_ROLE))


ANONYMOUS = Identity()


class _Envelope(msgspec.Struct, frozen=True, array_like=True):
    expires_at: int
    identity: Identity


class IdentitySigner:
    """Signs identities for one hop and checks them. All services share the operator's key."""

    def __init__(self, key: SecretKey, clock: Clock) -> None:
        self._key = key.derive("identity")
        self._clock = clock
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(_Envelope)

    def sign(self, identity: Identity, ttl_s: float = 60) -> str:
        payload = self._encoder.encode(_Envelope(int(self._clock.time() + ttl_s), identity))
        return base64.urlsafe_b64encode(hmac.digest(self._key, payload, "sha256") + payload).decode()

    def verify(self, header: str) -> Identity:
        """The identity in `header`, or Unauthenticated when it isn't ours or has expired."""
        try:
            raw = base64.urlsafe_b64decode(header)
        except (binascii.Error, ValueError) as error:
            raise Unauthenticated("The identity of the call can't be read.") from error
        payload = raw[_MAC_BYTES:]
        if not hmac.compare_digest(hmac.digest(self._key, payload, "sha256"), raw[:_MAC_BYTES]):
            raise Unauthenticated("The identity of the call is not signed by this installation.")
        try:
            envelope = self._decoder.decode(payload)
        except msgspec.MsgspecError as error:
            raise Unauthenticated("The identity of the call can't be read.") from error
        if envelope.expires_at + CLOCK_SKEW_S < self._clock.time():
            raise Unauthenticated("The identity of the call has expired; check that the clocks agree.")
        return envelope.identity
