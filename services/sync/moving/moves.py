"""What somebody may do with a file of another hub: bring it, look at what would come of it, apply that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Final

import msgspec

from libs.common.clock import Clock, epoch_ms, moment_of
from libs.common.contracts.moving import NEW_PROFILE, MovedProfile, MoveList, MoveState, MoveView
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.common.secrets import SecretBox, new_token
from services.sync.imports.errors import FileUnusable, ImportBusy, TooManyImports
from services.sync.imports.files import Files
from services.sync.imports.unread import forgotten_if_unread
from services.sync.model import Owner
from services.sync.moving.errors import MoveNotFound, PassphraseNeeded, WrongPassphrase
from services.sync.moving.form import FileRow, Manifest
from services.sync.moving.profiles import Profiles
from services.sync.moving.reading import Begun, Ended, Line, Rows
from services.sync.moving.sealing import CannotOpen, Opener
from services.sync.moving.taking_in import TakingIn
from services.sync.moving.told import Read, read_of, sealed_again, text_of, told_of
from services.sync.store.imports import Chunk, ImportStore, StoredImport

MODULE: Final = "services.sync.moving.reading"
MOST: Final = 3
"""Of one account. They go as other imports do that nobody applied."""
LOOK_S: Final = 60.0
LOOKED_AT_ONCE: Final = 2
"""A large one takes a processor for a quarter of a minute."""
STOPPED: Final = "It was interrupted before it was known to be done. Apply it again: nothing comes twice."

Queue = Callable[[StoredImport], Awaitable[None]]
IsAtWork = Callable[[StoredImport], Awaitable[bool]]
_line = msgspec.json.Decoder(Line)


class Moves:
    """`queue` has one carried out in the background; `is_at_work` says whether somebody still is."""

    def __init__(
        self,
        store: ImportStore,
        files: Files,
        taking: TakingIn,
        profiles: Profiles,
        *,
        box: SecretBox,
        queue: Queue,
        is_at_work: IsAtWork,
        clock: Clock,
        new_id: Callable[[], str] = lambda: new_token(bytes_=9),
    ) -> None:
        self._store = store
        self._files = files
        self._taking = taking
        self._profiles = profiles
        self._box = box
        self._queue = queue
        self._is_at_work = is_at_work
        self._clock = clock
        self._new_id = new_id
        self._looking = asyncio.Semaphore(LOOKED_AT_ONCE)

    async def bring(self, identity: Identity, pieces: AsyncIterable[bytes], passphrase: str) -> MoveView:
        """Nothing is applied yet. Raises FileUnusable, PassphraseNeeded, WrongPassphrase, TooManyImports,
        ImportBusy, Unavailable, and what `pieces` raises."""
        owner, now = _owner(identity), self._now()
        new = StoredImport(id=self._new_id(), owner=owner, state="reading", created_at=now, changed_at=now)
        staging = _Staging(self._store, self._box, new, passphrase)
        async with forgotten_if_unread(self._store, new):
            manifest = await self._files.told(owner.account_id, pieces, MODULE, staging.hear)
            read = await self._looked(identity, new, manifest)
            if not await self._store.ready(owner, new.id, text_of(read), at=self._now()):
                raise MoveNotFound("The account is gone.")
        return await self.get(identity, new.id)

    async def listed(self, identity: Identity) -> MoveList:
        """Newest first."""
        return MoveList(
            tuple([await self._view(held) for held in await self._store.listed(_owner(identity))])
        )

    async def get(self, identity: Identity, import_id: str) -> MoveView:
        """Raises MoveNotFound."""
        return await self._view(await self._found(identity, import_id))

    async def apply(self, identity: Identity, import_id: str) -> MoveView:
        """Has it done; one that is applied stays so.

        Raises MoveNotFound, ImportBusy, and what is said about profiles.
        """
        held = await self._found(identity, import_id)
        if held.state == "applied" or (held.state == "applying" and await self._is_at_work(held)):
            return await self._view(held)
        if await self._is_another_at_work(held):
            raise ImportBusy("Another file is being applied. Apply this one when that has ended.")
        await self._profiles.check_room(identity, read_of(held).profiles)
        if not await self._store.move(held.owner, held.id, [held.state], "applying", at=self._now()):
            raise ImportBusy("Something else is done with it just now.")
        await self._queue(held)
        return await self.get(identity, held.id)

    async def drop(self, identity: Identity, import_id: str) -> None:
        """Raises MoveNotFound, ImportBusy."""
        held = await self._found(identity, import_id)
        if held.state == "applying" and await self._is_at_work(held):
            raise ImportBusy("It is being applied. Drop it when that has ended.")
        await self._store.drop(held.owner, held.id, states=["preview", "applying", "applied"])

    async def _looked(self, identity: Identity, new: StoredImport, manifest: Manifest) -> Read:
        profiles = await self._profiles.known(identity, manifest.profiles)
        async with self._looking:
            deadline = Deadline.after(self._clock, LOOK_S)
            told = await self._taking.look(new, profiles, deadline=deadline)
        return Read(
            made_at=manifest.made_at,
            credentials=manifest.credentials,
            profiles=manifest.profiles,
            new=frozenset(id_ for id_, here in profiles.items() if here.startswith(NEW_PROFILE)),
            preview=told.result(),
        )

    async def _is_another_at_work(self, held: StoredImport) -> bool:
        """Two at once would make the same profiles, and find each other's addons in their way."""
        others = [one for one in await self._store.listed(held.owner) if one.id != held.id]
        return any([one.state == "applying" and await self._is_at_work(one) for one in others])

    async def _found(self, identity: Identity, import_id: str) -> StoredImport:
        held = await self._store.get(_owner(identity), import_id)
        if held is None:
            raise MoveNotFound("There is no such import.")
        return held

    async def _view(self, held: StoredImport) -> MoveView:
        read, told = read_of(held), told_of(held)
        state, problem = await self._state(held)
        return MoveView(
            id=held.id,
            state=state,
            made_at=read.made_at,
            credentials=read.credentials,
            profiles=tuple(MovedProfile(name=one.name, is_new=one.id in read.new) for one in read.profiles),
            preview=read.preview,
            result=told.result() if told.taken else None,
            problem=problem,
            created_at=moment_of(held.created_at),
            changed_at=moment_of(held.changed_at),
        )

    async def _state(self, held: StoredImport) -> tuple[MoveState, str]:
        if held.state == "applying" and not await self._is_at_work(held):
            # Whoever was at it is gone for good, or ended between two looks.
            latest = await self._store.get(held.owner, held.id)
            if latest is None or latest.state == "applying":
                return "interrupted", STOPPED
            held = latest
        if held.state == "applied":
            return "applied", ""
        return ("applying" if held.state == "applying" else "preview"), ""

    def _now(self) -> int:
        return epoch_ms(self._clock)


class _Staging:
    """Rows as they come, into the store: what the passphrase opens is sealed again as this hub seals."""

    def __init__(self, store: ImportStore, box: SecretBox, new: StoredImport, passphrase: str) -> None:
        self._store = store
        self._box = box
        self._new = new
        self._id = new.id
        self._passphrase = passphrase
        self._manifest: Manifest | None = None
        self._opener: Opener | None = None
        self._number = 0

    async def hear(self, text: bytes) -> Manifest | None:
        match _line.decode(text):
            case Begun(manifest):
                self._manifest = manifest
                self._opener = await self._opening(manifest)
                # Not before: no older one makes room for what is of no use.
                if not await self._store.begin(self._new, most=MOST, spare=("preview", "applied")):
                    raise TooManyImports(f"{MOST} files at most are kept, and all are being read or applied.")
            case Rows(kind, rows):
                staged = tuple(self._staged(kind, row) for row in rows)
                body = msgspec.json.encode(staged).decode()
                await self._store.add_rows(self._id, [Chunk(self._number, kind, body)])
                self._number += 1
            case Ended(problem) if problem or self._manifest is None:
                raise FileUnusable(problem or "It can't be read.")
            case Ended():
                return self._manifest
        return None

    async def _opening(self, manifest: Manifest) -> Opener | None:
        if manifest.sealing is None:
            return None
        if not self._passphrase:
            sentence = (
                "Addresses and passwords in it are sealed. Say the passphrase that it was exported with."
            )
            raise PassphraseNeeded(sentence, fields={"passphrase": "needed"})
        try:
            return await asyncio.to_thread(Opener, manifest.sealing, self._passphrase)
        except CannotOpen:
            raise FileUnusable("It was sealed in a way that is not known here.") from None

    def _staged(self, kind: str, row: FileRow) -> FileRow:
        if not row.sealed or self._opener is None:
            return msgspec.structs.replace(row, sealed="")
        try:
            secret = self._opener.opened(row.sealed, member=f"{kind}.ndjson")
        except CannotOpen:
            sentence = "The file does not open with this passphrase, or it is damaged."
            raise WrongPassphrase(sentence, fields={"passphrase": "does not open it"}) from None
        return msgspec.structs.replace(row, sealed=sealed_again(self._box, self._id, secret))


def _owner(identity: Identity) -> Owner:
    """An account's, whichever of its profiles asks."""
    return Owner(identity.account_id, "")
