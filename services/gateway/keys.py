"""Where handlers find their collaborators. Read only by handlers, never by domain code."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from libs.common.at_once import AtOnce
from libs.common.contracts.accounts import AccountsClient
from libs.common.contracts.auth import AuthClient
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.library_client import LibraryClient
from libs.common.contracts.links import LinksClient
from libs.common.contracts.playback import PlaybackClient
from libs.common.contracts.players import PlayersClient
from libs.common.contracts.streaming import StreamingClient
from libs.common.contracts.sync import SyncClient
from libs.common.contracts.titles import TitlesClient
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.media import MediaPaths
from services.gateway.abuse.protection import Protection
from services.gateway.answer_counts import Answered
from services.gateway.begun import Begun
from services.gateway.caches import HubCaches
from services.gateway.callers import Callers
from services.gateway.diagnostics import Diagnosis
from services.gateway.documents import Documents
from services.gateway.frames import Frames
from services.gateway.hub_state import HubStates
from services.gateway.idempotency.once import Once
from services.gateway.limits.rules import Limits
from services.gateway.responses import ResponseCache
from services.gateway.set_up import SetUp
from services.gateway.settings import Settings

if TYPE_CHECKING:
    from services.gateway.stremio import StremioFace  # which reads these keys itself

SETTINGS: web.AppKey[Settings] = web.AppKey("SETTINGS", Settings)
ABUSE: web.AppKey[Protection] = web.AppKey("ABUSE", Protection)
ACCOUNTS: web.AppKey[AccountsClient] = web.AppKey("ACCOUNTS", AccountsClient)
ANSWERED: web.AppKey[Answered] = web.AppKey("ANSWERED", Answered)
AUTH: web.AppKey[AuthClient] = web.AppKey("AUTH", AuthClient)
CATALOG: web.AppKey[CatalogClient] = web.AppKey("CATALOG", CatalogClient)
LIBRARY: web.AppKey[LibraryClient] = web.AppKey("LIBRARY", LibraryClient)
MEDIA_PATHS: web.AppKey[MediaPaths] = web.AppKey("MEDIA_PATHS", MediaPaths)
LINKS: web.AppKey[LinksClient] = web.AppKey("LINKS", LinksClient)
LISTS_AT_ONCE: web.AppKey[AtOnce] = web.AppKey("LISTS_AT_ONCE", AtOnce)
PLAYBACK: web.AppKey[PlaybackClient] = web.AppKey("PLAYBACK", PlaybackClient)
PLAYERS: web.AppKey[PlayersClient] = web.AppKey("PLAYERS", PlayersClient)
STREAMING: web.AppKey[StreamingClient] = web.AppKey("STREAMING", StreamingClient)
SYNC: web.AppKey[SyncClient] = web.AppKey("SYNC", SyncClient)
TITLES: web.AppKey[TitlesClient] = web.AppKey("TITLES", TitlesClient)
FACE: web.AppKey["StremioFace"] = web.AppKey("FACE")
IDENTIFY: web.AppKey[Callers] = web.AppKey("IDENTIFY", Callers)
RESPONSE_CACHE: web.AppKey[ResponseCache] = web.AppKey("RESPONSE_CACHE", ResponseCache)
SERVICES: web.AppKey[Mapping[str, ServiceClient]] = web.AppKey("SERVICES")
DIAGNOSIS: web.AppKey[Diagnosis] = web.AppKey("DIAGNOSIS", Diagnosis)
LIMITS: web.AppKey[Limits] = web.AppKey("LIMITS", Limits)
SET_UP: web.AppKey[SetUp] = web.AppKey("SET_UP", SetUp)
ONCE: web.AppKey[Once] = web.AppKey("ONCE", Once)
HUB_STATE: web.AppKey[HubStates] = web.AppKey("HUB_STATE", HubStates)
HUB_CACHES: web.AppKey[HubCaches] = web.AppKey("HUB_CACHES", HubCaches)
DOCUMENTS: web.AppKey[Documents] = web.AppKey("DOCUMENTS", Documents)
BEGUN: web.AppKey[Begun] = web.AppKey("BEGUN", Begun)
FRAMES: web.AppKey[Frames] = web.AppKey("FRAMES", Frames)
VIEWING: web.AppKey[ViewingClient] = web.AppKey("VIEWING", ViewingClient)
