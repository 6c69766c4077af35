"""What can go wrong with a provider, as a run takes it: whether it may pass, and whether to ask on at all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from libs.common.contracts.library import ProviderStatus
from libs.common.http import BlockedAddress, BodyTooLarge, FetchError, UpstreamStatus
from libs.protocols.m3u.errors import ListBroken
from libs.protocols.xtream.errors import Blocked, LoginRefused, TooManyRequests, XtreamError
from libs.providers.states import state_by_reason, state_of
from services.sync.reading.order import Subject, Tally

_TOO_MANY = 429
_REFUSED = frozenset({401, 403})
_FAMILIES: Final[Mapping[Subject, type[XtreamError | ListBroken]]] = MappingProxyType(
    {"channels": XtreamError, "movies": XtreamError, "series": XtreamError, "list": ListBroken}
)
"""Whose reasons the reading process tells. What is wrong with a guide says nothing of the account."""


class Trouble(Exception):
    """A part of a run did not go well; the text is for people. `ends`: nothing more is to be asked now.

    `status` is what it says of the account, if anything.
    """

    def __init__(
        self,
        sentence: str,
        *,
        may_pass: bool = False,
        ends: bool = False,
        after_s: float = 0.0,
        status: ProviderStatus | None = None,
    ) -> None:
        super().__init__(sentence)
        self.may_pass = may_pass
        self.ends = ends
        self.after_s = after_s
        self.status = status


def of_panel(error: XtreamError) -> Trouble:
    state = state_of(error)
    return Trouble(
        state.problem,
        may_pass=error.is_failure or error.is_retryable,
        ends=isinstance(error, LoginRefused | Blocked | TooManyRequests),
        after_s=error.retry_after_s or 0.0,
        status=state.status,
    )


def of_fetch(error: FetchError) -> Trouble:
    status, state = error.status if isinstance(error, UpstreamStatus) else 0, state_of(error)
    return Trouble(
        state.problem,
        may_pass=(error.is_failure or error.is_retryable) and not isinstance(error, BodyTooLarge),
        ends=status in {_TOO_MANY, *_REFUSED} or isinstance(error, BlockedAddress),
        after_s=error.retry_after_s or 0.0,
        status=state.status,
    )


def of_tally(tally: Tally, subject: Subject) -> Trouble:
    """Of a list that was read and isn't one, or isn't whole."""
    if not tally.done:
        return Trouble("The reading stopped midway.", may_pass=True)
    family = _FAMILIES.get(subject)
    state = None if family is None else state_by_reason(family, tally.broken, tally.sentence)
    return Trouble(
        tally.sentence if state is None else state.problem,
        may_pass=tally.may_pass,
        ends=tally.is_refusal or tally.broken == Blocked.reason,
        status=None if state is None else state.status,
    )
