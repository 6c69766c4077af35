"""What a database call raises, the same on both engines.

HeadgateError
├── Conflict
│   └── UniqueViolation       a unique index or primary key already holds that value
├── ConstraintViolation       any other constraint: a wrong reference, a null, a failed check
└── Unavailable
    └── DatabaseUnavailable   gone, busy for too long, full or damaged; the statement had no effect
"""

from __future__ import annotations

from libs.common.errors import Conflict, HeadgateError, Unavailable


class UniqueViolation(Conflict):
    """`constraint` is what the engine names: an index on PostgreSQL, `table.column` on SQLite."""

    code = "already_exists"
    title = "That already exists"

    def __init__(self, constraint: str) -> None:
        super().__init__("Something with the same name or address is already there.")
        self.constraint = constraint


class ConstraintViolation(HeadgateError):
    """A statement broke a rule of the schema, which is a mistake of the program: an opaque 500 outside."""


class DatabaseUnavailable(Unavailable):
    """The database can't serve now; the same call may succeed later."""

    code = "database_unavailable"
    title = "The database is not available"
