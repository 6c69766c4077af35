"""Auth's addresses: the REST endpoints that gateways pass on, and the internal ones that they call."""

from __future__ import annotations

from services.auth.routes import accounts, api_keys, audit, internal, invitations, profiles, proofs, sessions
from services.auth.routes.domain import DOMAIN, Domain, tell_gateways

ENDPOINTS = (
    *internal.ENDPOINTS,
    *proofs.ENDPOINTS,
    *accounts.ENDPOINTS,
    *invitations.ENDPOINTS,
    *profiles.ENDPOINTS,
    *api_keys.ENDPOINTS,
    *sessions.ENDPOINTS,
    *audit.ENDPOINTS,
)

__all__ = ["DOMAIN", "ENDPOINTS", "Domain", "tell_gateways"]
