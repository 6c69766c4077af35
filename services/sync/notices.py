"""Telling the owner's webhook that a sync has ended."""

from __future__ import annotations

from typing import Final

import msgspec
import structlog

from libs.common.contracts.sync import RunEnded
from libs.common.secrets import SecretBox
from libs.common.tasks import Tasks
from services.sync.account_settings import webhook_context
from services.sync.model import SYNC_KINDS, JobRun
from services.sync.schemas import job_of
from services.sync.sources.webhooks import Webhooks
from services.sync.store.account_settings import AccountSettingsStore
from services.sync.store.jobs import Store

log = structlog.get_logger(__name__)

_TOLD: Final = frozenset({"succeeded", "failed"})
"""Whoever cancels knows it already."""


class Notices:
    """Once, and without waiting for whoever is told: a run is over all the same."""

    def __init__(
        self, runs: Store, settings: AccountSettingsStore, webhooks: Webhooks, box: SecretBox, tasks: Tasks
    ) -> None:
        self._runs = runs
        self._settings = settings
        self._webhooks = webhooks
        self._box = box
        self._tasks = tasks

    def ended(self, run: JobRun) -> None:
        if run.kind in SYNC_KINDS:
            self._tasks.spawn("sync_notice", self._tell(run.id, run.subject))

    async def _tell(self, job_id: str, subject: str) -> None:
        settled, run = await self._settings.get(subject), await self._runs.get(job_id)
        if settled is None or settled.sealed_webhook is None or not settled.choices.notify:
            return
        if run is None or run.state not in _TOLD:
            return
        url = self._box.open(settled.sealed_webhook, context=webhook_context(subject)).decode()
        outcome = await self._webhooks.post(url, msgspec.json.encode(RunEnded(job=job_of(run))))
        log.info("sync_notice_sent", job=job_id, outcome=outcome)
