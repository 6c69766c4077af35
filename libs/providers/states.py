"""What a provider's answer, or its silence, says about an account there: one sentence, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from libs.common.contracts.handover import ProviderState
from libs.common.contracts.library import ProviderStatus
from libs.common.http import (
    BlockedAddress,
    FetchError,
    InvalidUrl,
    NameNotFound,
    TimedOut,
    TlsFailed,
    Unreachable,
    UpstreamStatus,
)
from libs.common.resilience import BreakerOpen, LimitExceeded, UpstreamResting
from libs.protocols.m3u.errors import Corrupt, ListBroken, TooLarge, Truncated
from libs.protocols.xtream.account import Account
from libs.protocols.xtream.errors import (
    AccountBanned,
    AccountDisabled,
    AccountExpired,
    AnswerUnreadable,
    Blocked,
    CredentialsRefused,
    EmptyAnswer,
    NotAPanel,
    NothingThere,
    PanelDown,
    TooManyRequests,
    XtreamError,
)

NOT_ASKED: Final = (BreakerOpen, UpstreamResting, LimitExceeded)
EXPECTED: Final = (FetchError, XtreamError, ListBroken, *NOT_ASKED)
"""Everything a provider may do to us; anything else is a mistake of ours and stays what it is."""

_LATER = "It is asked again by itself."
_ADDRESS = "Check the address, and whether it is the panel's own or that of a shop or a player."

_BY_KIND: Final[tuple[tuple[type[Exception] | tuple[type[Exception], ...], ProviderStatus, str], ...]] = (
    (CredentialsRefused, "refused", "{} Check both as the provider wrote them, capital letters too."),
    (AccountExpired, "expired", "{} Renew it at the provider; what it had is kept meanwhile."),
    (AccountBanned, "banned", "{} Ask the provider why; too many players at once is the usual reason."),
    (AccountDisabled, "disabled", "{} Ask the provider to enable it."),
    (
        Blocked,
        "refused",
        "{} Some say so of a wrong user name or password, too. Check both, then ask the provider whether"
        " it blocks servers.",
    ),
    (
        EmptyAnswer,
        "unreadable",
        "{} Some panels refuse a wrong user name or password so. Check both; if they are right, try again"
        " in a minute.",
    ),
    (NotAPanel, "unreadable", f"{{}} {_ADDRESS}"),
    (TooManyRequests, "unreachable", f"{{}} It is left alone for a while. {_LATER}"),
    (PanelDown, "unreachable", f"{{}} {_LATER}"),
    (AnswerUnreadable, "unreadable", f"{{}} {_LATER}"),
    (NothingThere, "unreadable", f"{{}} {_LATER}"),
    ((Truncated, Corrupt), "unreadable", f"{{}} {_LATER}"),
    (TooLarge, "unreadable", "{} Ask the provider for an address of fewer channels."),
    (ListBroken, "unreadable", "{} Check the address: it has to be that of an M3U list."),
    ((InvalidUrl, BlockedAddress), "refused", "{}"),
    (
        NameNotFound,
        "unreachable",
        "{} Check the address for a slip, or ask the provider for the current one.",
    ),
    (TlsFailed, "unreachable", "{} Check whether the address begins with http:// instead of https://."),
    ((TimedOut, Unreachable), "unreachable", f"{{}} {_LATER}"),
    (
        NOT_ASKED,
        "unreachable",
        f"The provider did not answer just now, so it is left alone for a while. {_LATER}",
    ),
    (Exception, "unreachable", f"{{}} {_LATER}"),
)
"""The first that fits counts; the braces are what the error itself says."""

_BY_STATUS: Final[tuple[tuple[str, ProviderStatus, str], ...]] = (
    ("refused", "refused", "{} The list's address may be out of date, or the account at the provider over."),
    ("not_found", "refused", "{} Check the address, or ask the provider for the current one."),
)


def state_of(error: Exception) -> ProviderState:
    """What to say of an account whose provider answered so. `error` is one of EXPECTED."""
    if isinstance(error, UpstreamStatus):
        for reason, status, sentence in _BY_STATUS:
            if error.reason == reason:
                return ProviderState(status=status, problem=sentence.format(error))
    return _state(type(error), str(error))


def state_by_reason(family: type[XtreamError | ListBroken], reason: str, sentence: str) -> ProviderState:
    """The same of an error that another process met, which tells its `reason` and its sentence."""
    cause = next((one for one in _classes(family) if one.reason == reason), family)
    return _state(cause, sentence)


def _classes(family: type[XtreamError | ListBroken]) -> Iterator[type[XtreamError | ListBroken]]:
    yield family
    for narrower in family.__subclasses__():
        yield from _classes(narrower)


def _state(kind: type[Exception], told: str) -> ProviderState:
    for cause, status, sentence in _BY_KIND:
        if issubclass(kind, cause):
            return ProviderState(status=status, problem=sentence.format(told))
    raise AssertionError("the last kind is every error")


def state_told(account: Account) -> ProviderState:
    """What to say of an account that the panel lets in."""
    return ProviderState(
        status="active",
        expires_at=account.expires_at,
        max_connections=account.max_connections,
        formats=account.formats,
        zone=account.clock.zone,
    )
