"""The errors of the sync service.

NotFound
└── JobNotFound         404 job_not_found
InvalidInput
├── UnknownKind         422 unknown_job_kind
└── CursorInvalid       422 cursor_invalid
Forbidden
└── JobForbidden        403 job_forbidden
"""

from __future__ import annotations

from libs.common.errors import Forbidden, InvalidInput, NotFound


class JobNotFound(NotFound):
    """No such job, or it belongs to another account."""

    code = "job_not_found"


class UnknownKind(InvalidInput):
    """Nothing here does that kind of work."""

    code = "unknown_job_kind"


class CursorInvalid(InvalidInput):
    """The cursor is not one that a former page gave."""

    code = "cursor_invalid"


class JobForbidden(Forbidden):
    """Work for the whole installation, or for somebody else, is the owner's business."""

    code = "job_forbidden"
