"""REST: which titles the library's films and series are, and what people decide about that."""

from __future__ import annotations

from libs.common.web import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = ()
