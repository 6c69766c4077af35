"""Accounts at a panel, put over REST."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tests.catalog.hub import Catalog
from tests.fakes.panel.panel import FakePanel

PATH = "/api/v1/xtream-accounts"


async def add(catalog: Catalog, panel: FakePanel, **changes: object) -> Any:
    body = {"url": panel.url, "username": "u1", "password": "p1", **changes}
    answer = await catalog.send("POST", PATH, body)
    assert answer.status == 201, answer.body
    return msgspec.json.decode(answer.body)


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("catalog.db*"))


async def refused(catalog: Catalog, body: object, path: str = PATH) -> tuple[int, str, str]:
    answer = await catalog.send("POST", path, body)
    problem = msgspec.json.decode(answer.body)
    return answer.status, problem["code"], problem["detail"]
