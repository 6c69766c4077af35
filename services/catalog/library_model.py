"""The values of the library, and the rules that need nothing but them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from libs.common.contracts.handover import RowKind
from libs.common.contracts.library import ItemKind, PlayMode, ProviderKind, ProviderStatus
from services.catalog.model import Owner

KINDS: Mapping[ItemKind, int] = MappingProxyType({"channels": 1, "movies": 2, "series": 3})
"""How kinds are stored."""
KIND_NAMES: Mapping[int, ItemKind] = MappingProxyType({number: name for name, number in KINDS.items()})
ROW_KINDS: tuple[RowKind, ...] = ("channels", "movies", "series", "episodes", "programmes")

PREFIX = "hg:"
LARGEST_ID = 2**31 - 1
"""Players read the numbers that the hub gives out as 32 bits with a sign."""


def public_id(number: int) -> str:
    return f"{PREFIX}{number}"


def number_of(public: str) -> int | None:
    """The number in `hg:123`, None for what no id of ours is."""
    text = public.removeprefix(PREFIX)
    if text == public or not text.isascii() or not text.isdecimal() or len(text) > 10:
        return None
    number = int(text)
    return number if 0 < number <= LARGEST_ID else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An account at a provider as stored. Times are epoch milliseconds, `expires_at` epoch seconds.

    `number` stands for it in its rows. `run` is the run that may write now, "" for none.
    """

    number: int
    id: str
    owner: Owner
    kind: ProviderKind
    name: str
    host: str
    sealed: bytes = field(repr=False)
    play: PlayMode
    first_sync: bool
    created_at: int
    status: ProviderStatus
    problem: str
    checked_at: int | None
    expires_at: int | None
    max_connections: int | None
    formats: tuple[str, ...]
    zone: str
    run: str
    run_number: int
    synced_at: int | None
    guide_synced_at: int | None
    revision: int
    """Rises with everything that is written of it: what was made of its rows holds while it is the same."""
