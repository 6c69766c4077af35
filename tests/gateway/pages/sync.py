"""Sync's answers about IMDb's data sets and what is taken along, from what `Inner` holds."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from aiohttp import web

from libs.common.contracts.imdb import SetState
from libs.common.contracts.moving import EXPORT, WantedExport
from libs.common.contracts.sync import ImdbView, ItemCounts, Job, LicencePatch, LicenceView, NewJob
from libs.common.errors import Conflict, NotFound
from tests.gateway.pages.accounts import send
from tests.gateway.pages.inner import NOW, Inner
from tests.gateway.pages.library.shelves import ended, sync_of

NOTICE = "For personal and non-commercial use alone."


def job(state: str = "succeeded", **changes: object) -> Job:
    done = state in {"succeeded", "failed", "cancelled"}
    base = Job(
        id="job1",
        kind="imdb",
        mode="incremental",
        state="succeeded",
        phase="titles",
        progress=100 if done else 40,
        counts={"ratings": ItemCounts(seen=1_600_000, changed=12_000, unchanged=1_588_000)},
        error=None,
        created_at=NOW,
        started_at=NOW,
        finished_at=NOW if done else None,
    )
    return msgspec.structs.replace(base, state=state, **changes)


def view(*, accepted: bool = False, latest: Job | None = None, **changes: object) -> ImdbView:
    base = ImdbView(
        licence=LicenceView(
            notice=NOTICE,
            attribution="Information courtesy of IMDb.",
            terms_url="https://developer.imdb.com/non-commercial-datasets/",
            accepted=accepted,
            accepted_by="acc" if accepted else None,
            accepted_at=NOW - timedelta(days=3) if accepted else None,
        ),
        refresh_s=86_400,
        sets=(
            SetState(name="ratings", rows=1_600_000, etag="e", imported_at=NOW),
            SetState(name="episodes", rows=0, etag="", imported_at=None),
            SetState(name="akas", rows=0, etag="", imported_at=None),
            SetState(name="anime_ids", rows=21_000, etag="e", imported_at=NOW),
        ),
        job=latest,
    )
    return msgspec.structs.replace(base, **changes)


class SyncService:
    """IMDb's data sets."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/sync/imdb", self._show),
            web.put("/api/v1/sync/imdb/licence", self._agree),
            web.post("/api/v1/sync/jobs", self._start),
            web.post(EXPORT, self._export),
            web.delete("/api/v1/sync/jobs/{id}", self._cancel),
        ]

    async def _export(self, request: web.Request) -> web.Response:
        wanted = msgspec.json.decode(await request.read(), type=WantedExport)
        self._inner.exported.append(wanted.passphrase)
        headers = {"Content-Disposition": 'attachment; filename="headgate-export.zip"'}
        return web.Response(body=b"a file", content_type="application/zip", headers=headers)

    def _view(self) -> ImdbView:
        return self._inner.imdb or view()

    async def _show(self, _request: web.Request) -> web.Response:
        return send(self._view())

    async def _agree(self, request: web.Request) -> web.Response:
        patch = msgspec.json.decode(await request.read(), type=LicencePatch)
        self._inner.imdb = view(accepted=patch.accepted, latest=self._view().job)
        return send(self._inner.imdb)

    async def _start(self, request: web.Request) -> web.Response:
        new = msgspec.json.decode(await request.read(), type=NewJob)
        kind = new.kind
        if new.account_id is not None:
            self._inner.library.started.append(new)
            self._inner.library.jobs.insert(0, sync_of(new))
            return send(self._inner.library.jobs[0], 202)
        if not self._view().licence.accepted:
            raise Conflict("Its licence has to be read and accepted first, by an administrator.")
        started = job("running", kind=kind)
        if kind == "imdb":
            self._inner.imdb = view(accepted=True, latest=started)
        else:
            self._inner.imdb = msgspec.structs.replace(self._view(), anime_job=started)
        return send(started, 202)

    async def _cancel(self, request: web.Request) -> web.Response:
        for number, run in enumerate(self._inner.library.jobs):
            if run.id == request.match_info["id"]:
                self._inner.library.jobs[number] = ended(run, "cancelled")
                return send(self._inner.library.jobs[number])
        latest = self._view().job
        if latest is None or request.match_info["id"] != latest.id:
            raise NotFound("There is no such job.")
        self._inner.imdb = view(accepted=True, latest=job("cancelled"))
        return send(self._inner.imdb.job)
