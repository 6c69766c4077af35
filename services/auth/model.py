"""Accounts and what they are allowed, with the rules for names and passwords."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from libs.common.contracts.accounts import MAX_NAME_CHARS
from libs.common.contracts.auth import MIN_PASSWORD_CHARS
from libs.common.errors import InvalidInput
from libs.common.identity import Identity
from libs.common.networks import network_of

OWNER = "owner"
MEMBER = "member"
OWNER_TIER = "premium"  # the hub is theirs: no limit of a public instance applies
KEY_TIER = "api"
DEFAULT_PROFILE = "Main"

MAX_USERNAME_CHARS = 64
MAX_CLIENT_CHARS = 200
MAX_PASSWORD_CHARS = 1024  # long enough for any passphrase, short enough to hash a flood of them
MAX_TYPED_CHARS = 4 * MAX_PASSWORD_CHARS
"""A composed character may be typed as several. Sorting the accents of one takes the square of their number:
32 000 of them, which fit a request, hold the loop for half a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as one of its profiles. `role` is "owner", "admin" or "member"."""

    id: str
    username: str
    tier: str
    role: str
    profile_id: str
    profile_name: str
    is_default_profile: bool = True
    password_hash: str = field(default="", repr=False)
    is_disabled: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        return (self.role,)

    @property
    def identity(self) -> Identity:
        return self.identity_by_session("")

    def identity_by_session(self, session_id: str) -> Identity:
        return Identity(self.id, self.profile_id, self.tier, self.roles, session_id=session_id)

    def identity_by_key(self, key_id: str, scopes: tuple[str, ...]) -> Identity:
        """A key that may not administer is a member's, whoever made it."""
        roles = self.roles if "admin" in scopes else (MEMBER,)
        return Identity(self.id, self.profile_id, KEY_TIER, roles, key_id=key_id, scopes=scopes)


@dataclass(frozen=True, slots=True)
class Asker:
    """Where a proof is made: the network, and what the browser or program calls itself, cut to be stored."""

    network: str = ""
    client: str = ""

    @classmethod
    def of(cls, address: str, client: str = "") -> Asker:
        seen = "".join(character if character.isprintable() else " " for character in client)
        return cls(network_of(address), seen[:MAX_CLIENT_CHARS].strip())


@dataclass(frozen=True, slots=True)
class Username:
    """A name as it is shown, and the form in which two names are the same."""

    shown: str
    key: str

    @classmethod
    def of(cls, text: str) -> Username:
        shown = unicodedata.normalize("NFKC", text).strip()
        return cls(shown, unicodedata.normalize("NFKC", shown.casefold()))

    def check(self) -> None:
        """Raise InvalidInput for a name that nobody may choose."""
        if not self.shown:
            raise _refused("username", "Choose a user name.")
        if max(len(self.shown), len(self.key)) > MAX_USERNAME_CHARS:
            raise _too_long("username", "user name", MAX_USERNAME_CHARS)
        if _hides_something(self.shown):
            raise _refused("username", "The user name has a character that can't be seen.")


def shown_name(text: str) -> str:
    """The name of a profile or a key as it is kept. Raises InvalidInput for one that can't be shown."""
    name = unicodedata.normalize("NFKC", text).strip()
    if not name:
        raise _refused("name", "Choose a name.")
    if len(name) > MAX_NAME_CHARS:
        raise _too_long("name", "name", MAX_NAME_CHARS)
    if _hides_something(name):
        raise _refused("name", "The name has a character that can't be seen.")
    return name


def _hides_something(name: str) -> bool:
    """Control, format, private and unassigned characters look like nothing or like another name."""
    return any(unicodedata.category(character).startswith("C") for character in name)


def is_typed(*texts: str) -> bool:
    """Whether somebody may have typed these as a name or a password. Asked before anything is normalised."""
    return all(len(text) <= MAX_TYPED_CHARS for text in texts)


def normal_password(text: str) -> str:
    """The same password whether a keyboard composes its accents or not (RFC 8265, section 4.2.2)."""
    return unicodedata.normalize("NFC", text)


def check_typed(username: str, password: str) -> None:
    """Raise InvalidInput for what nobody typed."""
    if not is_typed(username):
        raise _too_long("username", "user name", MAX_USERNAME_CHARS)
    if not is_typed(password):
        raise _too_long("password", "password", MAX_PASSWORD_CHARS)


def check_chosen(username: str, password: str) -> tuple[Username, str]:
    """The name and the password in their normal forms. Raises InvalidInput for what nobody may choose."""
    check_typed(username, password)
    name, password = Username.of(username), normal_password(password)
    name.check()
    check_password(password, name)
    return name, password


def check_password(password: str, username: Username, *, field_: str = "password") -> None:
    """Raise InvalidInput for a password that nobody may choose."""
    if len(password) < MIN_PASSWORD_CHARS:
        raise _refused(field_, f"The password needs at least {MIN_PASSWORD_CHARS} characters.")
    if len(password) > MAX_PASSWORD_CHARS:
        raise _too_long(field_, "password", MAX_PASSWORD_CHARS)
    if Username.of(password).key == username.key:
        raise _refused(field_, "The password is the user name. Choose another one.")


def _too_long(field_: str, what: str, most: int) -> InvalidInput:
    return _refused(field_, f"The {what} has more than {most} characters.")


def _refused(field_: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={field_: sentence})
