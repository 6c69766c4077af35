"""Where the routes find the graph."""

from __future__ import annotations

from aiohttp import web

from services.sync.account_settings import AccountSettings
from services.sync.imdb import ImdbStatus
from services.sync.jobs import Bells, Jobs

JOBS: web.AppKey[Jobs] = web.AppKey("sync_jobs", Jobs)
BELLS: web.AppKey[Bells] = web.AppKey("sync_bells", Bells)
ACCOUNT_SETTINGS: web.AppKey[AccountSettings] = web.AppKey("sync_account_settings", AccountSettings)
IMDB: web.AppKey[ImdbStatus] = web.AppKey("sync_imdb", ImdbStatus)
