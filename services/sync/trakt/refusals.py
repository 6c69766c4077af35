"""Why Trakt is not asked, or did not do something, in words that say what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from libs.common.contracts.connections import Said

NOT_CONNECTED: Final = "not_connected"
WAITING: Final = "waiting"
SIGNED_OUT: Final = "signed_out"
APP_REFUSED: Final = "app_refused"
ACCOUNT_LOCKED: Final = "account_locked"
ACCOUNT_CLOSED: Final = "account_closed"
VIP_ONLY: Final = "vip_only"
UNREADABLE: Final = "unreadable"
CODE_EXPIRED: Final = "code_expired"
LIMIT_REACHED: Final = "limit_reached"
AWAY: Final = "away"
DOUBTED: Final = "doubted"

TEXTS: Final = MappingProxyType(
    {
        NOT_CONNECTED: "This profile is not connected to Trakt.",
        WAITING: "The code has not been entered at Trakt yet.",
        "code_denied": "The request was declined at Trakt. Start again if that was a mistake.",
        CODE_EXPIRED: "The code was not entered in time. Start again to get a new one.",
        "code_used": "This code was used already. Start again to get a new one.",
        "code_unknown": "Trakt does not know this code any more. Start again to get a new one.",
        SIGNED_OUT: (
            "Trakt has ended this sign-in: it was taken back there, or ran out. Connect again. Nothing that"
            " is kept here is lost."
        ),
        APP_REFUSED: (
            "Trakt refuses the application. It may be gone, or not approved: Trakt lets VIP members alone"
            " have applications of their own, and lets a free account connect to one community application"
            " only. Look at your applications at Trakt, then try again, or connect with another client ID."
        ),
        ACCOUNT_LOCKED: (
            "Trakt has locked this account. Ask Trakt's support to open it, then try again here. Nothing"
            " that is kept here is lost."
        ),
        ACCOUNT_CLOSED: "This account at Trakt was closed. Connect another one, or disconnect.",
        VIP_ONLY: (
            "Trakt does this for VIP members only, so it is not asked any more. Everything here goes on"
            " without it. Try again once the account is a VIP's."
        ),
        UNREADABLE: "What was stored about this connection can't be read any more. Connect again.",
        AWAY: (
            "Trakt could not be asked the last time. It is asked again by itself; what is kept here stays as"
            " it is meanwhile."
        ),
        DOUBTED: (
            "Trakt says nothing more of much that it told before. That is not believed at once: it is asked"
            " again an hour later, and what is kept here stays as it is until then."
        ),
        LIMIT_REACHED: (
            "The account at Trakt is full: it may hold no more entries of some list, and something was not"
            " taken. Make room there, or raise the limit with VIP; here nothing is missing."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing can be asked for this profile until its owner has done something. `text` is for people."""

    code: str

    @property
    def text(self) -> str:
        return TEXTS[self.code]


def said(code: str) -> Said | None:
    """None for no code."""
    return Said(code, TEXTS.get(code, "Trakt refused this.")) if code else None
