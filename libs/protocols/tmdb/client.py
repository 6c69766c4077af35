"""Asking TMDB: one question, one answer, no memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from libs.common.deadline import Deadline
from libs.common.http import Fetched, Fetcher, FetchLimits
from libs.protocols.tmdb.errors import (
    AnswerUnreadable,
    BadQuestion,
    KeyRefused,
    NothingThere,
    ServiceDown,
    TooManyRequests,
)
from libs.protocols.tmdb.key import TmdbKey
from libs.protocols.tmdb.wire import MAX_PAGE, Details, Found, Kind, SearchPage, Season

BASE_URL = "https://api.themoviedb.org/3"

SearchKind = Literal["movie", "tv", "multi"]
Source = Literal["imdb_id", "tvdb_id", "wikidata_id"]

APPENDED = ("credits", "external_ids", "images", "translations")
"""Sent along with the details; TMDB takes 20 at most."""

MAX_SEASONS = 20
"""Of one question: they are appended, too."""

_YEAR = {"movie": "primary_release_year", "tv": "first_air_date_year"}
_OK, _REFUSED, _MISSING, _TOO_MANY = 200, (401, 403), 404, 429
_BAD = (400, 405, 406, 422)
_QUIET_S = 1.0
"""After a 429 that doesn't say for how long: the limit is by the second."""

T = TypeVar("T")


class TmdbClient:
    """Raises only FetchError and TmdbError. No retry, no cache, no breaker, no rate of its own."""

    def __init__(
        self,
        fetcher: Fetcher,
        base_url: str = BASE_URL,
        *,
        timeout_s: float = 10.0,
        max_bytes: int = 8 * 1024 * 1024,
    ) -> None:
        self._fetcher = fetcher
        self._base_url = base_url.rstrip("/")
        # A redirect could take the key elsewhere, and the API knows none.
        self._limits = FetchLimits(max_bytes=max_bytes, total_s=timeout_s, max_redirects=0)

    async def check_key(self, key: TmdbKey, *, deadline: Deadline | None = None) -> None:
        """Raises KeyRefused for a key that TMDB doesn't know."""
        await self._get("/authentication", {}, key, msgspec.Raw, deadline)

    async def search(
        self,
        key: TmdbKey,
        kind: SearchKind,
        query: str,
        *,
        language: str = "",
        page: int = 1,
        year: int | None = None,
        include_adult: bool = False,
        deadline: Deadline | None = None,
    ) -> SearchPage:
        """20 titles of a page. Raises BadQuestion for a page that TMDB doesn't give, without asking."""
        if not 1 <= page <= MAX_PAGE:
            raise BadQuestion(f"TMDB has pages 1 to {MAX_PAGE}.")
        parameters = {"query": query, "include_adult": str(include_adult).lower(), "page": str(page)}
        if year is not None and kind in _YEAR:
            parameters[_YEAR[kind]] = str(year)
        return await self._get(f"/search/{kind}", _in(language, parameters), key, SearchPage, deadline)

    async def find(
        self, key: TmdbKey, source: Source, external_id: str, *, deadline: Deadline | None = None
    ) -> Found:
        """The titles that another system's id stands for; none is no error."""
        path = f"/find/{quote(external_id, safe='')}"
        return await self._get(path, {"external_source": source}, key, Found, deadline)

    async def details(
        self,
        key: TmdbKey,
        kind: Kind,
        title_id: int,
        *,
        language: str = "",
        deadline: Deadline | None = None,
    ) -> Details:
        """A title with people, ids, pictures and translations. Raises NothingThere."""
        parameters = {"append_to_response": ",".join(APPENDED)}
        spoken = dict.fromkeys([language.partition("-")[0] or "en", "en", "null"])
        parameters["include_image_language"] = ",".join(spoken)
        return await self._get(f"/{kind}/{title_id}", _in(language, parameters), key, Details, deadline)

    async def seasons(
        self,
        key: TmdbKey,
        title_id: int,
        numbers: Sequence[int],
        *,
        language: str = "",
        deadline: Deadline | None = None,
    ) -> list[Season]:
        """Up to 20 seasons of a series with their episodes; what TMDB hasn't of them is left out."""
        if not 0 < len(numbers) <= MAX_SEASONS:
            raise BadQuestion(f"TMDB tells of 1 to {MAX_SEASONS} seasons at once.")
        names = [f"season/{number}" for number in numbers]
        parameters = _in(language, {"append_to_response": ",".join(names)})
        found = await self._get(f"/tv/{title_id}", parameters, key, dict[str, msgspec.Raw], deadline)
        return [_read(found[name], Season) for name in names if name in found]

    async def _get(
        self,
        path: str,
        parameters: Mapping[str, str],
        key: TmdbKey,
        into: type[T],
        deadline: Deadline | None,
    ) -> T:
        query = urlencode({**parameters, **key.query})
        fetched = await self._fetcher.get(
            f"{self._base_url}{path}?{query}",
            limits=self._limits,
            headers={"Accept": "application/json", **key.headers},
            deadline=deadline,
        )
        _raise_for_status(fetched)
        return _read(fetched.body, into)


def _read(body: bytes | msgspec.Raw, into: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=into)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    # Outside the handler: the library's error quotes what it read.
    raise AnswerUnreadable("TMDB's answer can't be read.")


def _in(language: str, parameters: Mapping[str, str]) -> Mapping[str, str]:
    return {**parameters, "language": language} if language else parameters


def _raise_for_status(fetched: Fetched) -> None:
    status, wait_s = fetched.status, fetched.retry_after_s
    if status == _OK:
        return
    if status in _REFUSED:
        raise KeyRefused("TMDB refuses this key.")
    if status == _MISSING:
        raise NothingThere("TMDB has nothing at that address.")
    if status == _TOO_MANY:
        rest_s = _QUIET_S if wait_s is None else wait_s
        raise TooManyRequests("TMDB was asked too often.", retry_after_s=rest_s)
    if status in _BAD:
        raise BadQuestion("TMDB does not take this question.")
    raise ServiceDown(status, retry_after_s=wait_s)
