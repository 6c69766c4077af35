"""The errors of the sync service.

NotFound
├── JobNotFound         404 job_not_found
├── OutgoingNotFound    404 outgoing_not_found
└── AccountNotFound     404 account_not_found
InvalidInput
├── UnknownKind         422 unknown_job_kind
├── AccountNeeded       422 account_needed
├── WebhookInvalid      422 webhook_invalid
└── CursorInvalid       422 cursor_invalid
Forbidden
├── JobForbidden        403 job_forbidden
└── PasswordNeeded      403 password_needed
Conflict
├── AlreadyConnected    409 already_connected
└── LicenceNotAccepted  409 licence_not_accepted
UpstreamFailed
└── ImportFailed        what a job that failed in part says; never an answer
"""

from __future__ import annotations

from libs.common.errors import Conflict, Forbidden, InvalidInput, NotFound, UpstreamFailed


class JobNotFound(NotFound):
    """No such job, or it belongs to another account."""

    code = "job_not_found"


class OutgoingNotFound(NotFound):
    """Nothing of that number waits for its owner to say what becomes of it."""

    code = "outgoing_not_found"


class AccountNotFound(NotFound):
    """No such account at a provider, or it is somebody else's."""

    code = "account_not_found"


class AccountNeeded(InvalidInput):
    """The work is about one account at a provider, and it isn't said which."""

    code = "account_needed"


class WebhookInvalid(InvalidInput):
    """Nothing may be sent to that address."""

    code = "webhook_invalid"


class UnknownKind(InvalidInput):
    """Nothing here does that kind of work."""

    code = "unknown_job_kind"


class CursorInvalid(InvalidInput):
    """The cursor is not one that a former page gave."""

    code = "cursor_invalid"


class JobForbidden(Forbidden):
    """Work for the whole installation, or for somebody else, is the owner's business."""

    code = "job_forbidden"


class PasswordNeeded(Forbidden):
    """An API key may not have what would outlast it."""

    code = "password_needed"
    title = "Sign in with a password"


class AlreadyConnected(Conflict):
    """The profile is connected, and to one account at a time."""

    code = "already_connected"
    title = "It is connected already"

    def __init__(self) -> None:
        super().__init__("Disconnect first to connect another account.")


class LicenceNotAccepted(Conflict):
    """Somebody has to agree to the source's terms first."""

    code = "licence_not_accepted"
    title = "Its licence is not accepted"


class ImportFailed(UpstreamFailed):
    """Some of what was to be imported was not; the text says what and why."""

    code = "import_failed"
