"""What a profile may do with a file: bring it, look at what it says, apply that, take it back."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Final, Literal

import msgspec

from libs.common.clock import Clock, epoch_ms, moment_of
from libs.common.contracts.imports import ImportList, ImportState, ImportView
from libs.common.contracts.viewing import MAX_TITLES
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.contracts.viewing_upkeep import ViewingUpkeepClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.secrets import new_token
from services.sync.imports.errors import ImportBusy, ImportNotFound, TooManyImports
from services.sync.imports.files import Files
from services.sync.imports.reading.said import Report, Rows, Titles
from services.sync.imports.told import Read, read_of, text_of, told_of
from services.sync.imports.unread import forgotten_if_unread
from services.sync.model import Owner
from services.sync.store.imports import MOST, Chunk, ImportStore, StoredImport

KEEP_MS: Final = 7 * 24 * 3600 * 1000
READING_MS: Final = 15 * 60 * 1000
"""Nothing is read for as long."""
SWEEP_S: Final = 3600.0
KNOWN_WITHIN_S: Final = 20.0

Queue = Callable[[StoredImport], Awaitable[None]]
IsAtWork = Callable[[StoredImport], Awaitable[bool]]

STOPPED: Final = {
    "applying": "It was interrupted before it was known to be done. Apply it again: nothing comes twice.",
    "undoing": "It was interrupted before it was known to be taken back. Undo it again.",
}


class Imports:
    """`queue` has an import carried out in the background; `is_at_work` says whether somebody still is."""

    def __init__(
        self,
        store: ImportStore,
        files: Files,
        *,
        viewing: ViewingClient,
        upkeep: ViewingUpkeepClient,
        queue: Queue,
        is_at_work: IsAtWork,
        clock: Clock,
        new_id: Callable[[], str] = lambda: new_token(bytes_=9),
    ) -> None:
        self._store = store
        self._files = files
        self._viewing = viewing
        self._upkeep = upkeep
        self._queue = queue
        self._is_at_work = is_at_work
        self._clock = clock
        self._new_id = new_id

    async def bring(self, identity: Identity, pieces: AsyncIterable[bytes]) -> ImportView:
        """Nothing is applied yet. Raises FileUnusable, TooManyImports, ImportBusy, Unavailable, and
        what `pieces` raises."""
        owner, now = Owner(identity.account_id, identity.profile_id), epoch_ms(self._clock)
        new = StoredImport(id=self._new_id(), owner=owner, state="reading", created_at=now, changed_at=now)
        if not await self._store.begin(new):
            raise TooManyImports(f"A profile keeps {MOST} imports at most. Undo one that you no longer need.")
        taking = _Taking(self._store, new.id, _Known(self._viewing, self._upkeep, identity, self._clock))
        async with forgotten_if_unread(self._store, new):
            report = await self._files.read(
                owner.account_id, pieces, rows=taking.rows, titles=taking.known.count
            )
            known = taking.known
            read = Read(
                report=known.marked(report),
                known_titles=known.titles,
                without_room=await known.without_room(report.titles),
            )
            if not await self._store.ready(owner, new.id, text_of(read), at=epoch_ms(self._clock)):
                raise ImportNotFound("The profile is gone.")
        return await self.get(owner, new.id)

    async def get(self, owner: Owner, import_id: str) -> ImportView:
        """Raises ImportNotFound."""
        return await self._view(await self._found(owner, import_id))

    async def listed(self, owner: Owner) -> ImportList:
        return ImportList(tuple([await self._view(held) for held in await self._store.listed(owner)]))

    async def apply(self, owner: Owner, import_id: str) -> ImportView:
        """Hand it over, or go on with that; one that is applied stays so.

        Raises ImportNotFound, ImportBusy.
        """
        held = await self._found(owner, import_id)
        if held.state == "applied":
            return await self._view(held)
        if held.state == "undoing":
            raise ImportBusy("It is being taken back.")
        if not await self._store.has_rows(import_id) and read_of(held).report.titles:
            raise ImportBusy("What was read of it is no longer kept. Bring the file once more.")
        return await self._begin(held, "applying")

    async def undo(self, owner: Owner, import_id: str) -> ImportView:
        """Take back what it alone brought. Raises ImportNotFound, ImportBusy."""
        held = await self._found(owner, import_id)
        if held.state == "undone":
            return await self._view(held)
        if held.state == "preview":
            raise ImportBusy("It was not applied: there is nothing to take back.")
        if held.state == "applying" and await self._is_at_work(held):
            raise ImportBusy("It is being applied. Undo it when that has ended.")
        return await self._begin(held, "undoing")

    async def _begin(self, held: StoredImport, state: Literal["applying", "undoing"]) -> ImportView:
        # A run that is about to end would be joined, and do nothing of this.
        if held.state != state and await self._is_at_work(held):
            raise ImportBusy("Something else is done with it just now. Try again in a moment.")
        if not await self._store.move(
            held.owner, held.id, [held.state, state], state, at=epoch_ms(self._clock)
        ):
            raise ImportBusy("Something else is done with it just now. Try again in a moment.")
        await self._queue(held)
        return await self.get(held.owner, held.id)

    async def drop(self, owner: Owner, import_id: str) -> None:
        """Raises ImportNotFound, ImportBusy."""
        await self._found(owner, import_id)
        if not await self._store.drop(owner, import_id, states=["preview", "undone"]):
            raise ImportBusy("It is applied. Undo it first, so that nobody has to guess what it brought.")

    async def sweep(self) -> None:
        now = epoch_ms(self._clock)
        await self._store.sweep(aged_before=now - KEEP_MS, read_before=now - READING_MS)

    async def _found(self, owner: Owner, import_id: str) -> StoredImport:
        held = await self._store.get(owner, import_id)
        if held is None:
            raise ImportNotFound("There is no such import.")
        return held

    async def _view(self, held: StoredImport) -> ImportView:
        read, told = read_of(held), told_of(held)
        report = read.report
        state, problem = await self._state(held)
        return ImportView(
            id=held.id,
            format=report.format,
            state=state,
            counts=report.counts,
            titles=report.titles,
            known_titles=read.known_titles,
            items=report.first,
            unread=report.unread,
            unread_first=report.unread_first,
            ignored=report.ignored,
            result=told.result(),
            problem=problem,
            created_at=moment_of(held.created_at),
            changed_at=moment_of(held.changed_at),
            without_room=read.without_room,
        )

    async def _state(self, held: StoredImport) -> tuple[ImportState, str]:
        match held.state:
            case "applying" | "undoing" as state if not await self._is_at_work(held):
                # Whoever was at it is gone for good, or ended between two looks.
                latest = await self._store.get(held.owner, held.id)
                if latest is not None and latest.state != state:
                    return await self._state(latest)
                return "interrupted", STOPPED[state]
            case "applied" if await self._is_at_work(held):
                return "applying", ""
            case "undone" if await self._is_at_work(held):
                return "undoing", ""
            case "reading":
                return "preview", ""
            case state:
                return state, ""


class _Known:
    """How many of the titles something is known of here; a streaming that is away costs that, no more."""

    def __init__(
        self, viewing: ViewingClient, upkeep: ViewingUpkeepClient, identity: Identity, clock: Clock
    ) -> None:
        self._viewing = viewing
        self._upkeep = upkeep
        self._identity = identity
        self._deadline: Deadline | None = None
        self._clock = clock
        self._ids: set[str] = set()
        self._is_told = True

    @property
    def titles(self) -> int | None:
        return len(self._ids) if self._is_told else None

    async def count(self, titles: Titles) -> None:
        self._deadline = self._deadline or Deadline.after(self._clock, KNOWN_WITHIN_S)
        if not self._is_told:
            return
        try:
            found = await self._viewing.flags(self._identity, titles.ids, deadline=self._deadline)
        except HeadgateError:
            self._is_told = False
        else:
            self._ids |= found.keys()

    async def without_room(self, titles: int) -> int:
        """How many of so many are more than the profile keeps, beside what it has."""
        if not self._is_told:
            return 0
        deadline = Deadline.after(self._clock, KNOWN_WITHIN_S)
        try:
            kept = await self._upkeep.information(self._identity, deadline=deadline)
        except HeadgateError:
            return 0
        return min(titles, max(0, kept.titles + titles - len(self._ids) - MAX_TITLES))

    def marked(self, report: Report) -> Report:
        first = tuple(
            msgspec.structs.replace(item, known=item.title_id in self._ids) for item in report.first
        )
        return msgspec.structs.replace(report, first=first)


class _Taking:
    """Rows as they come, into the store."""

    def __init__(self, store: ImportStore, import_id: str, known: _Known) -> None:
        self._store = store
        self._id = import_id
        self._number = 0
        self.known = known

    async def rows(self, rows: Rows) -> None:
        chunk = Chunk(self._number, rows.part, bytes(rows.rows).decode())
        self._number += 1
        await self._store.add_rows(self._id, [chunk])
