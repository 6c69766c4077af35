"""Changes to the addons of a Stremio account, in words people use."""

from collections.abc import Mapping
from typing import Final

from libs.common.contracts.stremio_account import Change, PlanAction, PlanState

ACTIONS: Final[Mapping[PlanAction, tuple[str, str]]] = {
    "move": (
        "Move your addons into Headgate",
        "Your addons go on in Headgate, in their order, and its one addon stands in their place at Stremio.",
    ),
    "push": (
        "Bring Headgate's addon up to date",
        "Stremio gets the rows and the address that this hub's addon has now. Nothing else changes.",
    ),
    "undo": (
        "Undo the last change",
        "Your list at Stremio becomes what it was before. What you added there since stays, at its end.",
    ),
    "restore": (
        "Bring a former list back",
        "Your list at Stremio becomes what it was at that time. Headgate's own list stays as it is.",
    ),
}
"""What a change is called, and what it does."""

DID: Final[Mapping[PlanAction, str]] = {
    "move": "Addons moved into Headgate",
    "push": "Headgate's addon brought up to date",
    "undo": "The last change undone",
    "restore": "A former list brought back",
}
STATES: Final[Mapping[PlanState, tuple[str, str]]] = {
    "planned": ("off", "Not made yet"),
    "applying": ("slow", "Being made"),
    "applied": ("ok", "Made"),
    "refused": ("failing", "Not made"),
    "interrupted": ("slow", "Interrupted"),
    "undone": ("off", "Made, and undone since"),
}
"""The state's short name, as styled, and what it says."""

CHANGES: Final[tuple[tuple[Change, str, str], ...]] = (
    ("added", "Comes to Stremio", "Added"),
    ("updated", "Changes at Stremio", "Updated"),
    ("taken", "Leaves Stremio and goes on in Headgate", "Taken over"),
    ("removed", "Leaves Stremio", "Removed"),
    ("kept", "Stays at Stremio as it is", "Kept"),
)
"""In the order in which they matter: what the group is called, and what a line of it says."""


def what_of(action: PlanAction, state: PlanState) -> str:
    """What a change did, or would do."""
    return DID[action] if state in {"applied", "undone"} else ACTIONS[action][0]
