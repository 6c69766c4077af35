"""What catalog knows of names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, Literal, Protocol

import msgspec

from libs.common.clock import Clock
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.names import MAX_NAME_CHARS, MOST_NAMES, NameAsked, NamesAsked, NamesClient
from libs.common.contracts.names import Called as TitleCalled
from libs.common.deadline import Deadline
from libs.common.errors import NotFound
from libs.common.identity import Identity
from libs.protocols.stremio.reading import text

WITHIN_S: Final = 20.0
FILM: Final = "movie"
_YEAR: Final = re.compile(r"(?:18|19|20)[0-9]{2}")


class Called(Protocol):
    """A name as a file has it."""

    @property
    def type(self) -> Literal["movie", "series"]: ...

    @property
    def title(self) -> str: ...

    @property
    def year(self) -> int | None: ...


class KnownNames:
    """Asks for any number of them, some at a time."""

    def __init__(self, client: NamesClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def __call__(self, names: Sequence[Called]) -> list[str | None]:
        """Raises HeadgateError."""
        known: list[str | None] = []
        for start in range(0, len(names), MOST_NAMES):
            batch = names[start : start + MOST_NAMES]
            asked = tuple(NameAsked(one.type, one.title[:MAX_NAME_CHARS], one.year) for one in batch)
            found = await self._client.known(
                NamesAsked(asked), deadline=Deadline.after(self._clock, WITHIN_S)
            )
            known += found.items
        return known


class TitleNames:
    """What a title of IMDb is called, by IMDb's data. Without these, the addons of whoever asks tell the year
    of a film; their name for it says nothing of sources, which may be named in another language."""

    def __init__(self, names: NamesClient, catalog: CatalogClient) -> None:
        self._names = names
        self._catalog = catalog

    async def of(self, identity: Identity, type_: str, title_id: str, *, deadline: Deadline) -> TitleCalled:
        """Raises HeadgateError."""
        called = await self._names.called(title_id, deadline=deadline)
        if called.names or type_ != FILM:
            return called
        try:
            page = await self._catalog.title(identity, type_, title_id, deadline=deadline)
            meta = msgspec.json.decode(page.meta, type=dict[str, Any])
        except (NotFound, msgspec.MsgspecError):
            return called
        return TitleCalled(year=_year(meta))


def _year(meta: dict[str, Any]) -> int | None:
    told = (text(meta.get(member)) for member in ("releaseInfo", "year", "released"))
    years = (_YEAR.match(said) for said in told if said)
    return next((int(found[0]) for found in years if found), None)
