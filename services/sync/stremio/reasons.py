"""Why a Stremio account is not asked, in words that say what can be done about it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

SIGNED_OUT: Final = "signed_out"
CODE_EXPIRED: Final = "code_expired"
UNREADABLE: Final = "unreadable"

TEXTS: Final = MappingProxyType(
    {
        "not_connected": "This profile is not connected to a Stremio account.",
        SIGNED_OUT: (
            "Stremio has ended this sign-in: the password was changed, or all devices were signed out there."
            " Connect again. Nothing that is kept here is lost."
        ),
        CODE_EXPIRED: "The code was not confirmed in time. Start again to get a new one.",
        UNREADABLE: "What was stored about this connection can't be read any more. Connect again.",
    }
)
