"""A job run and the rules of its life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from libs.common.contracts.library import ProviderKind

ListName = Literal["playback", "watchlist", "movies", "shows"]
LISTS: tuple[ListName, ...] = ("playback", "watchlist", "movies", "shows")
"""Of an account at Trakt, in the order they are read: what people go on with first, what is long last."""
State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Mode = Literal["full", "incremental"]
SUBJECT_KINDS: Mapping[str, ProviderKind] = MappingProxyType(
    {"xtream": "xtream", "m3u": "m3u", "details": "xtream"}
)
"""The kinds of work that are about one account at a provider, and what that has to be."""
SYNC_KINDS = ("xtream", "m3u")
UNFINISHED: frozenset[State] = frozenset({"queued", "running"})

MAX_ATTEMPTS = 5  # a run whose workers keep dying or whose source stays away is given up after that many
RETRY_BASE_S = 5.0
RETRY_MAX_S = 300.0


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose connection to an account elsewhere: everything is scoped by account and profile."""

    account_id: str
    profile_id: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened to one kind of item so far. `remarks` counts odd items by a short stable reason."""

    seen: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    remarks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """One run. Times are epoch milliseconds; an empty `account_id` is work for the whole installation.

    `subject` is the account at a provider that the run is about, which belongs to one profile; both are empty
    for every other kind of work.
    `resume_at` is the kind's own note of how far it came; a worker that takes the run over starts there.
    `version` rises with every change that somebody watching wants to see.
    """

    id: str
    kind: str
    mode: Mode
    account_id: str
    profile_id: str = ""
    subject: str = ""
    state: State
    phase: str = ""
    progress: int = 0
    counts: Mapping[str, Counts] = field(default_factory=dict)
    resume_at: str = ""
    error: str = ""
    attempts: int = 0
    cancel_wanted: bool = False
    version: int = 0
    created_at: int
    started_at: int | None = None
    finished_at: int | None = None

    @property
    def finished(self) -> bool:
        return self.state not in UNFINISHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is: `percent` 0 to 100, and everything a successor needs to go on."""

    phase: str
    percent: int
    counts: Mapping[str, Counts]
    resume_at: str = ""


def retry_delay_s(attempts: int) -> float:
    """How long a run waits after its `attempts`-th try failed for a reason that may pass."""
    return float(min(RETRY_MAX_S, RETRY_BASE_S * 2 ** max(0, attempts - 1)))


def slot_of(kind: str, now_s: float, every_s: float) -> str:
    """The name of the current period of a schedule: replicas agree on it, so one of them makes the run."""
    return f"{kind}/{every_s:g}/{int(now_s // every_s)}"
