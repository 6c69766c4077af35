"""`imdb`: IMDb's data sets, each fetched if it has changed, read, handed to catalog, put in place at once.

A data set that can't be used leaves its old rows as they are; the others go on, and the run says so at last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec
import structlog

from libs.common.clock import Clock
from libs.common.contracts.imdb import ImdbClient, Swap
from libs.common.deadline import Deadline
from libs.common.errors import Conflict, InvalidInput, Unavailable, UpstreamFailed, UpstreamTimedOut
from libs.common.http import FetchError
from libs.protocols.imdb.rows import DATA_SETS, SetName
from libs.protocols.imdb.tally import Tally
from services.sync.errors import ImportFailed
from services.sync.kinds.base import LeaseLost, Report, Scope, SourceAway
from services.sync.kinds.refused import Refused, told
from services.sync.licences import IMDB, Licences
from services.sync.model import Counts, JobRun, Progress
from services.sync.sources.imdb import Download, ImdbSource
from services.sync.sources.imdb_rows import RowReader, row_reader

STAGE_WITHIN_S = 6 * 3600.0
SWAP_WITHIN_S = 3600.0
CALL_WITHIN_S = 60.0
TELL_S = 1.0
CHOOSERS: Mapping[SetName, SetName] = MappingProxyType({"episodes": "ratings", "akas": "titles"})
"""Of these only what belongs to titles of the other is wanted: nobody asks for the rest, nine of ten rows."""
WEIGHTS: Mapping[SetName, int] = MappingProxyType({"ratings": 2, "episodes": 8, "titles": 20, "akas": 50})
"""How long each takes beside the others, for the percentage alone."""

log = structlog.get_logger(__name__)


class Note(msgspec.Struct, frozen=True):
    """Where a run is: data sets that are through with, and what went wrong with some of them."""

    done: tuple[SetName, ...] = ()
    problems: dict[SetName, str] = {}

    @classmethod
    def read(cls, text: str) -> Note:
        return msgspec.json.decode(text, type=cls) if text else cls()

    def through(self, name: SetName, problem: str | None = None) -> Note:
        problems = self.problems if problem is None else {**self.problems, name: problem}
        return Note((*self.done, name), problems)

    def text(self) -> str:
        return msgspec.json.encode(self).decode()


def sets_wanted(*, akas: bool) -> tuple[SetName, ...]:
    """In an order in which each comes after the one that chooses its rows."""
    return ("ratings", "episodes", "titles", *(("akas",) if akas else ()))


class ImportImdb:
    """`incremental` asks only for what has changed, `full` for everything."""

    name = "imdb"
    scope: Scope = "hub"

    def __init__(
        self,
        source: ImdbSource,
        catalog: ImdbClient,
        licences: Licences,
        clock: Clock,
        *,
        names: Sequence[SetName],
    ) -> None:
        self._source = source
        self._catalog = catalog
        self._licences = licences
        self._clock = clock
        self._names = names

    async def check(self) -> None:
        """Raises LicenceNotAccepted."""
        await self._licences.require(IMDB)

    async def run(self, job: JobRun, report: Report) -> None:
        await self.check()
        note = Note.read(job.resume_at)
        run = _Run(job, report, note, self._names)
        for name in self._names:
            if name in run.note.done:
                continue
            problem = None
            try:
                await self._import(run, name)
            except (Unavailable, UpstreamTimedOut, UpstreamFailed) as error:
                raise SourceAway(str(error)) from error
            except Refused as refusal:
                problem = str(refusal)
                log.warning("imdb_set_refused", set=name, reason=problem)
            run.note = run.note.through(name, problem)
            await run.tell(name, 1.0)
        if run.note.problems:
            raise ImportFailed(_sentence(run.note, self._names))

    async def _import(self, run: _Run, name: SetName) -> None:
        states = {one.name: one for one in await self._catalog.states(deadline=self._within(CALL_WITHIN_S))}
        state, chooser = states[name], CHOOSERS.get(name)
        if chooser is not None and not states[chooser].rows:
            raise Refused(f"Nothing of {DATA_SETS[chooser].file} is here, which chooses its rows.")
        etag = state.etag if run.job.mode == "incremental" else ""
        try:
            async with self._source.file(DATA_SETS[name].file, etag=etag) as download:
                if download is None:
                    run.count(name, Counts(seen=state.rows, unchanged=state.rows))
                    return
                tally = await self._stage(run, name, download)
        except FetchError as error:
            raise told(error) from error
        await self._swap(run, name, download.etag, tally)

    async def _stage(self, run: _Run, name: SetName, download: Download) -> Tally:
        """Hand every row to catalog, beside those it keeps. Raises Refused for a file that can't be used."""
        chooser, among = CHOOSERS.get(name), None
        if chooser is not None:
            among = await self._catalog.kept_ids(chooser, deadline=self._within(CALL_WITHIN_S))
        async with row_reader(name, among=among) as reader:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(reader.feed(download.stream.pieces()))
                    telling = group.create_task(self._tell(run, name, download, reader))
                    await self._catalog.stage(
                        name, run.token, reader.rows(), deadline=self._within(STAGE_WITHIN_S)
                    )
                    telling.cancel()
            except ExceptionGroup as failures:
                raise _cause(failures, reader) from None
        return reader.tally

    async def _swap(self, run: _Run, name: SetName, etag: str, tally: Tally) -> None:
        await run.tell(name, 0.9, phase=f"{name}: comparing")
        wanted = Swap(run=run.token, etag=etag, spoilt=tally.spoilt)
        try:
            counts = await self._catalog.swap(name, wanted, deadline=self._within(SWAP_WITHIN_S))
        except Conflict as refusal:
            raise Refused(str(refusal)) from refusal
        run.count(
            name,
            Counts(
                tally.seen,
                counts.added,
                counts.changed,
                counts.removed,
                counts.unchanged,
                tally.remarks,
            ),
        )
        log.info(
            "imdb_set_imported",
            set=name,
            seen=tally.seen,
            kept=tally.kept,
            skipped=tally.skipped,
            noted=tally.noted,
        )

    async def _tell(self, run: _Run, name: SetName, download: Download, reader: RowReader) -> None:
        while True:
            run.count(name, Counts(seen=reader.tally.seen))
            await run.tell(name, 0.9 * download.share)
            await self._clock.sleep(TELL_S)

    def _within(self, seconds: float) -> Deadline:
        return Deadline.after(self._clock, seconds)


class _Run:
    """One run as it goes: what is told of it, and what a successor needs."""

    def __init__(self, job: JobRun, report: Report, note: Note, names: Sequence[SetName]) -> None:
        self.job, self.report, self.note, self.names = job, report, note, names
        self.counts = dict(job.counts)
        self.token = f"{job.id}/{job.attempts}"
        """Names this try: whoever takes the run over has another, and so never mixes with this one."""

    def count(self, name: SetName, counts: Counts) -> None:
        self.counts[name] = counts

    async def tell(self, name: SetName, share: float, *, phase: str = "") -> None:
        """`share` is how much of the data set is through, 0 to 1."""
        done = sum(WEIGHTS[one] for one in self.note.done) + (
            0 if name in self.note.done else WEIGHTS[name] * share
        )
        percent = int(100 * done / sum(WEIGHTS[one] for one in self.names))
        await self.report(
            Progress(
                phase=phase or name,
                percent=min(percent, 100),
                counts=dict(self.counts),
                resume_at=self.note.text(),
            )
        )


def _cause(failures: ExceptionGroup[Exception], reader: RowReader) -> Exception:
    """What ended the staging: the file itself, or whoever sent it, before what came of that."""
    if reader.tally.broken is not None:
        return Refused(reader.tally.sentence)
    found = failures.exceptions
    first = next((error for error in found if isinstance(error, FetchError | LeaseLost)), found[0])
    if isinstance(first, Conflict | InvalidInput):
        return Refused(str(first))
    if reader.stopped and not isinstance(first, FetchError | LeaseLost):
        return SourceAway("The reading of the file stopped midway.")
    return first


def _sentence(note: Note, names: Sequence[SetName]) -> str:
    """What went wrong, in the order of the data sets, and what of it all is new nevertheless."""
    parts = [f"{DATA_SETS[name].file}: {note.problems[name]}" for name in names if name in note.problems]
    well = [name for name in names if name not in note.problems]
    kept = "The rows that were there before stay."
    return " ".join([*parts, kept, *([f"Up to date: {', '.join(well)}."] if well else [])])
