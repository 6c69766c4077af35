"""What people may do with jobs: start, look, list, cancel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from libs.common.clock import Clock, epoch_ms
from libs.common.errors import Unavailable
from libs.common.identity import Identity
from libs.common.secrets import new_token
from services.sync.errors import JobForbidden, JobNotFound
from services.sync.kinds import Kinds
from services.sync.kinds.base import OfProfile
from services.sync.model import SUBJECT_KINDS, JobRun, Mode, Owner
from services.sync.providers import Providers
from services.sync.store.jobs import Filter, Store

ADMINS = frozenset({"owner", "admin", "service"})
LOOKS = 10
"""Short jobs under many callers end between two looks about once in a hundred times (measured)."""


class Bell:
    """Wakes whoever waits for a change in this process. Changes of other replicas are found by looking."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, longest_s: float) -> None:
        """Return when it rings, or after `longest_s`."""
        try:
            async with asyncio.timeout(longest_s):
                await self._event.wait()
        except TimeoutError:
            return


class Bells:
    """`work` rings for the worker (something was queued or cancelled), `news` for those who watch a job."""

    def __init__(self) -> None:
        self.work = Bell()
        self.news = Bell()


class Jobs:
    """Jobs as one caller may see them: an account its own, an administrator all."""

    def __init__(
        self,
        store: Store,
        kinds: Kinds,
        bells: Bells,
        clock: Clock,
        *,
        providers: Providers,
        new_id: Callable[[], str] = lambda: new_token(bytes_=9),
    ) -> None:
        self._store = store
        self._kinds = kinds
        self._bells = bells
        self._clock = clock
        self._providers = providers
        self._new_id = new_id

    async def start(self, identity: Identity, kind_name: str, mode: Mode, account_id: str | None) -> JobRun:
        """Queue a run. If one of that kind is unfinished for the account, that one is the answer.

        `account_id` is an account here or, for work about one, at a provider.
        """
        kind = self._kinds[kind_name]
        await kind.check()
        if kind.scope == "provider":
            whose = await self._providers.find(identity, SUBJECT_KINDS[kind_name], account_id)
            account, profile, subject = whose.account_id, whose.profile_id, whose.id
        elif isinstance(kind, OfProfile):
            account, profile = identity.account_id, identity.profile_id
            subject = await kind.subject_of(Owner(account, profile))
        else:
            account = "" if kind.scope == "hub" else account_id or identity.account_id
            profile = subject = ""
        if account != identity.account_id and not _is_admin(identity):
            raise JobForbidden("Only the owner or an administrator may start this.")
        return await self.join(kind_name, mode, account, profile_id=profile, subject=subject)

    async def join(
        self, kind: str, mode: Mode, account_id: str, *, profile_id: str = "", subject: str = ""
    ) -> JobRun:
        """Queue a run, or the one that is unfinished. Who may start it was asked before."""
        for _ in range(LOOKS):
            run = await self.queue(kind, mode, account_id, profile_id=profile_id, subject=subject)
            # The one that stood in the way may end before it is looked up: then there is room for a new one.
            run = run or await self._store.unfinished(kind, account_id, subject)
            if run is not None:
                return run
        raise Unavailable("Jobs of this kind come and go too fast to be counted.", retry_after_s=1)

    async def check(self, kind_name: str) -> None:
        """Raises why a run of that kind can't be started now."""
        await self._kinds[kind_name].check()

    async def queue(
        self,
        kind: str,
        mode: Mode,
        account_id: str,
        *,
        profile_id: str = "",
        subject: str = "",
        slot: str | None = None,
    ) -> JobRun | None:
        """Queue a run, or None if there is an unfinished one or the slot was used."""
        run = JobRun(
            id=self._new_id(),
            kind=kind,
            mode=mode,
            account_id=account_id,
            profile_id=profile_id,
            subject=subject,
            state="queued",
            created_at=epoch_ms(self._clock),
        )
        added = await self._store.add(run, slot=slot)
        if added is not None:
            self._bells.work.ring()
        return added

    async def get(self, identity: Identity, job_id: str) -> JobRun:
        visible = Filter(accounts=visible_accounts(identity), profile=identity.profile_id, id=job_id, limit=1)
        runs = await self._store.listed(visible)
        if not runs:
            raise JobNotFound("There is no such job.")
        return runs[0]

    async def listed(self, wanted: Filter) -> list[JobRun]:
        """`wanted.accounts` comes from `visible_accounts`, never from the caller's own words."""
        return await self._store.listed(wanted)

    async def cancel(self, identity: Identity, job_id: str) -> JobRun:
        """Cancel the run; a finished one stays as it is. A running one ends within a heartbeat."""
        await self.get(identity, job_id)
        await self._store.cancel(job_id)
        self._bells.work.ring()
        self._bells.news.ring()
        return await self.get(identity, job_id)


def visible_accounts(identity: Identity) -> tuple[str, ...] | None:
    """Whose jobs the caller may see; None for everybody's."""
    return None if _is_admin(identity) else (identity.account_id,)


def _is_admin(identity: Identity) -> bool:
    return not ADMINS.isdisjoint(identity.roles)
