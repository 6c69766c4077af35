"""What can't be done about an import.

NotFound
└── ImportNotFound      404 import_not_found
InvalidInput
└── FileUnusable        422 file_unusable
Conflict
├── ImportBusy          409 import_busy
└── TooManyImports      409 too_many_imports
"""

from __future__ import annotations

from libs.common.errors import Conflict, InvalidInput, NotFound


class ImportNotFound(NotFound):
    """The profile has no such import."""

    code = "import_not_found"


class FileUnusable(InvalidInput):
    """Nothing can be taken from the file; the text says why."""

    code = "file_unusable"
    title = "The file can't be used"


class ImportBusy(Conflict):
    """What is wanted does not fit how far the import is; the text says what does."""

    code = "import_busy"


class TooManyImports(Conflict):
    """A profile has so many imports that are applied; one has to be undone first."""

    code = "too_many_imports"
