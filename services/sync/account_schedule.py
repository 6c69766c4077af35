"""Which accounts at providers are to be synced now: new ones at once, others when it is time for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog

from libs.common.clock import Clock
from libs.common.contracts.handover import ProviderRef
from libs.common.contracts.sync import SyncSettings
from libs.common.errors import HeadgateError
from services.sync.account_settings import METERED_S, due_at, is_quiet
from services.sync.jobs import Jobs
from services.sync.kinds.turns import DETAILS
from services.sync.model import SUBJECT_KINDS
from services.sync.providers import Providers
from services.sync.store.account_settings import AccountSettingsStore
from services.sync.store.jobs import Latest, Store

LOOK_S: Final = 3.0

log = structlog.get_logger(__name__)

Runs = Mapping[tuple[str, str], Latest]


class AccountSchedule:
    """Called every few seconds; does nothing most of the time. Replicas agree by the slots of runs."""

    def __init__(
        self,
        jobs: Jobs,
        runs: Store,
        settings: AccountSettingsStore,
        providers: Providers,
        clock: Clock,
    ) -> None:
        self._jobs = jobs
        self._runs = runs
        self._settings = settings
        self._providers = providers
        self._clock = clock
        self._failing = False

    async def look(self) -> None:
        # Before the accounts: one that is added meanwhile must not look as if it were gone.
        latest = [run for run in await self._runs.latest() if run.kind in SUBJECT_KINDS]
        runs = {(run.subject, run.kind): run for run in latest}
        settled = await self._settings.everybodys()
        try:
            refs = await self._providers.everybodys()
        except HeadgateError as error:
            if not self._failing:
                log.warning("accounts_not_looked_at", code=error.code)
            self._failing = True
            return
        self._failing = False
        await self._forget({ref.id for ref in refs}, {subject for subject, _ in runs} | set(settled))
        metered = await self._settings.metered_since(int((self._clock.time() - METERED_S) * 1000))
        for ref in refs:
            choices = settled[ref.id].choices if ref.id in settled else SyncSettings()
            if not await self._sync(ref, choices, runs, metered):
                await self._fill(ref, choices, runs, metered)

    async def _sync(
        self, ref: ProviderRef, choices: SyncSettings, runs: Runs, metered: set[tuple[str, str]]
    ) -> bool:
        """Whether a sync is unfinished, or was queued now."""
        latest = runs.get((ref.id, ref.kind))
        if latest is not None and latest.finished_at is None:
            return True
        due, now = due_at(ref, choices, latest), self._clock.now()
        if due is None or now.timestamp() < due:
            return False
        # The first one is what its owner waits for.
        if due and (is_quiet(choices.quiet, now) or _is_held(ref, choices, metered)):
            return False
        return await self._queue(ref, ref.kind, f"{int(due)}")

    async def _fill(
        self, ref: ProviderRef, choices: SyncSettings, runs: Runs, metered: set[tuple[str, str]]
    ) -> bool:
        """Once behind every sync, unless a later one is about to begin."""
        synced = runs.get((ref.id, ref.kind))
        if ref.kind != "xtream" or synced is None or synced.finished_at is None or ref.synced_at is None:
            return False
        if synced.state == "cancelled" or _is_held(ref, choices, metered):
            return False
        return await self._queue(ref, DETAILS, synced.id)

    async def _queue(self, ref: ProviderRef, kind: str, slot: str) -> bool:
        queued = await self._jobs.queue(
            kind,
            "incremental",
            ref.account_id,
            profile_id=ref.profile_id,
            subject=ref.id,
            slot=f"{kind}/{ref.id}/{slot}",
        )
        return queued is not None

    async def _forget(self, there: set[str], known: set[str]) -> None:
        for gone in known - there:
            await self._settings.forget(gone)
            await self._runs.forget_subject(gone)


def _is_held(ref: ProviderRef, choices: SyncSettings, metered: set[tuple[str, str]]) -> bool:
    return choices.only_unmetered and (ref.account_id, ref.profile_id) in metered
