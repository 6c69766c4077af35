"""The response cache: whole answers of inner services kept per question, with the lives they state."""

from collections.abc import Awaitable, Callable

from libs.common.cache import Cache, Entry, Lives, Loaded, Lookup
from libs.common.contracts.client import RawAnswer
from libs.common.contracts.problems import error_from_problem
from services.gateway.answer_counts import CACHE_HEADER, PARTIAL_HEADER
from services.gateway.model import parse_cache_control, without_lives

PARTIAL_FRESH_S = 30
"""An answer that lacks a source must not hide that source for long once it is back."""
NOT_FOUND_FRESH_S = 5
"""Saves a player's repeated question from being a repeated fan-out; short, as the title may appear."""
STALE_S = "stale_s"
"""The member of an entry's info that says for how long a player may show it while asking again."""


class ResponseCache:
    """Fail-open: a cache that is away means the inner service is asked each time.

    The inner services keep answers too and renew their stale ones behind the asker's back. Here an answer
    that is over its time is asked for again, a millisecond away: kept stale in both places, the first two
    questions after its end would be answered with what is old.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def peek(self, key: str) -> Entry | None:
        """A fresh entry in this process's memory, without waiting."""
        return self._cache.peek(key)

    async def get(self, key: str, fetch: Callable[[], Awaitable[RawAnswer]], *, account_id: str) -> Lookup:
        """The answer from memory or from `fetch`, asked once however many wait.

        Raises what the inner service answered with a 5xx, unless an older answer may stand in.
        """

        async def load() -> Loaded:
            return loaded(await fetch(), account_id)

        return await self._cache.get_or_load(key, load)

    async def forget_account(self, account_id: str) -> None:
        await self._cache.invalidate(account_tag(account_id))


def account_tag(account_id: str) -> str:
    return f"account:{account_id}"


def loaded(answer: RawAnswer, account_id: str) -> Loaded:
    """An inner answer with the lives it may have here."""
    if answer.status >= 500:
        raise error_from_problem(answer.status, answer.body, answer.headers.get("Retry-After"))
    partial = answer.headers.get(PARTIAL_HEADER, "")
    lives, stale_s = _lives(answer, is_partial=bool(partial))
    return Loaded(
        without_lives(answer.body) if answer.status == 200 else answer.body,
        lives if lives is not None else Lives(fresh_s=0),
        tags=(account_tag(account_id),),
        info={
            "status": str(answer.status),
            "content_type": answer.headers.get("Content-Type", "application/json"),
            "partial": partial,
            # An inner cache may have answered with something old; the player is told.
            "inner": answer.headers.get(CACHE_HEADER, ""),
            STALE_S: str(stale_s),
        },
        store=lives is not None,
        # The services shorten their lives at random; here once more, what they state would not hold.
        spread=False,
    )


def _lives(answer: RawAnswer, *, is_partial: bool) -> tuple[Lives | None, int]:
    """The lives here (None means: not to be stored), and for how long players may show it while asking."""
    if answer.status == 404:
        return Lives(fresh_s=NOT_FOUND_FRESH_S), 0
    stated = parse_cache_control(", ".join(answer.headers.getall("Cache-Control", [])))
    if answer.status != 200 or not stated.storable:
        return None, 0
    if is_partial:
        return Lives(fresh_s=min(stated.fresh_s, PARTIAL_FRESH_S)), 0
    return Lives(fresh_s=stated.fresh_s, error_s=stated.error_s), stated.stale_s
