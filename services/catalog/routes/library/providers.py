"""REST: accounts at IPTV providers."""

from __future__ import annotations

from libs.common.web import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = ()
