"""REST: what the library holds, what the last run changed, and its upkeep."""

from __future__ import annotations

from libs.common.web import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = ()
