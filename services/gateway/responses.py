"""The response cache: whole answers of inner services kept per question, with the lives they state."""

from collections.abc import Awaitable, Callable

from libs.common.cache import Cache, Entry, Lives, Loaded, Lookup
from libs.common.contracts.client import RawAnswer
from libs.common.contracts.problems import error_from_problem
from services.gateway.answer_counts import CACHE_HEADER, PARTIAL_HEADER
from services.gateway.model import CacheControl, parse_cache_control, without_lives

PARTIAL_FRESH_S = 30
"""An answer that lacks a source must not hide that source for long once it is back."""
NOT_FOUND_FRESH_S = 5
"""Saves a player's repeated question from being a repeated fan-out; short, as the title may appear."""
SHOWN_S = 300
"""The services keep answers for hours, and renew or complete them meanwhile: so long may that go unseen."""
STALE_S = "stale_s"
"""The member of an entry's info that says for how long a player may show it while asking again."""
AGE_S = "age_s"
"""How old the answer was when it came."""


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
    stated = _stated(answer)
    lives = _lives(answer.status, stated, is_partial=bool(partial))
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
            STALE_S: "0" if partial else str(stated.stale_s),
            AGE_S: str(stated.age_s),
        },
        store=lives is not None,
        # The services shorten their lives at random; here once more, what they state would not hold.
        spread=False,
    )


def _stated(answer: RawAnswer) -> CacheControl:
    control = ", ".join(answer.headers.getall("Cache-Control", []))
    stated = parse_cache_control(control, answer.headers.get("Age", ""))
    return stated if answer.status == 200 else CacheControl(storable=False)


def _lives(status: int, stated: CacheControl, *, is_partial: bool) -> Lives | None:
    """The lives here. None means: not to be stored."""
    if status == 404:
        return Lives(fresh_s=NOT_FOUND_FRESH_S)
    if not stated.storable:
        return None
    if is_partial:
        return Lives(fresh_s=min(stated.fresh_s, PARTIAL_FRESH_S))
    # What it would have been fresh for beyond that, it may still stand in for a service that is away.
    fresh_s = min(stated.fresh_s, SHOWN_S)
    return Lives(fresh_s=fresh_s, error_s=stated.error_s + stated.fresh_s - fresh_s if stated.error_s else 0)
