"""The Stremio face's questions: whose, about what, which service answers, and under which cache key."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.common.cache import Entry, Lookup
from libs.common.clock import Clock
from libs.common.contracts.client import RawAnswer, ServiceClient
from libs.common.deadline import Deadline
from libs.common.errors import NotFound
from libs.common.identity import Identity
from libs.protocols.stremio.errors import InvalidPath
from libs.protocols.stremio.paths import canonical_key, parse_resource_path
from services.gateway.callers import Callers
from services.gateway.errors import UnknownAddress
from services.gateway.model import split_face_path
from services.gateway.responses import ResponseCache

ANSWERED_BY: Mapping[str, str] = {
    "catalog": "catalog",
    "meta": "catalog",
    "addon_catalog": "catalog",
    "stream": "streaming",
    "subtitles": "streaming",
}
MANIFEST = "manifest.json"
CONFIGURE = "configure"
REMEMBERED_S = 5.0
MAX_REMEMBERED = 8192
MAX_REMEMBERED_CHARS = 512
"""Few honest paths are longer, and each is held three times: these are asked about anew."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of one profile. `key` names every part of it, so no two questions share an answer.

    `begins` is the type and the id of a video that is begun by whoever asks this.
    """

    key: str
    identity: Identity
    service: str
    inner_path: str
    is_search: bool = False
    begins: tuple[str, str] | None = None


class Face:
    """Questions are remembered by raw path for a moment, so that a warm answer costs two look-ups."""

    def __init__(
        self,
        *,
        callers: Callers,
        services: Mapping[str, ServiceClient],
        responses: ResponseCache,
        clock: Clock,
        timeout_s: float,
    ) -> None:
        self._callers = callers
        self._services = services
        self._responses = responses
        self._clock = clock
        self._timeout_s = timeout_s
        self._remembered: dict[str, tuple[float, int, Question]] = {}

    def warm(self, raw_path: str) -> tuple[Question, Entry] | None:
        """The fresh answer in memory, or None if anything has to be waited for."""
        # Python's string hash is keyed, so this look-up tells nothing about near misses of a token.
        remembered = self._remembered.get(raw_path)
        if remembered is None:
            return None
        until, generation, question = remembered
        if generation != self._callers.generation or until <= self._clock.monotonic():
            del self._remembered[raw_path]
            return None
        entry = self._responses.peek(question.key)
        return None if entry is None else (question, entry)

    async def question(self, raw_path: str) -> Question:
        """Raises UnknownAddress for the token, NotFound for the path."""
        token, tail = split_face_path(raw_path)
        generation = self._callers.generation
        identity = await self.identity(token)
        question = _question(identity, tail)
        if len(raw_path) > MAX_REMEMBERED_CHARS:
            return question
        if len(self._remembered) >= MAX_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[raw_path] = (self._clock.monotonic() + REMEMBERED_S, generation, question)
        return question

    async def identity(self, token: str) -> Identity:
        """Raises UnknownAddress."""
        deadline = Deadline.after(self._clock, self._timeout_s)
        identity = await self._callers.by_install_token(token, deadline=deadline) if token else None
        if identity is None:
            raise UnknownAddress(
                "It may have been replaced by a new one. Copy the current address from this hub's page."
            )
        return identity

    async def answer(self, question: Question) -> Lookup:
        """Raises what the inner service answered, when nothing older may stand in."""
        service = self._services[question.service]

        async def fetch() -> RawAnswer:
            deadline = Deadline.after(self._clock, self._timeout_s)
            return await service.raw(
                "GET", question.inner_path, identity=question.identity.as_service(), deadline=deadline
            )

        return await self._responses.get(question.key, fetch, account_id=question.identity.account_id)


def _question(identity: Identity, tail: str) -> Question:
    is_search, begins = False, None
    if tail == MANIFEST:
        service, canonical = "catalog", tail
    else:
        try:
            path = parse_resource_path(tail)
        except InvalidPath as error:
            raise NotFound(str(error)) from error
        if path.resource not in ANSWERED_BY:
            raise NotFound("This addon has no such resource.")
        service, canonical = ANSWERED_BY[path.resource], canonical_key(path)
        is_search = any(name == "search" for name, _ in path.extra)
        begins = (path.type, path.id) if path.resource == "subtitles" else None
    key = f"stremio:{identity.account_id}:{identity.profile_id}:{canonical}"
    return Question(key, identity, service, f"/internal/stremio/{tail}", is_search, begins)
