"""Changes to the list of addons at Stremio, looked at before they are made, and the lists as they were."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from libs.common.clock import Clock, epoch_ms, moment_of, moment_or_none
from libs.common.contracts.auth import AuthClient
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.stremio_account import (
    InstalledAddon,
    InstalledAddons,
    NewPlan,
    PlanList,
    PlanView,
    StremioBackup,
    StremioBackups,
)
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.common.secrets import new_token
from services.sync.model import Owner
from services.sync.store.stremio import StremioStore
from services.sync.store.stremio_plans import StoredPlan, StremioPlanStore
from services.sync.stremio.access import StremioAccess
from services.sync.stremio.errors import PlanNotFound, PlanOver
from services.sync.stremio.lists import masked, shown_name, usable_url
from services.sync.stremio.plan_body import PlanBody
from services.sync.stremio.planning import Planner, Subject, own_addon
from services.sync.stremio.sealing import Sealing

Queue = Callable[[StoredPlan], Awaitable[None]]
IsAtWork = Callable[[StoredPlan], Awaitable[bool]]

STOPPED = (
    "It was interrupted before it was known to be done. Apply it again: it looks where it was, and goes on."
)


class Plans:
    """`queue` has a plan carried out in the background; `is_at_work` says whether somebody still is at it."""

    def __init__(
        self,
        store: StremioPlanStore,
        connections: StremioStore,
        access: StremioAccess,
        planner: Planner,
        sealing: Sealing,
        *,
        auth: AuthClient,
        catalog: CatalogClient,
        queue: Queue,
        is_at_work: IsAtWork,
        clock: Clock,
        new_id: Callable[[], str] = lambda: new_token(bytes_=9),
    ) -> None:
        self._store = store
        self._connections = connections
        self._access = access
        self._planner = planner
        self._sealing = sealing
        self._auth = auth
        self._catalog = catalog
        self._queue = queue
        self._is_at_work = is_at_work
        self._clock = clock
        self._new_id = new_id

    async def installed(self, identity: Identity, base_url: str, *, deadline: Deadline) -> InstalledAddons:
        """Raises StremioNotConnected, StremioAway."""
        subject = await self._subject(identity, base_url, deadline)
        sources = await self._catalog.addon_sources(identity, deadline=deadline)
        here = {source.transport_url for source in sources.items}
        return InstalledAddons(
            tuple(
                InstalledAddon(
                    name=shown_name(addon),
                    address=masked(addon.transport_url),
                    version=addon.version,
                    official=addon.official,
                    protected=addon.protected,
                    is_own=subject.own.is_it(addon),
                    in_headgate=usable_url(addon) in here,
                )
                for addon in subject.now
            )
        )

    async def make(self, identity: Identity, new: NewPlan, base_url: str, *, deadline: Deadline) -> PlanView:
        """Nothing is changed yet. Raises StremioNotConnected, StremioAway, NothingToChange, BackupNotFound,
        OtherAccount."""
        subject = await self._subject(identity, base_url, deadline)
        body = await self._planner.make(subject, new)
        if body.gone:
            held = await self._catalog.addons(identity, deadline=deadline)
            names = tuple(addon.name for addon in held.items if addon.id in body.gone)
            body = msgspec.structs.replace(body, from_headgate=names)
        plan = StoredPlan(
            id=self._new_id(),
            owner=subject.owner,
            action=new.action,
            state="planned",
            sealed_body=self._sealing.seal(subject.owner, "plan", body),
            created_at=epoch_ms(self._clock),
        )
        await self._store.add(plan)
        return await self._view(plan)

    async def get(self, owner: Owner, plan_id: str) -> PlanView:
        """Raises PlanNotFound."""
        return await self._view(await self._found(owner, plan_id))

    async def listed(self, owner: Owner) -> PlanList:
        return PlanList(tuple([await self._brief(plan) for plan in await self._store.plans(owner)]))

    async def apply(self, owner: Owner, plan_id: str) -> PlanView:
        """Carry the plan out, or go on with it. Raises PlanNotFound, PlanOver."""
        plan = await self._found(owner, plan_id)
        if not await self._store.begin(owner, plan_id):
            raise PlanOver(
                "Another change is under way; apply that one to its end first."
                if plan.state in {"planned", "applying", "interrupted"}
                else "This was applied or refused already. Look at the list again and make a new plan."
            )
        await self._queue(plan)
        return await self.get(owner, plan_id)

    async def backups(self, owner: Owner) -> StremioBackups:
        held = await self._connections.of(owner)
        user = held.stremio_user if held is not None and held.state == "connected" else None
        return StremioBackups(
            tuple(
                StremioBackup(
                    id=backup.id,
                    action=backup.action,
                    addons=backup.addons,
                    made_at=moment_of(backup.made_at),
                    restorable=backup.stremio_user == user,
                )
                for backup in await self._store.backups(owner)
            )
        )

    async def _found(self, owner: Owner, plan_id: str) -> StoredPlan:
        plan = await self._store.plan(owner, plan_id)
        if plan is None:
            raise PlanNotFound("There is no such plan.")
        return plan

    async def _subject(self, identity: Identity, base_url: str, deadline: Deadline) -> Subject:
        owner = Owner(identity.account_id, identity.profile_id)
        async with self._access.session(owner) as session:
            now = await session.api.addons(session.key, deadline=deadline)
            user = session.connection.stremio_user
        own = await own_addon(self._auth, self._catalog, identity, base_url, deadline=deadline)
        return Subject(owner, user, now, own)

    async def _view(self, plan: StoredPlan) -> PlanView:
        body = self._sealing.open(plan.owner, "plan", plan.sealed_body, PlanBody)
        return msgspec.structs.replace(
            await self._brief(plan),
            lines=body.lines,
            from_headgate=body.from_headgate,
            warnings=body.warnings,
        )

    async def _brief(self, plan: StoredPlan) -> PlanView:
        """Without what it does, which may be long."""
        state, problem = plan.state, plan.problem
        if state == "applying" and not await self._is_at_work(plan):
            # Whoever was at it is gone for good, as after many crashes.
            state, problem = "interrupted", STOPPED
        return PlanView(
            id=plan.id,
            action=plan.action,
            state=state,
            problem=problem,
            created_at=moment_of(plan.created_at),
            ended_at=moment_or_none(plan.ended_at),
        )
