"""Who may ask what."""

from __future__ import annotations

import pytest

from libs.common.identity import ANONYMOUS, Identity
from tests.streaming.hub import OWNER, Streaming


@pytest.mark.parametrize(
    ("path", "identity", "status"),
    [
        ("/internal/stremio/stream/movie/tt1.json", OWNER, 403),
        ("/internal/stremio/stream/movie/tt1.json", ANONYMOUS, 403),
        ("/api/v1/streams/movie/tt1", OWNER, 200),
        ("/api/v1/streams/movie/tt1", ANONYMOUS, 401),
        ("/livez", ANONYMOUS, 200),
        ("/readyz", ANONYMOUS, 200),
    ],
)
async def test_access(service: Streaming, path: str, identity: Identity, status: int) -> None:
    assert (await service.raw(path, identity=identity)).status == status
