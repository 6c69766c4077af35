"""What auth refuses, beside the errors every service shares.

Conflict
├── AlreadySetUp         409 already_set_up     the owner exists
├── NameTaken            409 name_taken         somebody has that user name
├── TooMany              409 too_many           as many as there may be are there
├── LastProfile          409 default_profile    the default profile stays as long as its account
└── NoSession            409 no_session         an API key has no session that could go on as another profile
Forbidden
├── OwnerProtected       403 owner_protected    the owner is changed by nobody else and never removed
├── OwnAccount           403 own_account        what nobody may do to the account they are signed in with
├── AccountDisabled      403 account_disabled   said only to who knows the password
├── RegistrationClosed   403 registration_closed
├── InvitationRefused    403 invitation_refused unknown, used, expired or withdrawn
└── KeyRefused           403 password_needed    an API key may not leave another way in behind
InvalidInput
└── WrongPassword        422 wrong_password     the present one, for a new one or the end of the account
Unauthenticated
├── WrongCredentials     401 wrong_credentials  never says which of the two was wrong
└── RefreshRefused       401 refresh_refused    unknown, expired, used before, or signed out
RateLimited
└── TooManyLogins        429 too_many_logins
"""

from __future__ import annotations

from libs.common.errors import Conflict, Forbidden, InvalidInput, RateLimited, Unauthenticated


class AlreadySetUp(Conflict):
    code = "already_set_up"
    title = "Already set up"

    def __init__(self) -> None:
        super().__init__("This hub has its owner already. Sign in instead.")


class NameTaken(Conflict):
    code = "name_taken"
    title = "That name is taken"

    def __init__(self) -> None:
        sentence = "Somebody has that user name already. Choose another one."
        super().__init__(sentence, fields={"username": sentence})


class TooMany(Conflict):
    code = "too_many"
    title = "There are too many"

    def __init__(self, what: str, most: int) -> None:
        super().__init__(f"There are {most} {what} already, which is the most. Remove one first.")


class LastProfile(Conflict):
    code = "default_profile"
    title = "This profile stays"

    def __init__(self) -> None:
        super().__init__("The default profile can't be deleted. Rename it instead.")


class NoSession(Conflict):
    code = "no_session"
    title = "There is no session"

    def __init__(self) -> None:
        super().__init__("Only a session can go on as another profile. An API key belongs to one profile.")


class OwnerProtected(Forbidden):
    code = "owner_protected"
    title = "The owner stays the owner"

    def __init__(self, detail: str = "The owner's account can't be changed or removed here.") -> None:
        super().__init__(detail)


class OwnAccount(Forbidden):
    code = "own_account"
    title = "Not to your own account"


class AccountDisabled(Forbidden):
    code = "account_disabled"
    title = "This account is switched off"

    def __init__(self) -> None:
        super().__init__("This account is switched off. Ask the administrator of this hub.")


class RegistrationClosed(Forbidden):
    code = "registration_closed"
    title = "Registration is closed"

    def __init__(self) -> None:
        super().__init__("Nobody can register at this hub. Ask its administrator for an account.")


class InvitationRefused(Forbidden):
    code = "invitation_refused"
    title = "This invitation doesn't work"

    def __init__(self) -> None:
        super().__init__("An invitation is needed that was neither used nor withdrawn and has not expired.")


class KeyRefused(Forbidden):
    code = "password_needed"
    title = "Sign in with a password"

    def __init__(self) -> None:
        super().__init__("An API key may not do this. Sign in with a name and a password.")


class WrongPassword(InvalidInput):
    code = "wrong_password"
    title = "Wrong password"

    def __init__(self, field: str = "current_password") -> None:
        sentence = "The present password is wrong."
        super().__init__(sentence, fields={field: sentence})


class WrongCredentials(Unauthenticated):
    code = "wrong_credentials"
    title = "Not signed in"

    def __init__(self) -> None:
        super().__init__("The user name or the password is wrong.")


class RefreshRefused(Unauthenticated):
    """`account_id` is whose family the refusal ended, if it ended one."""

    code = "refresh_refused"
    title = "Sign in again"

    def __init__(self, account_id: str = "") -> None:
        self.account_id = account_id
        super().__init__("The refresh token doesn't work any more. Sign in again.")


class TooManyLogins(RateLimited):
    code = "too_many_logins"
    title = "Too many attempts"

    def __init__(self, retry_after_s: float) -> None:
        minutes = max(1, round(retry_after_s / 60))
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"Too many wrong passwords. Wait {wait} and try again.", retry_after_s=retry_after_s)
