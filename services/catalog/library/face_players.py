"""Everything that players are answered with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from libs.common.clock import Clock
from libs.common.db import Database
from libs.common.tasks import Tasks
from services.catalog.library.details import Details
from services.catalog.library.face import Face
from services.catalog.library.face_details import FaceDetails
from services.catalog.library.face_guide import FaceGuide
from services.catalog.library.face_kept import Kept
from services.catalog.library.face_making import Making
from services.catalog.library.face_playlist import FacePlaylist
from services.catalog.library.face_shelves import Shelves
from services.catalog.store.library.airings import AiringStore
from services.catalog.store.library.face import FaceStore
from services.catalog.store.library.face_pieces import PieceStore
from services.catalog.store.library.providers import ProviderStore

TURNS: Final = 2
"""Pieces of playlists and guides written at a time; of dozens, whoever asks anything else waited for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Players:
    face: Face
    details: FaceDetails
    guide: FaceGuide
    playlist: FacePlaylist
    kept: Kept
    clock: Clock

    @classmethod
    def made(cls, database: Database, details: Details, *, clock: Clock, tasks: Tasks) -> Players:
        store = FaceStore(database)
        shelves, making = Shelves(ProviderStore(database), store), Making(store)
        kept = Kept(shelves, making, PieceStore(database), tasks=tasks, clock=clock)
        face, turns = Face(shelves, store, making, kept), asyncio.Semaphore(TURNS)
        return cls(
            face=face,
            details=FaceDetails(store, details),
            guide=FaceGuide(face, store, AiringStore(database), clock, turns),
            playlist=FacePlaylist(face, store, making, turns),
            kept=kept,
            clock=clock,
        )
