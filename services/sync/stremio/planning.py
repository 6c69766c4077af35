"""Making a plan: what a change would make of the list at Stremio, and of Headgate's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from libs.common.contracts.auth import AuthClient
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.stremio_account import NewPlan
from libs.common.deadline import Deadline
from libs.common.http import is_loopback
from libs.common.identity import Identity
from libs.protocols.stremio_api.wire import Descriptor, is_same
from services.sync.model import Owner
from services.sync.store.stremio_plans import StoredPlan, StremioPlanStore
from services.sync.stremio.errors import BackupNotFound, NothingToChange, OtherAccount
from services.sync.stremio.lists import Own, lines_of, moved, pushed, restored, takes, undone
from services.sync.stremio.plan_body import BackupBody, PlanBody, PlanProgress, Taken, addons_of, raws_of
from services.sync.stremio.sealing import Sealing

FACE: Final = "/stremio/"
PLAIN: Final = (
    "This hub is reached by http. Stremio takes addons by https alone, unless it runs on the same machine:"
    " give the hub an https address (HEADGATE_PUBLIC_URL) first, or its addon will not load there."
)
NEAR: Final = "The address of the hub's addon is this machine's own: Stremio finds it on no other device."


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose list of which account at Stremio, as it is now."""

    owner: Owner
    stremio_user: str
    now: list[Descriptor]
    own: Own


async def own_addon(
    auth: AuthClient, catalog: CatalogClient, identity: Identity, base_url: str, *, deadline: Deadline
) -> Own:
    """The hub's one addon for a profile, as Stremio would install it."""
    token = await auth.install_token(identity, deadline=deadline)
    prefix = f"{base_url}{FACE}"
    manifest = await catalog.merged_manifest(identity, deadline=deadline)
    return Own(f"{prefix}{token.token}/manifest.json", prefix, manifest)


class Planner:
    """Raises NothingToChange, BackupNotFound, OtherAccount."""

    def __init__(self, plans: StremioPlanStore, sealing: Sealing) -> None:
        self._plans = plans
        self._sealing = sealing

    async def make(self, subject: Subject, new: NewPlan) -> PlanBody:
        match new.action:
            case "move":
                # In threads: lists may have megabytes, and comparing them is a stutter for everybody else.
                body = await asyncio.to_thread(_move, subject)
            case "push":
                body = await asyncio.to_thread(_push, subject)
            case "undo":
                body = await self._undo(subject)
            case "restore":
                body = await self._restore(subject, new.backup_id or "")
        return body

    async def _undo(self, subject: Subject) -> PlanBody:
        last = next((each for each in await self._plans.plans(subject.owner) if _can_be_undone(each)), None)
        if last is None:
            raise NothingToChange("Nothing has been changed that could be undone.")
        former = await self._former(subject, last.id)
        progress = self._progress(last)
        return await asyncio.to_thread(_back, subject, former, progress, last.id)

    async def _restore(self, subject: Subject, backup_id: str) -> PlanBody:
        return await asyncio.to_thread(_again, subject, await self._former(subject, backup_id))

    async def _former(self, subject: Subject, backup_id: str) -> list[Descriptor]:
        backup = await self._plans.backup(subject.owner, backup_id)
        if backup is None:
            raise BackupNotFound("There is no such backup.")
        if backup.stremio_user != subject.stremio_user:
            raise OtherAccount("This is the list of another Stremio account than the one connected now.")
        body = self._sealing.open(subject.owner, "backup", backup.sealed_body, BackupBody)
        return addons_of(body.addons)

    def _progress(self, plan: StoredPlan) -> PlanProgress:
        if plan.sealed_progress is None:
            return PlanProgress()
        return self._sealing.open(plan.owner, "progress", plan.sealed_progress, PlanProgress)


def _move(subject: Subject) -> PlanBody:
    taken = takes(subject.now, subject.own)
    urls = {take.url for take in taken}
    target = moved(subject.now, subject.own, urls)
    _check_change(subject, target)
    return _body(subject, target, taken=tuple(taken))


def _push(subject: Subject) -> PlanBody:
    target = pushed(subject.now, subject.own)
    if target is None:
        raise NothingToChange("This hub's addon is not installed there; move your addons first.")
    _check_change(subject, target)
    return _body(subject, target)


def _back(subject: Subject, former: list[Descriptor], progress: PlanProgress, undoes: str) -> PlanBody:
    target = undone(subject.now, former, addons_of(progress.written), subject.own)
    _check_change(subject, target, gone=bool(progress.added))
    return _body(subject, target, gone=tuple(progress.added.values()), undoes=undoes)


def _again(subject: Subject, former: list[Descriptor]) -> PlanBody:
    target = restored(subject.now, former)
    _check_change(subject, target)
    return _body(subject, target)


def _check_change(subject: Subject, target: list[Descriptor], *, gone: bool = False) -> None:
    if not gone and is_same(subject.now, target):
        raise NothingToChange("Your list at Stremio is like that already.")


def _body(
    subject: Subject,
    target: list[Descriptor],
    *,
    taken: tuple[Taken, ...] = (),
    gone: tuple[str, ...] = (),
    undoes: str = "",
) -> PlanBody:
    own = subject.own
    return PlanBody(
        stremio_user=subject.stremio_user,
        own_url=own.url,
        own_prefix=own.prefix,
        before=raws_of(subject.now),
        target=raws_of(target),
        takes=taken,
        gone=gone,
        undoes=undoes,
        lines=lines_of(subject.now, target, own, taken={each.url for each in taken}),
        warnings=_warnings(own.url) if any(own.is_it(each) for each in target) else (),
    )


def _warnings(url: str) -> tuple[str, ...]:
    host = urlsplit(url).hostname or ""
    if is_loopback(host):
        return (NEAR,)
    return () if url.startswith("https://") else (PLAIN,)


def _can_be_undone(plan: StoredPlan) -> bool:
    return plan.state == "applied" and plan.action != "undo"
