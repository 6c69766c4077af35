"""A user's own application at Trakt: what its calls are known by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from libs.protocols.trakt.errors import InvalidCredential

MAX_CREDENTIAL_CHARS: Final = 2000
REDIRECT_URI: Final = "https://trakt.tv"
"""What users enter for their applications: Trakt wants an address, and takes none but of https. A refresh has
to name the same one, though nothing is ever redirected."""
_CREDENTIAL: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class TraktApp:
    """`client_secret` may be empty: Trakt is about to give none to applications of users.

    Raises InvalidCredential, which does not repeat the text.
    """

    client_id: str
    client_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        check_credential(self.client_id)
        if self.client_secret:
            check_credential(self.client_secret)

    @property
    def headers(self) -> Mapping[str, str]:
        return {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "trakt-api-key": self.client_id,
            "trakt-api-version": "2",
        }


def check_credential(text: str) -> str:
    """`text`, if a header can carry it. Raises InvalidCredential."""
    if len(text) > MAX_CREDENTIAL_CHARS or _CREDENTIAL.fullmatch(text) is None:
        raise InvalidCredential("This is nothing that Trakt gives: it has blanks or strange letters.")
    return text
