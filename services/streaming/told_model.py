"""What sources tell of viewing, as stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from libs.common.contracts.viewing_handover import ListedRow, Part, PlaybackRow, ToldCounts, WatchedRow
from services.streaming.viewing_model import Owner, Video

ToldRow: TypeAlias = WatchedRow | ListedRow | PlaybackRow
State: TypeAlias = Literal["taking", "applying", "done"]

IMPORT: Final = "import:"
"""What the names of sources begin with that are files somebody brought."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Whose part it is, and what it is told by."""

    owner: Owner
    source: str
    part: Part


@dataclass(frozen=True, slots=True)
class Telling:
    """How far a part is. `run` names the call that tells it: a later one ends it. `held`: how many rows are
    known of it."""

    run: str
    state: State
    held: int
    counts: ToldCounts
    told_at: int


@dataclass(frozen=True, slots=True)
class Staged:
    """What is about to be applied. `row` is None for what is no longer told."""

    id: str
    title_id: str
    row: ToldRow | None


@dataclass(frozen=True, slots=True)
class Known:
    """A video, as it would be without any source, and as they left it. `left` is None where none told of it:
    then all of it is the profile's own."""

    now: Video
    own: Video | None = None
    left: Video | None = None
