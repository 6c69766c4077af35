"""What can't be done about a connection to Trakt.

NotFound
└── ConnectionNotFound  404 connection_not_found
InvalidInput
└── TraktAppRefused     422 trakt_app_refused
Conflict
└── ConnectionRefused   409 connection_refused
UpstreamFailed
└── TraktAway           502 trakt_away
"""

from __future__ import annotations

from libs.common.errors import Conflict, InvalidInput, NotFound, UpstreamFailed


class ConnectionNotFound(NotFound):
    """The profile has no such connection."""

    code = "connection_not_found"


class TraktAppRefused(InvalidInput):
    """Trakt does not take the client id or the secret."""

    code = "trakt_app_refused"


class ConnectionRefused(Conflict):
    """The connection can't be used until its owner has done something; the text says what."""

    code = "connection_refused"
    title = "The connection is refused"


class TraktAway(UpstreamFailed):
    """Trakt does not answer, or answers nothing that can be used."""

    code = "trakt_away"
