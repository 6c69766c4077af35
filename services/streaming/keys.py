"""What handlers find in the application."""

from __future__ import annotations

from aiohttp import web

from libs.common.media import MediaPaths
from libs.common.moving import Telling
from services.streaming.aggregate import Aggregate
from services.streaming.hls.graph import Hls
from services.streaming.media.crowd import Crowd
from services.streaming.media.figures import Figures
from services.streaming.media.play import Play
from services.streaming.media.standing import Standing
from services.streaming.moving_in import Parts as MovingIn
from services.streaming.preferences import Preferences
from services.streaming.providers.embedding import Embedding
from services.streaming.providers.links import Links
from services.streaming.providers.local import LocalFolder
from services.streaming.subtitles.offered import Subtitles
from services.streaming.viewing.graph import Viewing

AGGREGATE: web.AppKey[Aggregate] = web.AppKey("AGGREGATE", Aggregate)
MEDIA_PATHS: web.AppKey[MediaPaths] = web.AppKey("MEDIA_PATHS", MediaPaths)
PREFERENCES: web.AppKey[Preferences] = web.AppKey("PREFERENCES", Preferences)
PLAY: web.AppKey[Play] = web.AppKey("PLAY", Play)
HLS: web.AppKey[Hls] = web.AppKey("HLS", Hls)
SUBTITLES: web.AppKey[Subtitles] = web.AppKey("SUBTITLES", Subtitles)
CROWD: web.AppKey[Crowd] = web.AppKey("CROWD", Crowd)
STANDING: web.AppKey[Standing] = web.AppKey("STANDING", Standing)
EMBEDDING: web.AppKey[Embedding] = web.AppKey("EMBEDDING", Embedding)
LINKS: web.AppKey[Links] = web.AppKey("LINKS", Links)
LOCAL_FOLDER: web.AppKey[LocalFolder] = web.AppKey("LOCAL_FOLDER", LocalFolder)
"""Not there without a folder of films."""
MOVING: web.AppKey[Telling] = web.AppKey("MOVING", Telling)
MOVING_IN: web.AppKey[MovingIn] = web.AppKey("MOVING_IN", MovingIn)
FIGURES: web.AppKey[Figures] = web.AppKey("FIGURES", Figures)
VIEWING: web.AppKey[Viewing] = web.AppKey("VIEWING", Viewing)
