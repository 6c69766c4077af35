"""A list of addons at Stremio, as plans find it and leave it."""

from __future__ import annotations

from libs.common.contracts.stremio_account import PlanView
from tests.fakes.stremio_api import Account, descriptor
from tests.sync.stremio.parts import ANNA, BASE, Parts, owner_of

HERS = owner_of(ANNA)
OWN = f"{BASE}/stremio/token-anna-p/manifest.json"
CINEMETA = "https://cinemeta.example/manifest.json"
ONE, TWO, THREE = (f"https://{name}.example/key-{name}/manifest.json" for name in ("one", "two", "three"))
LOCAL = "http://127.0.0.1:11470/local-addon/manifest.json"


async def with_addons(parts: Parts, account: Account) -> Parts:
    """Connected, with Stremio's own addons before, between and behind three others."""
    account.addons = [
        descriptor(CINEMETA, official=True, protected=True, name="Cinemeta"),
        descriptor(ONE, name="One"),
        descriptor(LOCAL, official=True, protected=True, name="Local files"),
        descriptor(TWO, name="Two"),
        descriptor(THREE, name="Three"),
    ]
    await parts.connect()
    return parts


def urls(account: Account) -> list[str]:
    return [addon["transportUrl"] for addon in account.addons]


def changes(plan: PlanView) -> list[tuple[str, str]]:
    return [(line.name, line.change) for line in plan.lines]
