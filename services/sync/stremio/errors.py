"""What can't be done about a Stremio account.

NotFound
├── PlanNotFound            404 plan_not_found
└── BackupNotFound          404 backup_not_found
InvalidInput
└── StremioLoginRefused     422 stremio_login_refused
Conflict
├── StremioNotConnected     409 stremio_not_connected
├── StremioUnreadable       409 stremio_unreadable
├── NothingToChange         409 nothing_to_change
├── PlanOver                409 plan_over
└── OtherAccount            409 other_stremio_account
UpstreamFailed
└── StremioAway             502 stremio_away
"""

from __future__ import annotations

from libs.common.errors import Conflict, InvalidInput, NotFound, UpstreamFailed


class PlanNotFound(NotFound):
    """The profile has no such plan."""

    code = "plan_not_found"


class BackupNotFound(NotFound):
    """The profile has no such backup."""

    code = "backup_not_found"


class StremioLoginRefused(InvalidInput):
    """Stremio does not know the address or the password."""

    code = "stremio_login_refused"


class StremioNotConnected(Conflict):
    """No account can be asked; the text says why."""

    code = "stremio_not_connected"
    title = "No Stremio account is connected"


class StremioUnreadable(Conflict):
    """What is stored was sealed with another key, or is damaged."""

    code = "stremio_unreadable"
    title = "What is stored can't be read"


class NothingToChange(Conflict):
    """The list at Stremio is as it would become."""

    code = "nothing_to_change"
    title = "There is nothing to change"


class PlanOver(Conflict):
    """It was applied or refused, or another one is under way."""

    code = "plan_over"
    title = "This can't be applied"


class OtherAccount(Conflict):
    """It is about another account at Stremio than the one that is connected."""

    code = "other_stremio_account"
    title = "It belongs to another Stremio account"


class StremioAway(UpstreamFailed):
    """Stremio does not answer, or answers nothing that can be used."""

    code = "stremio_away"
