"""Players' sessions: opened, told of, ended. What is told is progress too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.viewing import NewSession, SessionEvent
from libs.common.errors import Conflict
from services.streaming.errors import SessionNotFound
from services.streaming.store.viewing_sessions import SessionStore
from services.streaming.viewing.journal import Journal
from services.streaming.viewing.reading import duration_of, place_of, position_of, time_of
from services.streaming.viewing_model import Owner, Recorded, Report, Session


class Sessions:
    def __init__(
        self, store: SessionStore, journal: Journal, *, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._new_id = new_id

    async def open(self, owner: Owner, new: NewSession) -> Session:
        """Raises InvalidInput. Where a player is said to begin moves nothing: its first event does."""
        duration_ms = None if new.duration_s is None else duration_of(new.duration_s)
        now_ms = epoch_ms(self._clock)
        session = Session(
            id=self._new_id(),
            place=place_of(
                new.video_id,
                type_=new.type,
                title_id=new.title_id,
                season=new.season,
                episode=new.episode,
            ),
            position_ms=0 if duration_ms is None else position_of(new.position_s, duration_ms),
            duration_ms=duration_ms,
            counts={},
            started_at=now_ms,
            last_at=now_ms,
        )
        await self._store.open(owner, session)
        return session

    async def get(self, owner: Owner, id_: str) -> Session:
        """Raises SessionNotFound."""
        session = await self._store.get(owner, id_)
        if session is None:
            raise SessionNotFound("There is no such session.")
        return session

    async def tell(self, owner: Owner, id_: str, told: SessionEvent) -> tuple[Session, Recorded]:
        """On disk on return; what others tell of the session meanwhile is not in the answer. Raises
        SessionNotFound, InvalidInput, TooManyReports, Overloaded, ViewingFull, and Conflict where nobody has
        said yet how long the video is."""
        session = await self.get(owner, id_)
        if told.duration_s is not None:
            session = replace(session, duration_ms=duration_of(told.duration_s))
        if session.duration_ms is None:
            raise Conflict("The session does not know how long the video is: say duration_s.")
        report = Report(
            owner=owner,
            place=session.place,
            position_ms=position_of(told.position_s, session.duration_ms),
            duration_ms=session.duration_ms,
            at=time_of(told.at, epoch_ms(self._clock)),
            event=told.event,
            session_id=id_,
        )
        (done,) = await self._journal.record([report])
        return session.after(report), done

    async def end(self, owner: Owner, id_: str) -> None:
        """Raises SessionNotFound. Ending twice is ending once."""
        await self.get(owner, id_)
        await self._store.end(owner, id_, at=epoch_ms(self._clock))
