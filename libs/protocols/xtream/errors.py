"""What a panel can say instead of an answer.

    XtreamError                 reason
    ├── LoginRefused            login_refused
    │   ├── CredentialsRefused  credentials_refused  auth 0, 401, or a 404 in JSON
    │   ├── AccountExpired      expired
    │   ├── AccountBanned       banned
    │   └── AccountDisabled     disabled
    ├── Blocked                 blocked              403, or "Blocked" in plain words: the hub itself
    ├── NotAPanel               not_a_panel          a web page, plain words, or JSON of something else
    ├── EmptyAnswer             empty                no byte, or `[]` for an account
    ├── NothingThere            nothing_there        no film or series by that id
    ├── TooManyRequests         too_many_requests    429
    ├── PanelDown               panel_down           any other status
    └── AnswerUnreadable        answer_unreadable    JSON begun and not well ended
        ├── CutShort            cut_short
        └── ItemTooLarge        item_too_large

Everything below HTTP is libs.common.http.FetchError. ``str(error)`` is a sentence for people and holds
neither address nor credentials.
"""

from __future__ import annotations

from typing import ClassVar


class XtreamError(Exception):
    """``is_failure`` and ``is_retryable`` mean what they mean on FetchError."""

    reason: ClassVar[str] = "xtream"
    is_failure: bool = False
    is_retryable: bool = False

    def __init__(self, sentence: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class LoginRefused(XtreamError):
    """Its considered answer, which says nothing about its health."""

    reason = "login_refused"


class CredentialsRefused(LoginRefused):
    reason = "credentials_refused"

    def __init__(self) -> None:
        super().__init__("The panel doesn't know this user name and password.")


class AccountExpired(LoginRefused):
    reason = "expired"

    def __init__(self) -> None:
        super().__init__("The panel says that this account has expired.")


class AccountBanned(LoginRefused):
    reason = "banned"

    def __init__(self) -> None:
        super().__init__("The panel says that this account is banned.")


class AccountDisabled(LoginRefused):
    reason = "disabled"

    def __init__(self) -> None:
        super().__init__("The panel says that this account is disabled.")


class Blocked(XtreamError):
    reason = "blocked"

    def __init__(self) -> None:
        super().__init__("The panel refuses to talk to this hub: its address or its player is blocked.")


class NotAPanel(XtreamError):
    """Mid-way it is a page of maintenance, so it counts as a failure."""

    reason = "not_a_panel"
    is_failure = True


class EmptyAnswer(XtreamError):
    """Panels do that now and then, so it is worth another try."""

    reason = "empty"
    is_failure = True
    is_retryable = True

    def __init__(self) -> None:
        super().__init__("The panel's answer is empty.")


class NothingThere(XtreamError):
    reason = "nothing_there"

    def __init__(self) -> None:
        super().__init__("The panel has nothing by that number.")


class TooManyRequests(XtreamError):
    reason = "too_many_requests"
    is_retryable = True

    def __init__(self, *, retry_after_s: float | None = None) -> None:
        super().__init__("The panel was asked too often.", retry_after_s=retry_after_s)


class PanelDown(XtreamError):
    reason = "panel_down"

    def __init__(self, status: int, *, retry_after_s: float | None = None) -> None:
        super().__init__(f"The panel answered {status}.", retry_after_s=retry_after_s)
        self.status = status
        self.is_failure = status >= 500
        self.is_retryable = status in (502, 503, 504)


class AnswerUnreadable(XtreamError):
    reason = "answer_unreadable"
    is_failure = True


class CutShort(AnswerUnreadable):
    reason = "cut_short"
    is_retryable = True

    def __init__(self) -> None:
        super().__init__("The panel's answer ends in the middle.")


class ItemTooLarge(AnswerUnreadable):
    reason = "item_too_large"

    def __init__(self) -> None:
        super().__init__("One entry of the panel's list is larger than the hub takes.")
