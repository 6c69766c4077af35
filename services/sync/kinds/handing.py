"""How what a provider has gets to catalog: read apart, handed over as it comes, and what is gone at last.

Only after a list that was read to its end is anything taken away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final

import msgspec

from libs.common.clock import Clock
from libs.common.contracts.handover import (
    CATEGORY_CHARS,
    CategoryKind,
    CategoryRow,
    CategoryRows,
    HandoverClient,
    ProviderAccess,
    ProviderState,
    RowKind,
    RunFinished,
)
from libs.common.contracts.library import ProviderStatus
from libs.common.deadline import Deadline
from libs.common.errors import Conflict, HeadgateError
from libs.common.http import FetchError
from libs.common.tasks import Tasks, heeding
from libs.protocols.xtream.errors import XtreamError
from services.sync.kinds.base import LeaseLost
from services.sync.kinds.lists import ListRead, Pieces
from services.sync.kinds.tries import Run
from services.sync.kinds.trouble import Trouble, of_tally
from services.sync.model import Counts
from services.sync.reading.order import Subject, Tally
from services.sync.sources.reading import Line, Reading, Stretches

CALL_WITHIN_S: Final = 60.0
WRITE_WITHIN_S: Final = 6 * 3600.0
CATEGORIES_A_CALL: Final = 4000
"""More than a provider has, and below the 8 MB of a call."""
MOST_STEPS: Final = 100_000
RUN_ENDED: Final = "run_ended"
PROGRAMMES: Final = "programmes"
HASH_BYTES: Final = 8


class Handover:
    """How what is read gets to catalog."""

    def __init__(self, client: HandoverClient, clock: Clock, tasks: Tasks) -> None:
        self.client = client
        self._clock = clock
        self._tasks = tasks

    def within(self, seconds: float = CALL_WITHIN_S) -> Deadline:
        return Deadline.after(self._clock, seconds)

    async def begin(self, run: Run) -> ProviderAccess:
        access = await self.client.access(run.provider, deadline=self.within())
        await self.client.begin(run.provider, run.token, deadline=self.within())
        return access

    async def state(self, run: Run, state: ProviderState) -> None:
        await self.client.put_state(run.provider, state, deadline=self.within())

    async def problem(self, run: Run, trouble: Trouble, status: ProviderStatus) -> None:
        await self.state(run, ProviderState(status=status, problem=str(trouble)))

    async def categories(self, run: Run, kind: CategoryKind, rows: Sequence[CategoryRow]) -> None:
        named = dict[str, CategoryRow]()
        for row in rows:
            id_ = row.panel_id[:CATEGORY_CHARS]
            named.setdefault(id_, CategoryRow(id_, row.name[:CATEGORY_CHARS]))
        held = list(named.values())
        for first in range(0, max(1, len(held)), CATEGORIES_A_CALL):
            after = first + CATEGORIES_A_CALL
            page = CategoryRows(tuple(held[first:after]), first, is_last=after >= len(held))
            await self.client.put_categories(run.provider, kind, run.token, page, deadline=self.within())

    def listed(
        self,
        run: Run,
        subject: Subject,
        kinds: Sequence[RowKind],
        pieces: Pieces,
        *,
        wanted: bytes | None = None,
    ) -> ListRead:
        """One list, being read from now on."""
        client, clock, tasks = self.client, self._clock, self._tasks
        return ListRead(run, subject, kinds, pieces, wanted=wanted, client=client, clock=clock, tasks=tasks)

    async def take(self, run: Run, part: str, listed: ListRead) -> Reading:
        """Hand over what of the list is new, then what is gone. Raises Trouble."""
        # Whatever reading makes of being broken off, the next list isn't begun.
        reader = await heeding(self._taken(run, part, listed))
        is_empty = not any(seen.seen for seen in reader.tally.kinds.values())
        missed = {kind: bytes(reader.gone.get(kind, b"")) for kind in listed.held}
        await self._gone(run, missed, listed.held, is_empty)
        return reader

    async def take_guides(
        self, run: Run, part: str, documents: Sequence[Pieces], *, wanted: bytes | None
    ) -> None:
        """Several guides that are one: gone is what none of them has. A channel's programmes are those of the
        first that has any. Raises what went wrong with the last that is none, once all were read."""
        gone: set[bytes] | None = None
        trouble: XtreamError | FetchError | Trouble | None = None
        total, held = Counts(), b""
        for pieces in documents:
            try:
                listed = self.listed(run, "guide", (PROGRAMMES,), pieces, wanted=wanted)
                reader = await self._taken(run, part, listed)
            except (XtreamError, FetchError, Trouble) as error:
                trouble = error
                continue
            wanted = None if wanted is None else reader.wanted
            held = held or listed.held[PROGRAMMES]
            missed = set(_hashes(reader.gone.get(PROGRAMMES, b"")))
            gone = missed if gone is None else gone & missed
            read = run.counts.get(PROGRAMMES, Counts())
            total = replace(read, seen=total.seen + read.seen, unchanged=total.unchanged + read.unchanged)
            run.counts[PROGRAMMES] = total
        if trouble is not None:
            raise trouble
        await self._gone(run, {PROGRAMMES: b"".join(gone or ())}, {PROGRAMMES: held}, not total.seen)

    async def _taken(self, run: Run, part: str, listed: ListRead) -> Reading:
        """The list as it was read to its end."""
        async with aclosing(listed):
            held = await listed.begin()
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(listed.ended())
                    await self._written(run, part, listed, held)
            except ExceptionGroup as failures:
                raise _cause(failures, listed) from None
        reader = listed.reader
        if not reader.tally.done or reader.tally.broken:
            raise of_tally(reader.tally, listed.subject)
        return reader

    async def _written(self, run: Run, part: str, listed: ListRead, held: Mapping[RowKind, bytes]) -> None:
        """As few calls as can be: catalog makes its indexes behind the last row of each."""
        reader = listed.reader
        expected = sum(len(hashes) for hashes in held.values()) // HASH_BYTES
        unchanged: dict[str, int] = {}

        async def handed(line: Line) -> None:
            if line.are_categories:
                named = msgspec.json.decode(line.rows, type=list[CategoryRow])
                await self.categories(run, _category_kind(line.kind), named)
            run.seen(reader.tally, unchanged)
            seen = sum(one.seen for one in reader.tally.kinds.values())
            await run.tell(part, min(0.95, seen / max(expected, seen + 5000)), at_once=False)

        stretches = Stretches(listed.lines(), handed)
        async for kind, lines in stretches:
            counts = await self.client.put_rows(
                run.provider, kind, run.token, lines, deadline=self.within(WRITE_WITHIN_S)
            )
            run.added(kind, counts)
            unchanged[kind] = unchanged.get(kind, 0) + counts.unchanged
        run.seen(reader.tally, unchanged)
        self._remark(run, reader.tally)

    def _remark(self, run: Run, tally: Tally) -> None:
        if tally.skipped and tally.kinds:
            kind = next(iter(tally.kinds))
            run.counts[kind] = replace(run.counts.get(kind, Counts()), remarks=tally.skipped)

    async def _gone(
        self, run: Run, missed: Mapping[RowKind, bytes], held: Mapping[RowKind, bytes], is_empty: bool
    ) -> None:
        """Only of a list that was whole. One without an entry is no list of one that had some."""
        entries = sum(len(hashes) // HASH_BYTES for hashes in held.values())
        if entries and is_empty and not run.is_full:
            raise Trouble(f"The list is empty, and had {entries} entries before.", may_pass=True)
        refused: list[str] = []
        for kind, gone in missed.items():
            if not gone:
                continue
            try:
                counts = await self.client.remove_gone(
                    run.provider, kind, run.token, gone, deadline=self.within(WRITE_WITHIN_S)
                )
            except Conflict as conflict:
                if conflict.code == RUN_ENDED:
                    raise
                refused.append(str(conflict))
                continue
            so_far = run.counts.get(kind, Counts())
            run.counts[kind] = replace(so_far, removed=so_far.removed + counts.removed)
        if refused:
            raise Trouble(" ".join(refused))

    async def matched(self, run: Run, part: str) -> None:
        """Look for the titles of everything that has none yet, a step at a time."""
        total = 0
        for _ in range(MOST_STEPS):
            step = await self.client.match(run.provider, run.token, deadline=self.within(WRITE_WITHIN_S))
            total += step.done
            await run.tell(part, total / max(1, total + step.left), at_once=False)
            if not step.left or step.problem or not step.done:
                return
            await self._clock.sleep(step.wait_s)

    async def finish(self, run: Run, finished: RunFinished) -> None:
        await self.client.finish(run.provider, run.token, finished, deadline=self.within(WRITE_WITHIN_S))


def _cause(failures: ExceptionGroup[Exception], listed: ListRead) -> Exception:
    """What ended the reading: whoever sent the list, then catalog, before what came of that."""
    found = list(_each(failures))
    for kinds in ((FetchError, XtreamError, LeaseLost), (HeadgateError,)):
        for error in found:
            if isinstance(error, kinds):
                return error
    if not listed.reader.tally.done:
        return of_tally(listed.reader.tally, listed.subject)
    return found[0]


def _each(failures: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in failures.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _each(error)
        else:
            yield error


def _hashes(packed: bytes | bytearray) -> Iterator[bytes]:
    return (bytes(packed[at : at + HASH_BYTES]) for at in range(0, len(packed), HASH_BYTES))


def _category_kind(kind: RowKind) -> CategoryKind:
    found: CategoryKind = msgspec.convert(kind, CategoryKind)
    return found
