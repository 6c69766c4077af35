"""What a kind of work is, and where all of them are found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Literal, Protocol, runtime_checkable

from services.sync.errors import UnknownKind
from services.sync.model import JobRun, Owner, Progress

Scope = Literal["hub", "account", "profile", "provider"]
Report = Callable[[Progress], Awaitable[None]]


class SourceAway(Exception):
    """The work can't go on now, for a reason that may pass: it is tried again. The text is for people.

    `after_s` is how long the source wants to be left alone at least.
    """

    def __init__(self, sentence: str = "", *, after_s: float = 0.0) -> None:
        super().__init__(sentence)
        self.after_s = after_s


class LeaseLost(Exception):
    """Another worker has taken the run over; this one stops without a word."""


class Kind(Protocol):
    """One kind of work. `scope` says for whom: the whole installation, one account, one profile with its
    connection to an account elsewhere, or one of the accounts at providers that somebody has."""

    @property
    def name(self) -> str: ...

    @property
    def scope(self) -> Scope: ...

    async def check(self) -> None:
        """Raises the HeadgateError that says why no run may be started now."""
        ...

    async def run(self, job: JobRun, report: Report) -> None:
        """Do the work from `job.resume_at` on, telling `report` after each part that need not be redone.

        Raises SourceAway to be tried again, any other error to fail. May be cancelled at every await.
        """
        ...


@runtime_checkable
class OfProfile(Protocol):
    """A kind of the scope `profile`."""

    async def subject_of(self, owner: Owner) -> str:
        """The connection that a run is about. Raises NotFound."""
        ...


class Kinds:
    """The registry. Only what is registered can be asked for, scheduled or claimed."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._kinds)

    def __getitem__(self, name: str) -> Kind:
        """Raises UnknownKind, naming those there are."""
        kind = self._kinds.get(name)
        if kind is None:
            known = ", ".join(sorted(self._kinds))
            raise UnknownKind("There is no such kind of job.", fields={"kind": f"one of: {known}"})
        return kind
