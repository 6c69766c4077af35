"""The library in words people use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from libs.common.contracts.library import (
    ItemKind,
    ItemTotals,
    ItemView,
    MatchState,
    ProviderKind,
    ProviderStatus,
    ProviderView,
    Sort,
)
from services.gateway.pages.words import plural

KIND_WORDS: Final[Mapping[ItemKind, str]] = {"channels": "Channels", "movies": "Films", "series": "Series"}
ONE_WORDS: Final[Mapping[ItemKind, str]] = {"channels": "channel", "movies": "film", "series": "series"}
PROVIDER_WORDS: Final[Mapping[ProviderKind, str]] = {"xtream": "Xtream", "m3u": "M3U list"}
STATUS_WORDS: Final[Mapping[ProviderStatus, tuple[str, str]]] = {
    "unchecked": ("unknown", "Not asked yet"),
    "active": ("ok", "Active"),
    "expired": ("failing", "Expired"),
    "banned": ("failing", "Banned"),
    "disabled": ("failing", "Disabled"),
    "refused": ("failing", "Sign-in refused"),
    "unreachable": ("slow", "Can't be reached"),
    "unreadable": ("failing", "Not understood"),
}
"""The state's short name, as styled, and what it says."""
SORT_WORDS: Final[Mapping[Sort, str]] = {
    "title": "Title, A to Z",
    "-title": "Title, Z to A",
    "-added": "Newest here first",
    "added": "Oldest here first",
    "-rating": "Best rated first",
    "rating": "Worst rated first",
    "-year": "Latest year first",
    "year": "Earliest year first",
}
MATCH_WORDS: Final[Mapping[MatchState, str]] = {
    "doubtful": "Doubtful",
    "unmatched": "Unmatched",
    "chosen": "Decided by you",
    "matched": "Matched",
}
EXPIRES_SOON_S: Final = 14 * 86_400


def status_words(provider: ProviderView) -> tuple[str, str]:
    return STATUS_WORDS[provider.status]


def provider_kind_words(kind: ProviderKind) -> str:
    return PROVIDER_WORDS[kind]


def totals_words(totals: ItemTotals) -> str:
    """What there is, without what there is nothing of."""
    counts = (
        (totals.channels, "channel", ""),
        (totals.movies, "film", ""),
        (totals.series, "series", "series"),
        (totals.episodes, "episode", ""),
        (totals.programmes, "programme", ""),
    )
    return ", ".join(plural(number, one, many) for number, one, many in counts if number)


def item_facts(item: ItemView) -> str:
    """The line below a name."""
    parts = [str(item.year or ""), f"★ {item.rating:.1f}" if item.rating else "", item.language.upper()]
    return " · ".join(part for part in parts if part)


def count_words(number: int, kind: ItemKind) -> str:
    return plural(number, ONE_WORDS[kind], "series" if kind == "series" else "")


def is_ending(provider: ProviderView, now: datetime) -> bool:
    """Whether the account ends soon enough to be told of it."""
    return provider.expires_at is not None and (provider.expires_at - now).total_seconds() < EXPIRES_SOON_S


def minutes(seconds: int) -> str:
    """A running time: 1 h 47 min."""
    hours, rest = divmod(max(1, round(seconds / 60)), 60)
    return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"
