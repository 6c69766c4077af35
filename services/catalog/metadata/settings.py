"""An account's key of TMDB and what its profiles chose: saved once TMDB has taken it, shown by its ending."""

from __future__ import annotations

from libs.common.clock import Clock, epoch_ms, moment_of, moment_or_none
from libs.common.contracts.tmdb import TmdbChoice, TmdbKeyView, TmdbSettings, TmdbState
from libs.common.deadline import Deadline
from libs.common.secrets import SecretBox
from libs.protocols.tmdb.errors import InvalidKey, KeyRefused
from libs.protocols.tmdb.key import TmdbKey
from services.catalog.addons import Registry
from services.catalog.metadata.errors import NotATmdbKey, TmdbKeyMissing
from services.catalog.metadata.failures import told
from services.catalog.metadata.keys import sealed
from services.catalog.metadata.model import HeldKey, Tmdb
from services.catalog.model import Owner
from services.catalog.sources.tmdb import EXPECTED, Seen, TmdbSource
from services.catalog.store.tmdb_choices import TmdbChoiceStore

_WORDS: dict[TmdbState, str] = {
    "off": "There is no key, so TMDB is not asked.",
    "works": "TMDB takes the key, and completes what addons leave out.",
    "refused": "TMDB refuses the key. It is not asked until it takes the key again, or has another one.",
    "locked": "The key can't be opened with the hub's secret key. Save it again.",
    "rate_held": "TMDB wants quiet for a moment. What it said before is shown meanwhile.",
    "away": "TMDB can't be reached. What it said before is shown meanwhile.",
}


class KeyChoices:
    """Each change is seen by the next question on every replica: it raises the revisions it concerns."""

    def __init__(
        self,
        store: TmdbChoiceStore,
        source: TmdbSource,
        registry: Registry,
        *,
        box: SecretBox,
        clock: Clock,
    ) -> None:
        self._store = store
        self._source = source
        self._registry = registry
        self._box = box
        self._clock = clock

    async def view(self, owner: Owner) -> TmdbSettings:
        return _view((await self._registry.listing(owner)).tmdb, self._source.seen)

    async def choose(self, owner: Owner, choice: TmdbChoice) -> TmdbSettings:
        await self._store.choose(owner, choice)
        return await self._fresh(owner)

    async def take_over(self, account_id: str, key: TmdbKey, *, look: bool) -> bool:
        """A key that TMDB took at another hub, where there is none; whether that is so."""
        return await self._store.put_key(
            account_id, sealed(self._box, account_id, key), at=epoch_ms(self._clock), look=look
        )

    async def save_key(self, owner: Owner, text: str, *, deadline: Deadline) -> TmdbSettings:
        """Asks TMDB first. Raises NotATmdbKey, TmdbKeyRefused, or why TMDB can't say; the old key stays."""
        try:
            key = TmdbKey(text)
        except InvalidKey as error:
            raise NotATmdbKey(str(error), fields={"key": str(error)}) from None
        try:
            await self._source.check_key(key, deadline=deadline)
        except KeyRefused as error:
            raise told(error, field="key") from None
        except EXPECTED as error:
            raise told(error) from None
        await self._store.save_key(
            owner.account_id, sealed(self._box, owner.account_id, key), at=epoch_ms(self._clock)
        )
        return await self._fresh(owner)

    async def check(self, owner: Owner, *, deadline: Deadline) -> TmdbSettings:
        """Asks TMDB now, whatever it said before. What goes wrong is told by the state."""
        held = (await self._registry.fresh(owner)).listing.tmdb.held
        if held is None:
            raise TmdbKeyMissing("There is no key to check.")
        if held.key is not None:
            try:
                await self._source.check_key(held.key, deadline=deadline)
            except KeyRefused:
                await self.refused(held)
            except EXPECTED:
                pass  # the source remembers it, and the state tells
            else:
                await self._store.note_taken(held.account_id, held.saved_at, at=epoch_ms(self._clock))
        return await self._fresh(owner)

    async def remove_key(self, owner: Owner) -> None:
        await self._store.remove_key(owner.account_id)

    async def refused(self, held: HeldKey) -> None:
        """TMDB doesn't take that key any more."""
        await self._store.note_refused(held.account_id, held.saved_at, at=epoch_ms(self._clock))

    async def _fresh(self, owner: Owner) -> TmdbSettings:
        return _view((await self._registry.fresh(owner)).listing.tmdb, self._source.seen)


def _view(tmdb: Tmdb, seen: Seen) -> TmdbSettings:
    state = _state(tmdb, seen)
    return TmdbSettings(state=state, detail=_WORDS[state], key=_key_view(tmdb.held), choice=tmdb.choice)


def _state(tmdb: Tmdb, seen: Seen) -> TmdbState:
    if tmdb.held is None:
        return "off"
    if tmdb.held.key is None:
        return "locked"
    return "refused" if tmdb.held.refused_at is not None else seen.state


def _key_view(held: HeldKey | None) -> TmdbKeyView | None:
    if held is None:
        return None
    return TmdbKeyView(
        kind=held.key.kind if held.key is not None else None,
        ending=held.key.ending if held.key is not None else "",
        saved_at=moment_of(held.saved_at),
        checked_at=moment_or_none(held.checked_at),
        refused_at=moment_or_none(held.refused_at),
    )
