"""What the gateway itself refuses.

HeadgateError
├── PathRefused               400 path_refused
├── IdempotencyKeyInvalid     400 idempotency_key_invalid
├── LoopDetected              508 loop_detected
├── InvalidInput
│   └── IdempotencyKeyReused  422 idempotency_key_reused
├── Conflict
│   └── IdempotencyKeyInUse   409 idempotency_key_in_use
├── Forbidden
│   ├── Blocked               403 blocked
│   └── InsufficientScope     403 insufficient_scope
├── Unauthenticated
│   └── UnknownPlayerLogin    401 unknown_player_login
├── RateLimited
│   ├── QuotaExceeded         429 quota_exceeded
│   └── TooManyLists          429 too_many_lists
└── NotFound
    ├── NoImage               404 no_image
    └── UnknownAddress        404 unknown_install_token
"""

from libs.common.errors import (
    PROBLEM_TYPES,
    Conflict,
    Forbidden,
    HeadgateError,
    InvalidInput,
    NotFound,
    RateLimited,
    Unauthenticated,
)
from libs.common.hops import LOOP_CODE


class PathRefused(HeadgateError):
    """A path that means something else further in: dot segments, NUL, or too long to be honest."""

    status = 400
    code = "path_refused"
    title = "This address is refused"


class LoopDetected(HeadgateError):
    """This hub asked itself, straight or through another hub: answering would ask again, for ever."""

    status = 508
    code = LOOP_CODE
    title = "This hub is asking itself"


class IdempotencyKeyInvalid(HeadgateError):
    """More than one key, or one that is no key."""

    status = 400
    code = "idempotency_key_invalid"
    title = "The idempotency key is not valid"


class IdempotencyKeyReused(InvalidInput):
    """The key belongs to another request; to answer with that one's answer would be wrong."""

    code = "idempotency_key_reused"
    title = "This idempotency key belongs to another request"


class IdempotencyKeyInUse(Conflict):
    """The first request under this key has no answer yet that could be repeated."""

    code = "idempotency_key_in_use"
    title = "The first request with this idempotency key is not done"


class InsufficientScope(Forbidden):
    """An API key is used for what it was not made for."""

    code = "insufficient_scope"
    title = "The API key may not do this"


class NoImage(NotFound):
    """An address that no image is under was asked for as one, which a page does for whoever filled it."""

    code = "no_image"
    is_flood = True
    title = "There is no image at this address"


class UnknownAddress(NotFound):
    """The token is not, or no longer, an install token."""

    code = "unknown_install_token"
    title = "This addon address is not known"


class UnknownPlayerLogin(Unauthenticated):
    """The user name and password are not, or no longer, those of a profile's players."""

    code = "unknown_player_login"
    title = "This login for players is not known"


class QuotaExceeded(RateLimited):
    """The caller has used up what its tier grants; `violated-policies` names what refuses."""

    code = "quota_exceeded"
    type_uri = f"{PROBLEM_TYPES}#quota-exceeded"


class TooManyLists(RateLimited):
    code = "too_many_lists"
    title = "Too many lists at once"


class Blocked(Forbidden):
    """The client's network sent too many refused requests, or somebody blocked it by hand."""

    code = "blocked"
    is_flood = True
    title = "Your network is blocked for a while"
