"""What IPTV players are answered, and where what they play is."""

from __future__ import annotations

from libs.common.web import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = ()
