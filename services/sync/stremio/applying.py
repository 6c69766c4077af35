"""Carrying a plan out: Headgate's list, a backup, Stremio's list, and a look whether it is so.

Whoever takes an interrupted plan over begins here again. Nothing depends on where it stopped: what was taken
is found in Headgate's list, and what was written in Stremio's.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.stremio_account import PlanState
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.protocols.stremio_api.errors import Declined
from libs.protocols.stremio_api.wire import Descriptor, is_same
from services.sync.store.stremio_plans import StoredBackup, StoredPlan, StremioPlanStore
from services.sync.stremio.access import Session, StremioAccess
from services.sync.stremio.errors import StremioNotConnected
from services.sync.stremio.lists import Own, is_same_choice, lines_of, moved, reasons_text
from services.sync.stremio.plan_body import BackupBody, PlanBody, PlanProgress, addons_of, raws_of
from services.sync.stremio.sealing import Sealing
from services.sync.stremio.taking import Taking, Took

MOST_MANIFEST_BYTES: Final = 8192
"""Of JSON: Stremio's apps sync no addon with a larger one."""
CALL_S: Final = 30.0

CHANGED: Final = (
    "Your list at Stremio changed after you looked at it, so nothing was changed. Look at it again."
)
CHANGED_AFTER: Final = (
    "Your list at Stremio is neither as it was nor as it was to become: something else changed it at the same"
    " time. Look at it; the backup has it as it was."
)
UNSURE: Final = (
    "Whether your list at Stremio was changed is not known yet. Apply this again: it looks, and goes on."
)
OTHER_ACCOUNT: Final = "Another Stremio account is connected now, so nothing was changed."
TOO_LARGE: Final = (
    "The merged manifest is too large for Stremio's apps, so nothing was changed. Hide some rows first."
)
DECLINED: Final = "Stremio did not take the list, so nothing was changed there."

log = structlog.get_logger(__name__)


class Refused(Exception):
    """It can't be carried out; the text is for people. `is_unsure`: it may have been written before."""

    def __init__(self, sentence: str, *, is_unsure: bool = False) -> None:
        super().__init__(sentence)
        self.is_unsure = is_unsure


class Applying:
    """Raises StremioAway or Unavailable where it has to be tried again."""

    def __init__(
        self,
        plans: StremioPlanStore,
        access: StremioAccess,
        sealing: Sealing,
        catalog: CatalogClient,
        clock: Clock,
    ) -> None:
        self._plans = plans
        self._access = access
        self._sealing = sealing
        self._catalog = catalog
        self._clock = clock

    async def apply(self, plan: StoredPlan) -> None:
        run = self._run(plan)
        try:
            problem = await self._carry_out(run)
        except StremioNotConnected as error:
            await self._give_up(run, str(error))
        except Refused as error:
            if not error.is_unsure:
                await self._take_back(run)
            await self._end(plan, "refused", str(error))
        else:
            await self._plans.applied(plan.id, problem, undid=run.body.undoes, at=epoch_ms(self._clock))
            log.info("stremio_plan_applied", plan=plan.id, action=plan.action, whole=not problem)

    async def give_up(self, plan: StoredPlan, reason: str) -> None:
        """Nobody tries again by itself. What was taken goes back, unless the list may have been written."""
        await self._give_up(self._run(plan), reason)

    async def _give_up(self, run: _Run, reason: str) -> None:
        if run.progress.writing:
            await self._end(run.plan, "interrupted", f"{reason} {UNSURE}")
            return
        await self._take_back(run)
        await self._end(run.plan, "refused", f"{reason} Nothing was changed.")

    async def _carry_out(self, run: _Run) -> str:
        """What is to be said about it, done as it is."""
        async with self._access.session(run.plan.owner) as session:
            if session.connection.stremio_user != run.body.stremio_user:
                raise Refused(OTHER_ACCOUNT, is_unsure=run.progress.writing)
            outcome = await asyncio.to_thread(_outcome, run, await self._now_there(session))
            took = await self._take(run)
            if outcome is None:
                outcome = await self._write(run, session, await self._target(run, took))
        if outcome:
            return outcome
        await self._taking(run).take_out(run.body.gone)
        return reasons_text(took.left)

    async def _take(self, run: _Run) -> Took:
        if not run.body.takes:
            return Took({}, ())
        taking = self._taking(run)
        if run.progress.had is None:
            # Kept before anything is added: what was added is told from what was there by this alone.
            await self._keep(run, had=frozenset(await taking.held()))
        took = await taking.take(run.body.takes, run.progress.had or frozenset())
        await self._keep(run, added=dict(took.added))
        return took

    async def _target(self, run: _Run, took: Took) -> list[Descriptor]:
        if run.plan.action != "move":
            return addons_of(run.body.target)
        within = Deadline.after(self._clock, CALL_S)
        manifest = await self._catalog.merged_manifest(run.identity, deadline=within)
        if len(manifest) > MOST_MANIFEST_BYTES:
            raise Refused(TOO_LARGE)
        own = Own(run.body.own_url, run.body.own_prefix, manifest)
        target = moved(run.before, own, took.urls)
        # What is shown of it from now on is what becomes of it.
        lines = await asyncio.to_thread(lines_of, run.before, target, own, taken=took.urls)
        body = msgspec.structs.replace(run.body, lines=lines)
        await self._plans.keep_body(run.plan.id, self._sealing.seal(run.plan.owner, "plan", body))
        return target

    async def _write(self, run: _Run, session: Session, target: list[Descriptor]) -> str:
        """The list is read again right before, and once more behind it."""
        now = await self._now_there(session)
        outcome = await asyncio.to_thread(_outcome, run, now)
        if outcome is not None or await asyncio.to_thread(is_same, now, target):
            return outcome or ""
        await self._back_up(run, now)
        await self._keep(run, writing=True, written=raws_of(target))
        try:
            await session.api.set_addons(session.key, target, deadline=Deadline.after(self._clock, CALL_S))
        except Declined:
            raise Refused(DECLINED) from None
        outcome = await asyncio.to_thread(_outcome, run, await self._now_there(session))
        if outcome is None:
            raise Refused(DECLINED)
        return outcome

    async def _back_up(self, run: _Run, now: list[Descriptor]) -> None:
        plan = run.plan
        await self._plans.back_up(
            StoredBackup(
                id=plan.id,
                owner=plan.owner,
                stremio_user=run.body.stremio_user,
                action=plan.action,
                addons=len(now),
                sealed_body=self._sealing.seal(plan.owner, "backup", BackupBody(raws_of(now))),
                made_at=epoch_ms(self._clock),
            )
        )

    async def _take_back(self, run: _Run) -> None:
        """So that nothing is half done. What the list at Stremio may lack by now stays in Headgate."""
        if run.progress.had is None:
            return
        taking = self._taking(run)
        held = await taking.held()
        added = [
            held[take.url] for take in run.body.takes if take.url in held and take.url not in run.progress.had
        ]
        await taking.take_out(added)

    def _taking(self, run: _Run) -> Taking:
        return Taking(self._catalog, run.identity, self._clock)

    async def _now_there(self, session: Session) -> list[Descriptor]:
        return await session.api.addons(session.key, deadline=Deadline.after(self._clock, CALL_S))

    async def _keep(self, run: _Run, **changes: Any) -> None:
        run.progress = msgspec.structs.replace(run.progress, **changes)
        sealed = self._sealing.seal(run.plan.owner, "progress", run.progress)
        await self._plans.keep_progress(run.plan.id, sealed)

    async def _end(self, plan: StoredPlan, state: PlanState, problem: str) -> None:
        await self._plans.end(plan.id, state, problem, at=epoch_ms(self._clock))
        log.info("stremio_plan_ended", plan=plan.id, action=plan.action, state=state)

    def _run(self, plan: StoredPlan) -> _Run:
        body = self._sealing.open(plan.owner, "plan", plan.sealed_body, PlanBody)
        progress = PlanProgress()
        if plan.sealed_progress is not None:
            progress = self._sealing.open(plan.owner, "progress", plan.sealed_progress, PlanProgress)
        return _Run(plan, body, addons_of(body.before), progress)


@dataclass(slots=True)
class _Run:
    """A plan on its way. `progress` is what is kept of it."""

    plan: StoredPlan
    body: PlanBody
    before: list[Descriptor]
    progress: PlanProgress

    @property
    def identity(self) -> Identity:
        return Identity(self.plan.owner.account_id, self.plan.owner.profile_id)


def _outcome(run: _Run, now: list[Descriptor]) -> str | None:
    """None while the list is as it was looked at; else it was written, and what is to be said of that.

    Raises Refused where somebody else has changed it.
    """
    if is_same(now, run.before):
        return None
    if not run.progress.writing:
        raise Refused(CHANGED)
    return "" if is_same_choice(now, addons_of(run.progress.written)) else CHANGED_AFTER
