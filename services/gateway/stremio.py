"""The Stremio face on the wire: addon addresses answered from the response cache, for any origin."""

from dataclasses import dataclass

from aiohttp import web
from multidict import CIMultiDict

from libs.common.clock import Clock
from libs.common.contracts.problems import error_from_problem
from libs.common.errors import HeadgateError
from libs.common.hops import is_loop
from libs.common.identity import ANONYMOUS, Identity
from libs.common.tasks import Tasks
from libs.common.web import Endpoint, hops_of, problem_response, request_id_of
from services.gateway.address import base_url
from services.gateway.answer_counts import Answered
from services.gateway.answers import Answer, Answers, encode
from services.gateway.begun import Begun
from services.gateway.errors import LoopDetected, UnknownAddress
from services.gateway.face import CONFIGURE, Face, Question
from services.gateway.keys import FACE
from services.gateway.limits.edge import meet_installed, meet_warm, show_limits
from services.gateway.model import (
    EXPOSED,
    FACE_PREFIX,
    IDENTITY,
    NO_STORE,
    choose_coding,
    matches_etag,
    split_face_path,
)
from services.gateway.plays import video_part, with_plays
from services.gateway.stored import StoredResponse, head_of, may_be_stored

PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
MAX_CODINGS_REMEMBERED = 256
ADDRESS = FACE_PREFIX + "{token}/{tail}"


@dataclass(frozen=True, slots=True)
class Warm:
    """An answer that is at hand, and whom it is for."""

    identity: Identity
    answer: Answer


class StremioFace:
    """Turns questions and stored answers into responses."""

    def __init__(
        self,
        face: Face,
        *,
        answers: Answers,
        answered: Answered,
        clock: Clock,
        tasks: Tasks,
        hop_name: str,
        begun: Begun,
    ) -> None:
        self._face = face
        self._begun = begun
        self.answered = answered
        self._hop_name = hop_name
        self._answers = answers
        self._clock = clock
        self._tasks = tasks
        self._codings: dict[str, str] = {}

    def check_hops(self, hops: tuple[str, ...]) -> None:
        """Raises LoopDetected for a question that began here. Also for a warm one: the next may be cold."""
        if is_loop(hops, self._hop_name):
            raise LoopDetected(
                "The address of one of its addons leads back to this hub. Take that addon off the list."
            )

    def warm(self, raw_path: str) -> Warm | None:
        """The answer that is fresh in memory."""
        warm = self._face.warm(raw_path)
        if warm is None:
            return None
        question, entry = warm
        return Warm(question.identity, self._answers.of(question.key, entry))

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """The answer, whatever it takes. Raises HeadgateError."""
        if split_face_path(request.raw_path)[1] == CONFIGURE:
            return web.Response(status=302, headers={"Location": "/sources", **NO_STORE})
        question = await self._identified(request)
        await meet_installed(request, question.identity, is_search=question.is_search)
        if question.begins is not None:
            self._begun.tell(question.identity, *question.begins)
        lookup = await self._face.answer(question)
        answer = self._answers.of(question.key, lookup.entry)
        response = self.ready(request, answer, lookup.state)
        if response is None:
            await self._answers.encode(question.key, answer, self._coding(request, answer), self._tasks)
            response = self.ready(request, answer, lookup.state)
        if response is None:
            raise HeadgateError("An encoding was lost while it was made.")
        self.answered.count("stremio", answer.shown_state(lookup.state))
        return response

    async def identity_of(self, request: web.Request) -> Identity:
        """Whose address it is. Raises UnknownAddress."""
        try:
            return await self._face.identity(split_face_path(request.raw_path)[0])
        except UnknownAddress:
            await meet_installed(request, ANONYMOUS, is_search=False)
            raise

    async def _identified(self, request: web.Request) -> Question:
        try:
            return await self._face.question(request.raw_path)
        except UnknownAddress:
            # A guess at an address counts as one of nobody's requests.
            await meet_installed(request, ANONYMOUS, is_search=False)
            raise

    def stored(self, request: web.Request, answer: Answer, state: str) -> StoredResponse | None:
        """For requests that `may_be_stored`. None for an error, for what is made for each caller, and while a
        body has to be encoded."""
        if answer.status >= 400 or answer.has_plays:
            return None
        now = self._clock.time()
        if _has_it(request, answer):
            head = head_of(304, _of_not_modified(answer, state, now), second=int(now))
            return StoredResponse(head, b"", status=304)
        coding = self._coding(request, answer)
        body = answer.coded(coding)
        if body is None:
            return None
        return StoredResponse(answer.head(coding, state, now), body, status=answer.status)

    def ready(self, request: web.Request, answer: Answer, state: str) -> web.StreamResponse | None:
        """None while the body still has to be encoded."""
        if answer.status >= 400:
            # The inner problem names the inner request; the player gets its own request id.
            error = error_from_problem(answer.status, answer.entry.value, None)
            return problem_response(error, request_id_of(request))
        if answer.has_plays:
            return self._with_plays(request, answer, state)
        if may_be_stored(request):
            return self.stored(request, answer, state)
        now = self._clock.time()
        if _has_it(request, answer):
            return web.Response(status=304, headers=_of_not_modified(answer, state, now))
        coding = self._coding(request, answer)
        body = answer.coded(coding)
        if body is None:
            return None
        return web.Response(status=answer.status, body=body, headers=answer.headers(coding, state, now))

    def _with_plays(self, request: web.Request, answer: Answer, state: str) -> web.Response:
        """A list of streams that lead to this caller's own address."""
        now = self._clock.time()
        if _has_it(request, answer):
            return web.Response(status=304, headers=_of_not_modified(answer, state, now))
        token, tail = split_face_path(request.raw_path)
        play = f"{base_url(request)}{FACE_PREFIX}{token}/play/{video_part(tail)}"
        body = with_plays(answer.entry.value, play)
        headers = answer.headers(IDENTITY, state, now)
        coding = self._coding(request, answer)
        if coding != IDENTITY:
            headers["Content-Encoding"] = coding
            body = encode(body, coding)
        headers["Content-Length"] = str(len(body))
        return web.Response(status=answer.status, body=body, headers=headers)

    def _coding(self, request: web.Request, answer: Answer) -> str:
        accept_encoding = request.headers.get("Accept-Encoding")
        if not accept_encoding or not answer.is_worth_coding:
            return IDENTITY
        coding = self._codings.get(accept_encoding)
        if coding is None:
            if len(self._codings) >= MAX_CODINGS_REMEMBERED:
                self._codings.clear()
            coding = self._codings[accept_encoding] = choose_coding(accept_encoding)
        return coding


async def resource(request: web.Request) -> web.StreamResponse:
    """Manifest and resources, by the raw path: an encoded slash belongs to an id."""
    face = request.app[FACE]
    try:
        hops = hops_of(request)
        if hops:
            face.check_hops(hops)
        response = _warm(request, face) or await face.respond(request)
    except HeadgateError as error:
        if error.status >= 500:
            face.answered.count("stremio", "error")
        return problem_response(error, request_id_of(request))
    if isinstance(response, StoredResponse):
        show_limits(request, response)
    return response


def _warm(request: web.Request, face: StremioFace) -> web.StreamResponse | None:
    warm = face.warm(request.raw_path)
    response = face.ready(request, warm.answer, "hit") if warm is not None else None
    if warm is not None and response is not None:
        meet_warm(request, warm.identity)
        face.answered.count("stremio", warm.answer.shown_state("hit"))
    return response


async def preflight(_request: web.Request) -> web.Response:
    return web.Response(status=204, headers=PREFLIGHT)


def _has_it(request: web.Request, answer: Answer) -> bool:
    if_none_match = request.headers.get("If-None-Match")
    return if_none_match is not None and matches_etag(if_none_match, answer.etag)


def _of_not_modified(answer: Answer, state: str, now: float) -> CIMultiDict[str]:
    headers = answer.headers(IDENTITY, state, now)
    del headers["Content-Type"], headers["Content-Length"]
    return headers


def allow_any_origin(response: web.StreamResponse) -> None:
    """On a response being prepared: players are web pages too and must be able to read our errors."""
    headers = response.headers
    if "Access-Control-Allow-Origin" not in headers:
        headers["Access-Control-Allow-Origin"] = "*"
        headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("Access-Control-Expose-Headers", EXPOSED)


def endpoints() -> tuple[Endpoint, ...]:
    """One address for all resources; the pattern takes line breaks, which an id may hold when decoded."""
    return tuple(
        Endpoint(
            method=method,
            path=FACE_PREFIX + r"{token}/{tail:[\s\S]*}",
            handler=handler,
            summary="The addon that players install",
            access="public",
            documented=False,
        )
        for method, handler in (("GET", resource), ("OPTIONS", preflight))
    )
