"""What may be chosen about how a profile's players are shown IMDb's ratings."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity

RatingPlace = Literal["before", "after"]

MAX_TEMPLATE_CHARS = 40
MAX_SEPARATOR_CHARS = 10
MAX_MINIMUM_VOTES = 10_000_000

_PLAIN = r"[^{}\u0000-\u001f]*"
_END = r"$(?!\n)"
"""For Python a text also ends before its last line break."""
_VOTES = rf"(\{{votes\}}{_PLAIN})?"

RatingTemplate: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        max_length=MAX_TEMPLATE_CHARS,
        pattern=rf"^{_PLAIN}{_VOTES}\{{rating\}}{_PLAIN}{_VOTES}{_END}",
        examples=["★ {rating} ({votes})"],
    ),
]
"""`{rating}` is needed, `{votes}` may stand before or after it; there are no others."""

RatingSeparator: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        max_length=MAX_SEPARATOR_CHARS, pattern=r"^[^\u0000-\u0009\u000b-\u001f]*$", examples=[" · "]
    ),
]


class RatingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where ratings are put. Absent members are as they are for whoever has chosen nothing.

    `rows`, `titles` and `episodes` say what gets a rating; what fewer than `minimum_votes` people rated does
    not. `name` and `description` also write it into these texts, for players that show it nowhere else:
    filled into `template`, it stands before or after the text, with the `separator` between. A name with a
    rating in it is what players search, sort and remember.
    """

    rows: bool = True
    titles: bool = True
    episodes: bool = True
    name: bool = False
    description: bool = False
    template: RatingTemplate = "★ {rating}"
    separator: RatingSeparator = " · "
    place: RatingPlace = "after"
    minimum_votes: Annotated[int, msgspec.Meta(ge=0, le=MAX_MINIMUM_VOTES, examples=[20])] = 0


def with_rating(text: str, rating: float, votes: int, how: RatingSettings) -> str:
    """The text as players are shown it; where there is none, the rating alone."""
    written = how.template.replace("{rating}", f"{rating:.1f}").replace("{votes}", f"{votes:,}")
    if not text:
        return written
    return how.separator.join((written, text) if how.place == "before" else (text, written))


PATH = "/api/v1/settings/ratings"


class RatingSettingsClient:
    """Typed calls about a profile's own settings."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def get(self, identity: Identity, *, deadline: Deadline) -> RatingSettings:
        return await self._service.call(
            "GET", PATH, identity=identity, deadline=deadline, into=RatingSettings
        )

    async def put(
        self, identity: Identity, settings: RatingSettings, *, deadline: Deadline
    ) -> RatingSettings:
        return await self._service.call(
            "PUT", PATH, identity=identity, deadline=deadline, body=settings, into=RatingSettings
        )
