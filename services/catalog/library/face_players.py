"""Everything that players are answered with."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.cache import Cache
from libs.common.clock import Clock
from libs.common.db import Database
from libs.common.tasks import Tasks
from services.catalog.library.details import Details
from services.catalog.library.face import Face
from services.catalog.library.face_details import FaceDetails
from services.catalog.library.face_guide import FaceGuide
from services.catalog.library.face_playlist import FacePlaylist
from services.catalog.library.face_ready import FaceReady
from services.catalog.store.library.face import FaceStore
from services.catalog.store.library.providers import ProviderStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Players:
    face: Face
    details: FaceDetails
    guide: FaceGuide
    playlist: FacePlaylist
    ready: FaceReady
    clock: Clock

    @classmethod
    def made(
        cls, database: Database, details: Details, cache: Cache, *, clock: Clock, tasks: Tasks
    ) -> Players:
        store, providers = FaceStore(database), ProviderStore(database)
        face = Face(providers, store, cache, tasks)
        return cls(
            face=face,
            details=FaceDetails(store, details),
            guide=FaceGuide(face, store, clock),
            playlist=FacePlaylist(face, store),
            ready=FaceReady(face, providers, tasks, clock),
            clock=clock,
        )
