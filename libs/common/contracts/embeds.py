"""Pages of other sites that play a film or an episode, for players that can show one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from libs.common.contracts.catalog import SourceProblem

PATH: Final = "/api/v1/embeds"

EmbedStatus: TypeAlias = Literal["up", "down", "unknown"]


class EmbedMessages(msgspec.Struct, frozen=True):
    """How such a page tells the one around it where it is, by `postMessage`: an object, or its JSON, whose
    `type` is this one; the others name members, dots lead into them. Times are in seconds.

    Whoever reads them checks that they come from the page's `origin`.
    """

    type: str
    event: str
    position_s: str
    duration_s: str


class EmbedView(msgspec.Struct, frozen=True, kw_only=True):
    """One page. It is for a frame with a `sandbox`, or to be opened by itself, and trusted with nothing."""

    provider_id: str
    provider_name: str
    url: str
    origin: str
    messages: EmbedMessages


class EmbedsPage(msgspec.Struct, frozen=True, kw_only=True):
    """`problems` names the sites that can't be used now."""

    items: tuple[EmbedView, ...]
    problems: tuple[SourceProblem, ...] = ()


class EmbedSiteView(msgspec.Struct, frozen=True, kw_only=True):
    """A site as it was the last time that it was looked at; `detail` says what was wrong."""

    id: str
    name: str
    origin: str
    status: EmbedStatus
    detail: str = ""
    checked_at: datetime | None = None


class EmbedSites(msgspec.Struct, frozen=True):
    """Those that the operator set, in the order in which they are offered."""

    items: tuple[EmbedSiteView, ...]
    next_cursor: str | None = None


class EmbedsQuery(msgspec.Struct, frozen=True):
    """`start_s` is where it is to begin, of sites that take it."""

    start_s: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None = None


class EmbedTitle(msgspec.Struct, frozen=True, kw_only=True):
    """A title that embeds may play: by `id`, behind which a show needs `:season:episode`. `provider_ids` are
    the sites that may have it."""

    id: str
    type: Literal["movie", "series"]
    name: str
    year: int | None = None
    poster: str | None = None
    provider_ids: tuple[str, ...] = ()


class EmbedTitles(msgspec.Struct, frozen=True):
    """`problems` names the sites that can't be used now."""

    items: tuple[EmbedTitle, ...]
    problems: tuple[SourceProblem, ...] = ()
    next_cursor: str | None = None


class EmbedSearch(msgspec.Struct, frozen=True):
    q: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
