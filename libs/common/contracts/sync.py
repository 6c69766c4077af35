"""What sync says and takes: background jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.contracts.imdb import SetState
from libs.common.deadline import Deadline
from libs.common.identity import Identity

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class ItemCounts(msgspec.Struct, frozen=True):
    """`remarks` counts items that were left out, or are odd, by a short stable reason."""

    seen: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    remarks: dict[str, int] = {}


class NewJob(msgspec.Struct, frozen=True, kw_only=True):
    """`account_id` is an account at a provider for work about one; without it, the caller's only one."""

    kind: str
    mode: Literal["full", "incremental"] = "incremental"
    account_id: str | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """`progress` runs 0 to 100; `counts` has one entry per kind of item.

    `account_id` is the account at a provider that it is about, None for other work.
    """

    id: str
    kind: str
    mode: str
    state: JobState
    phase: str
    progress: int
    counts: dict[str, ItemCounts]
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    account_id: str | None = None


class JobPage(msgspec.Struct, frozen=True):
    items: tuple[Job, ...]
    next_cursor: str | None = None


class QuietHours(msgspec.Struct, frozen=True, kw_only=True):
    """When no scheduled sync begins: from `start` to `end` by the clock of `zone`, also over midnight."""

    start: Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["01:00"])]
    end: Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["06:00"])]
    zone: Annotated[str, msgspec.Meta(max_length=64)] = "UTC"


class SyncSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When an account at a provider is synced by itself, and who is told. What isn't named is the default.

    `only_unmetered`: not while a device has told that its network is metered. `notify`: whether the end of a
    run is told. `webhook` is posted to then; without it the former one stays, null removes it.
    """

    automatic: bool = True
    every_h: Literal[6, 12, 24, 48] = 24
    quiet: QuietHours | None = None
    only_unmetered: bool = False
    notify: bool = True
    webhook: Annotated[str, msgspec.Meta(max_length=2000)] | msgspec.UnsetType | None = msgspec.UNSET


class SyncSettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """`webhook_host` is where the webhook goes, None without one: its address, which holds a token, is never
    shown. `next_at` is when the next scheduled sync may begin, None without one."""

    account_id: str
    automatic: bool
    every_h: int
    quiet: QuietHours | None
    only_unmetered: bool
    notify: bool
    webhook_host: str | None
    next_at: datetime | None


class NetworkReport(msgspec.Struct, frozen=True):
    """What a device tells of its network; it holds for an hour, for all accounts of its profile."""

    metered: bool


class RunEnded(msgspec.Struct, frozen=True, kw_only=True):
    """What a webhook is sent."""

    event: Literal["sync_ended"] = "sync_ended"
    job: Job


class LicenceView(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be agreed to before a source is used; `attribution` stands wherever its data is shown."""

    notice: str
    attribution: str
    terms_url: str
    accepted: bool
    accepted_by: str | None
    accepted_at: datetime | None


class ImdbView(msgspec.Struct, frozen=True, kw_only=True):
    """IMDb's data sets here. `sets` is empty while catalog is away; `job` is the latest run.

    `anime_job` is the latest run of what says which anime are which titles.
    """

    licence: LicenceView
    refresh_s: float
    sets: tuple[SetState, ...]
    job: Job | None
    anime_job: Job | None = None


class LicencePatch(msgspec.Struct, frozen=True):
    accepted: bool


class TraktWatched(msgspec.Struct, frozen=True):
    """What Trakt says of a title: null where the viewing state knows better, and where nobody can say."""

    watched: bool | None


class SyncClient:
    """Typed calls to the sync service."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service

    async def jobs(
        self,
        identity: Identity,
        *,
        deadline: Deadline,
        kind: str = "",
        account: str = "",
        limit: int = 50,
    ) -> JobPage:
        """Newest first; of one kind, or about one account at a provider, where that is named."""
        named = {"kind": kind, "account": account}
        asked = urlencode({**{name: text for name, text in named.items() if text}, "limit": limit})
        return await self.service.call(
            "GET", f"/api/v1/sync/jobs?{asked}", identity=identity, deadline=deadline, into=JobPage
        )

    async def job(self, identity: Identity, job_id: str, *, deadline: Deadline) -> Job:
        """Raises NotFound."""
        path = f"/api/v1/sync/jobs/{quote(job_id, safe='')}"
        return await self.service.call("GET", path, identity=identity, deadline=deadline, into=Job)

    async def start(self, identity: Identity, job: NewJob, *, deadline: Deadline) -> Job:
        return await self.service.call(
            "POST", "/api/v1/sync/jobs", identity=identity, deadline=deadline, body=job, into=Job
        )

    async def cancel(self, identity: Identity, job_id: str, *, deadline: Deadline) -> Job:
        return await self.service.call(
            "DELETE",
            f"/api/v1/sync/jobs/{quote(job_id, safe='')}",
            identity=identity,
            deadline=deadline,
            into=Job,
        )

    async def watched_at_trakt(
        self, identity: Identity, type_: str, title_id: str, *, deadline: Deadline
    ) -> bool | None:
        """Asked of Trakt itself as long as the profile's account there was not read to its end."""
        path = f"/internal/sync/trakt/watched/{quote(type_, safe='')}/{quote(title_id, safe='')}"
        answer = await self.service.call("GET", path, identity=identity, deadline=deadline, into=TraktWatched)
        return answer.watched

    async def imdb(self, identity: Identity, *, deadline: Deadline) -> ImdbView:
        return await self.service.call(
            "GET", "/api/v1/sync/imdb", identity=identity, deadline=deadline, into=ImdbView
        )

    async def accept_imdb(self, identity: Identity, *, accepted: bool, deadline: Deadline) -> ImdbView:
        return await self.service.call(
            "PUT",
            "/api/v1/sync/imdb/licence",
            identity=identity,
            deadline=deadline,
            body=LicencePatch(accepted),
            into=ImdbView,
        )
