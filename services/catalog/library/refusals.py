"""What is certainly wrong about an account that somebody wants to add; a provider's bad hour is not."""

from __future__ import annotations

from typing import Final

from libs.common.errors import InvalidInput
from libs.common.http import BlockedAddress, InvalidUrl, NameNotFound, UpstreamStatus
from libs.protocols.m3u.errors import Empty, Json, NotAList, OneStream, WebPage
from libs.protocols.xtream.errors import Blocked, CredentialsRefused, EmptyAnswer, NotAPanel
from libs.providers.states import state_of
from services.catalog.errors import NotAProvider, ProviderRefused

_NO_PROVIDER: Final = (
    InvalidUrl,
    BlockedAddress,
    NameNotFound,
    NotAPanel,
    Empty,
    Json,
    NotAList,
    OneStream,
    WebPage,
)
_REFUSED: Final = (CredentialsRefused, Blocked, EmptyAnswer)
"""An account that is over is the provider's, too: it is kept, and works again once it is renewed."""


def refusal_of(error: Exception) -> InvalidInput | None:
    """`error` is one of libs.providers.states.EXPECTED."""
    sentence = state_of(error).problem
    if isinstance(error, _REFUSED):
        return ProviderRefused(sentence, fields={"password": sentence})
    status = error.reason if isinstance(error, UpstreamStatus) else ""
    if status == "refused":
        return ProviderRefused(sentence, fields={"url": sentence})
    if status == "not_found" or isinstance(error, _NO_PROVIDER):
        return NotAProvider(sentence, fields={"url": sentence})
    return None
