"""Accounts, keys, sessions and what happened to them, in words people use."""

from collections.abc import Sequence

ROLE_WORDS = {"owner": "Owner", "admin": "Administrator", "member": "Member"}
TIER_WORDS = {"anonymous": "Anonymous", "free": "Free", "premium": "Premium", "api": "API"}
SCOPE_WORDS = {"read": "may look", "write": "may change", "admin": "may administer"}

AUDIT_WORDS = {
    "owner_created": "The owner was created",
    "account_created": "An account was created",
    "registered": "Registered",
    "role_changed": "A role was changed",
    "tier_changed": "A tier was changed",
    "password_reset": "A password was set by an administrator",
    "account_disabled": "An account was disabled",
    "account_enabled": "An account was enabled",
    "account_deleted": "An account was deleted",
    "signed_in": "Signed in",
    "signed_out": "Signed out",
    "login_refused": "A sign-in was refused",
    "password_changed": "The password was changed",
    "session_ended": "A sign-in was ended from elsewhere",
    "other_sessions_ended": "All other sign-ins were ended",
    "refresh_refused": "A renewal of a sign-in was refused",
    "refresh_token_reused": "A used-up token came back: its sign-in was ended",
    "profile_created": "A profile was added",
    "profile_renamed": "A profile was renamed",
    "profile_deleted": "A profile was deleted",
    "profile_selected": "Switched profile",
    "api_key_created": "An API key was made",
    "api_key_revoked": "An API key was revoked",
    "invitation_created": "Somebody was invited",
    "invitation_withdrawn": "An invitation was withdrawn",
    "invitation_refused": "An invitation was refused",
    "install_token_created": "A Stremio address was made",
    "install_token_rotated": "The Stremio address was replaced",
    "player_login_created": "A login for IPTV apps was made",
    "player_login_rotated": "The password for IPTV apps was replaced",
    "signing_key_created": "A signing key was made",
}

SUBJECT_WORDS = {"web": "in a browser", "api": "by a program"}

BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""In the order to look for them: most of these also claim to be those after them."""

SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)
MAX_CLIENT_CHARS = 60


def role_words(role: str) -> str:
    return ROLE_WORDS.get(role, role)


def tier_words(tier: str) -> str:
    return TIER_WORDS.get(tier, tier)


def scope_words(scopes: Sequence[str]) -> str:
    return ", ".join(SCOPE_WORDS.get(scope, scope) for scope in scopes) or "may do nothing"


def audit_words(action: str) -> str:
    return AUDIT_WORDS.get(action) or action.replace("_", " ").capitalize()


def subject_words(subject: str) -> str:
    return SUBJECT_WORDS.get(subject, subject)


def client_words(client: str) -> str:
    """A browser's long self-description as its name and system; a program's as it is, cut."""
    browser = next((word for sign, word in BROWSERS if sign in client), "")
    system = next((word for sign, word in SYSTEMS if sign in client), "")
    if browser:
        return f"{browser} on {system}" if system else browser
    return client[:MAX_CLIENT_CHARS] or "Unknown client"
