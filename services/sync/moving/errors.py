"""What can't be done about a file that somebody took along.

NotFound
└── MoveNotFound        404 move_not_found
InvalidInput
├── PassphraseNeeded    422 passphrase_needed
└── WrongPassphrase     422 wrong_passphrase
"""

from __future__ import annotations

from libs.common.errors import InvalidInput, NotFound


class MoveNotFound(NotFound):
    """The account has no such import."""

    code = "move_not_found"


class PassphraseNeeded(InvalidInput):
    """Addresses and passwords in the file are sealed."""

    code = "passphrase_needed"
    title = "A passphrase is needed"


class WrongPassphrase(InvalidInput):
    """What is sealed in the file does not open with it."""

    code = "wrong_passphrase"
    title = "The passphrase does not open the file"
