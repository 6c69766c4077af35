"""REST: favourites and hidden categories of a profile."""

from __future__ import annotations

from libs.common.web import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = ()
