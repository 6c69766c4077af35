"""Wire shapes of the gateway's own REST endpoints."""

import msgspec

from libs.common.contracts.accounts import InvitationCode, Typed


class AccountShown(msgspec.Struct, frozen=True):
    id: str
    username: str
    roles: tuple[str, ...]


class ProfileShown(msgspec.Struct, frozen=True):
    id: str
    name: str


class XtreamShown(msgspec.Struct, frozen=True):
    """What to type into an IPTV app."""

    url: str
    username: str
    password: str


class PlayerAddresses(msgspec.Struct, frozen=True, kw_only=True):
    """What IPTV apps want: three things to type, or one address to paste."""

    xtream: XtreamShown
    m3u_url: str
    xmltv_url: str


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in and what to paste into players; null where this hub does not serve that kind yet, and
    for an API key that may only look: an address of players outlives the key."""

    account: AccountShown
    profile: ProfileShown
    tier: str
    stremio_url: str | None
    xtream: XtreamShown | None = None
    m3u_url: str | None = None
    xmltv_url: str | None = None


class InstallAddress(msgspec.Struct, frozen=True):
    stremio_url: str


class RefreshToken(msgspec.Struct, frozen=True):
    refresh_token: str


class RegistrationWanted(msgspec.Struct, frozen=True, kw_only=True):
    """`invitation` is a code that an administrator made."""

    username: Typed
    password: Typed
    invitation: InvitationCode | None = None


class PasswordTyped(msgspec.Struct, frozen=True, kw_only=True):
    password: Typed


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True):
    current_password: Typed
    new_password: Typed
